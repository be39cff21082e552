// Every kernel of this backend.
import type { WebgpuKernel } from '../kernel.js';
import { anyFamily, anyTurned } from './any.js';
import type { Arithmetic } from './arithmetic.js';
import { batchMatmulKernel } from './batchmatmul.js';
import { bcsrFamily } from './bcsr.js';
import { bitmaskFamily } from './bitmask.js';
import { choiceKernels } from './choices.js';
import { compressKernel } from './compress.js';
import { conv2dKernels } from './conv2d.js';
import { conv2dFilterKernels } from './conv2dfilter.js';
import { convertKernels } from './convert.js';
import { convTransposeKernels } from './convtranspose2d.js';
import { denseFamily } from './dense.js';
import { expandKernels } from './expand.js';
import { functionKernels } from './functions.js';
import { fusedKernel } from './fused.js';
import { halfProducts } from './halfproducts.js';
import { lookupKernels } from './lookup.js';
import { maskKernels } from './masks.js';
import { moveKernels } from './move.js';
import { nmgFamily } from './nmg.js';
import { normKernels } from './norms.js';
import { planeKernels } from './planes.js';
import { pointwiseKernels } from './pointwise.js';
import { products } from './products.js';
import { rankKernels } from './ranks.js';
import { reduceKernels } from './reduce.js';
import { sampledKernel } from './sampled.js';
import { softmaxKernels } from './softmax.js';
import { sparseSoftmaxKernels } from './sparsesoftmax.js';
import { csrFamily, ellFamily, nmFamily } from './streams.js';
import { vnmFamily } from './vnm.js';
import { walkFamily, walkTurned } from './walk.js';

const families = [
  denseFamily,
  csrFamily,
  bcsrFamily,
  nmgFamily,
  nmFamily,
  ellFamily,
  bitmaskFamily,
  vnmFamily,
  anyFamily,
  anyTurned,
  walkFamily,
  walkTurned,
];

/** Products in arithmetic of 16 bits, of every family that has them. */
export const halfKernels = (arithmetic: Arithmetic): readonly WebgpuKernel[] =>
  families.flatMap((family) => halfProducts(family, arithmetic));

/** Products of every family, convolutions, planes, sums, pointwise, moves, conversions. */
export const kernels: readonly WebgpuKernel[] = Object.freeze([
  ...families.flatMap(products),
  sampledKernel,
  batchMatmulKernel,
  ...conv2dKernels,
  ...convTransposeKernels,
  ...conv2dFilterKernels,
  ...planeKernels,
  ...reduceKernels,
  ...softmaxKernels,
  ...sparseSoftmaxKernels,
  ...normKernels,
  ...rankKernels,
  ...pointwiseKernels,
  ...functionKernels,
  fusedKernel,
  ...choiceKernels,
  ...maskKernels,
  ...lookupKernels,
  ...moveKernels,
  ...convertKernels,
  compressKernel,
  ...expandKernels,
]);
