// minimum: the smaller of two elements, stretched to one shape; NaN travels.
import type { Op } from '@lacuna/ir';
import { extreme } from './extreme.js';

/**
 * `minimum(a, b)` with NumPy's broadcasting.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { minimum } from '@lacuna/ops';
 * const [a, b] = [assemble(dense(), [2], [1, 9]), assemble(dense(), [1], [3])];
 * minimum.spec.reference([a, b], {}); // Float64Array [1, 3]
 * ```
 */
export const minimum: Op = extreme('minimum', false);
