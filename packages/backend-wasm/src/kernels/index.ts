// Every kernel of this backend.
import type { WasmKernel } from '../kernel.js';
import { batchKernels } from './batch.js';
import { bcsrFamily } from './bcsr.js';
import { columnKernels } from './columns.js';
import { convertKernels } from './convert.js';
import { conv2dKernels } from './conv2d.js';
import { csrFamily } from './csr.js';
import { denseFamily } from './dense.js';
import { lookupKernels } from './lookup.js';
import { moveKernels } from './move.js';
import { nmFamily } from './nm.js';
import { nmgFamily } from './nmg.js';
import { normKernels } from './norm.js';
import { planeKernels } from './planes.js';
import { pointwiseKernels } from './pointwise.js';
import { products } from './products.js';
import { reduceKernels } from './reduce.js';

/** Products of every family, convolutions, planes, pointwise, moves. */
export const kernels: readonly WasmKernel[] = Object.freeze([
  ...[denseFamily, csrFamily, bcsrFamily, nmgFamily, nmFamily].flatMap(products),
  ...convertKernels,
  ...conv2dKernels,
  ...planeKernels,
  ...pointwiseKernels,
  ...moveKernels,
  ...batchKernels,
  ...columnKernels,
  ...reduceKernels,
  ...normKernels,
  ...lookupKernels,
]);
