// maximum: the larger of two elements, stretched to one shape; NaN travels.
import type { Op } from '@lacuna/ir';
import { extreme } from './extreme.js';

/**
 * `maximum(a, b)` with NumPy's broadcasting.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { maximum } from '@lacuna/ops';
 * const [a, b] = [assemble(dense(), [2], [1, 9]), assemble(dense(), [1], [3])];
 * maximum.spec.reference([a, b], {}); // Float64Array [3, 9]
 * ```
 */
export const maximum: Op = extreme('maximum', true);
