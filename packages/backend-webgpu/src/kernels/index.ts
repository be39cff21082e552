// Every kernel of this backend.
import type { WebgpuKernel } from '../kernel.js';
import { bcsrFamily } from './bcsr.js';
import { bitmaskFamily } from './bitmask.js';
import { denseFamily } from './dense.js';
import { nmgFamily } from './nmg.js';
import { products } from './products.js';
import { csrFamily, ellFamily, nmFamily } from './streams.js';

/** Products of every family. */
export const kernels: readonly WebgpuKernel[] = Object.freeze(
  [denseFamily, csrFamily, bcsrFamily, nmgFamily, nmFamily, ellFamily, bitmaskFamily].flatMap(
    products,
  ),
);
