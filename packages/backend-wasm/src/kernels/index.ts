// Every kernel of this backend.
import type { WasmKernel } from '../kernel.js';
import { batchKernels } from './batch.js';
import { bcsrFamily, bcsrTurned } from './bcsr.js';
import { columnKernels } from './columns.js';
import { compressKernels } from './compress.js';
import { anyFamily, anyTurned, csrTurned } from './compressed.js';
import { convertKernels } from './convert.js';
import { conv2dKernels } from './conv2d.js';
import { csrFamily } from './csr.js';
import { denseFamily } from './dense.js';
import { lookupKernels } from './lookup.js';
import { mergedFamily } from './merged.js';
import { moveKernels } from './move.js';
import { nmFamily, nmTurned } from './nm.js';
import { nmgFamily, nmgTurned } from './nmg.js';
import { normKernels } from './norm.js';

import { planeKernels } from './planes.js';
import { pointwiseKernels } from './pointwise.js';
import { products } from './products.js';
import { reduceKernels } from './reduce.js';
import { sampledKernels } from './sampled.js';

/** Products of every family, convolutions, planes, pointwise, moves. */
export const kernels: readonly WasmKernel[] = Object.freeze([
  ...[denseFamily, csrFamily, bcsrFamily, nmgFamily, nmFamily, mergedFamily, anyFamily].flatMap(
    products,
  ),
  ...[csrTurned, bcsrTurned, nmgTurned, nmTurned, anyTurned].flatMap(products),
  ...sampledKernels,
  ...convertKernels,
  ...compressKernels,
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
