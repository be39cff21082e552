// Every op of this package, for engines, readers of files and laws.
import type { Op } from '@lacuna/ir';
import { absolute } from './pointwise/absolute.js';
import { add } from './pointwise/add.js';
import { argmax } from './reductions/argmax.js';
import { averagePool } from './images/averagepool.js';
import { batchMatmul } from './products/batchmatmul.js';
import { biasAdd } from './pointwise/biasadd.js';
import { broadcast } from './pointwise/broadcastto.js';
import { clamp } from './pointwise/clamp.js';
import { concatenate } from './moves/concatenate.js';
import { conv2d } from './products/conv2d.js';
import { conv2dFilter } from './products/conv2dfilter.js';
import { convTranspose2d } from './products/convtranspose2d.js';
import { cumulativeSum } from './reductions/cumulativesum.js';
import { densify } from './sparsity/densify.js';
import { depthToSpace } from './images/depthtospace.js';
import { divide } from './pointwise/divide.js';
import { dropout } from './pointwise/dropout.js';
import { embedding } from './moves/embedding.js';
import { erf } from './pointwise/erf.js';
import { exp } from './pointwise/exp.js';
import { gather } from './moves/gather.js';
import { gelu } from './pointwise/gelu.js';
import { layerNorm } from './norms/layernorm.js';
import { leakyRelu } from './pointwise/leakyrelu.js';
import { linear } from './products/linear.js';
import { log } from './pointwise/log.js';
import { logSoftmax } from './reductions/logsoftmax.js';
import { matmul } from './products/matmul.js';
import { max } from './reductions/max.js';
import { maximum } from './pointwise/maximum.js';
import { maxPool } from './images/maxpool.js';
import { mean } from './reductions/mean.js';
import { minimum } from './pointwise/minimum.js';
import { multiply } from './pointwise/multiply.js';
import { pad } from './moves/pad.js';
import { poolIndices } from './images/poolindices.js';
import { power } from './pointwise/power.js';
import { prelu } from './pointwise/prelu.js';
import { relu } from './pointwise/relu.js';
import { relu6 } from './pointwise/relu6.js';
import { reshape } from './moves/reshape.js';
import { resizeBilinear } from './images/resize.js';
import { restrict } from './sparsity/restrict.js';
import { rmsNorm } from './norms/rmsnorm.js';
import { rsqrt } from './pointwise/rsqrt.js';
import { scale } from './pointwise/scale.js';
import { scatterAdd } from './moves/scatteradd.js';
import { sigmoid } from './pointwise/sigmoid.js';
import { sign } from './pointwise/sign.js';
import { silu } from './pointwise/silu.js';
import { slice } from './moves/slice.js';
import { softmax } from './reductions/softmax.js';
import { sparseSoftmax } from './reductions/sparsesoftmax.js';
import { sqrt } from './pointwise/sqrt.js';
import { squeeze } from './moves/squeeze.js';
import { stopGradient } from './pointwise/stopgradient.js';
import { subtract } from './pointwise/subtract.js';
import { sum } from './reductions/sum.js';
import { sumTo } from './reductions/sumto.js';
import { tanh } from './pointwise/tanh.js';
import { topIndices } from './reductions/topindices.js';
import { transpose } from './moves/transpose.js';
import { where } from './pointwise/where.js';

/** Every op, products first. */
export const ops: readonly Op[] = Object.freeze([
  linear,
  matmul,
  batchMatmul,
  conv2d,
  convTranspose2d,
  conv2dFilter,
  add,
  subtract,
  multiply,
  divide,
  maximum,
  minimum,
  where,
  biasAdd,
  scale,
  power,
  absolute,
  sign,
  clamp,
  relu,
  relu6,
  leakyRelu,
  prelu,
  gelu,
  silu,
  sigmoid,
  tanh,
  erf,
  exp,
  log,
  sqrt,
  rsqrt,
  softmax,
  logSoftmax,
  sparseSoftmax,
  layerNorm,
  rmsNorm,
  sum,
  sumTo,
  mean,
  max,
  cumulativeSum,
  argmax,
  topIndices,
  maxPool,
  averagePool,
  poolIndices,
  resizeBilinear,
  depthToSpace,
  embedding,
  gather,
  scatterAdd,
  dropout,
  stopGradient,
  pad,
  slice,
  concatenate,
  reshape,
  squeeze,
  transpose,
  broadcast,
  densify,
  restrict,
]);
