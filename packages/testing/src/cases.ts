// Case makers by op: what the laws of ops and kernels are tried on.
import type { Op } from '@lacuna/ir';
import {
  add,
  averagePool,
  biasAdd,
  concatenate,
  conv2d,
  depthToSpace,
  linear,
  matmul,
  maxPool,
  mean,
  multiply,
  pad,
  prelu,
  relu,
  relu6,
  reshape,
  resizeBilinear,
  sigmoid,
  squeeze,
  transpose,
} from '@lacuna/ops';
import type { CaseMaker } from './call.js';
import { biasAddCase, binaryCase, preluCase, sumCase, unaryCase } from './cases/elements.js';
import { depthToSpaceCase, poolCase, resizeCase } from './cases/images.js';
import { conv2dCase, linearCase, matmulCase } from './cases/products.js';
import {
  concatenateCase,
  meanCase,
  padCase,
  reshapeCase,
  squeezeCase,
  transposeCase,
} from './cases/shapes.js';

/** How random calls of each op of `@lacuna/ops` are made. */
export const cases: ReadonlyMap<Op, CaseMaker> = new Map<Op, CaseMaker>([
  [linear, linearCase],
  [matmul, matmulCase],
  [conv2d, conv2dCase],
  [add, sumCase],
  [multiply, binaryCase],
  [biasAdd, biasAddCase],
  [relu, unaryCase],
  [relu6, unaryCase],
  [sigmoid, unaryCase],
  [prelu, preluCase],
  [pad, padCase],
  [maxPool, poolCase],
  [averagePool, poolCase],
  [resizeBilinear, resizeCase],
  [depthToSpace, depthToSpaceCase],
  [concatenate, concatenateCase],
  [mean, meanCase],
  [reshape, reshapeCase],
  [squeeze, squeezeCase],
  [transpose, transposeCase],
]);
