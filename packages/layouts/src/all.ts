// Every layout of this package and dense, to parse and load formats by name.
import { dense, type Layout } from '@lacuna/ir';
import { bcsr } from './bcsr.js';
import { bitmask } from './bitmask.js';
import { butterflyFactor } from './butterfly.js';
import { coo } from './coo.js';
import { csc } from './csc.js';
import { csr } from './csr.js';
import { dcsr } from './dcsr.js';
import { delta } from './delta.js';
import { diagonal } from './diagonal.js';
import { ell } from './ell.js';
import { maskedDense } from './masked.js';
import { nm } from './nm.js';
import { nmg } from './nmg.js';
import { panels } from './panels.js';
import { rcsr } from './rcsr.js';
import { vnm } from './vnm.js';

/**
 * Every layout that comes with Lacuna.
 *
 * @example
 * ```ts
 * import { parseFormat } from '@lacuna/ir';
 * import { layouts } from '@lacuna/layouts';
 * parseFormat('nmg(2,4,8)', layouts).params.g; // 8
 * ```
 */
export const layouts: readonly Layout[] = Object.freeze([
  dense,
  csr,
  csc,
  dcsr,
  coo,
  bcsr,
  bitmask,
  ell,
  nm,
  nmg,
  vnm,
  delta,
  rcsr,
  diagonal,
  butterflyFactor,
  maskedDense,
  panels,
]);
