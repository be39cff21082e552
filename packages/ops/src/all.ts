// Every op of this package, for engines, readers of files and laws.
import type { Op } from '@lacuna/ir';
import { absolute } from './absolute.js';
import { add } from './add.js';
import { argmax } from './argmax.js';
import { averagePool } from './averagepool.js';
import { batchMatmul } from './batchmatmul.js';
import { biasAdd } from './biasadd.js';
import { broadcast } from './broadcastto.js';
import { clamp } from './clamp.js';
import { concatenate } from './concatenate.js';
import { conv2d } from './conv2d.js';
import { conv2dFilter } from './conv2dfilter.js';
import { convTranspose2d } from './convtranspose2d.js';
import { cumulativeSum } from './cumulativesum.js';
import { densify } from './densify.js';
import { depthToSpace } from './depthtospace.js';
import { divide } from './divide.js';
import { dropout } from './dropout.js';
import { embedding } from './embedding.js';
import { erf } from './erf.js';
import { exp } from './exp.js';
import { gather } from './gather.js';
import { gelu } from './gelu.js';
import { layerNorm } from './layernorm.js';
import { leakyRelu } from './leakyrelu.js';
import { linear } from './linear.js';
import { log } from './log.js';
import { logSoftmax } from './logsoftmax.js';
import { matmul } from './matmul.js';
import { max } from './max.js';
import { maximum } from './maximum.js';
import { maxPool } from './maxpool.js';
import { mean } from './mean.js';
import { minimum } from './minimum.js';
import { multiply } from './multiply.js';
import { pad } from './pad.js';
import { poolIndices } from './poolindices.js';
import { power } from './power.js';
import { prelu } from './prelu.js';
import { relu } from './relu.js';
import { relu6 } from './relu6.js';
import { reshape } from './reshape.js';
import { resizeBilinear } from './resize.js';
import { restrict } from './restrict.js';
import { rmsNorm } from './rmsnorm.js';
import { rsqrt } from './rsqrt.js';
import { scale } from './scale.js';
import { scatterAdd } from './scatteradd.js';
import { sigmoid } from './sigmoid.js';
import { sign } from './sign.js';
import { silu } from './silu.js';
import { slice } from './slice.js';
import { softmax } from './softmax.js';
import { sparseSoftmax } from './sparsesoftmax.js';
import { sqrt } from './sqrt.js';
import { squeeze } from './squeeze.js';
import { subtract } from './subtract.js';
import { sum } from './sum.js';
import { sumTo } from './sumto.js';
import { tanh } from './tanh.js';
import { topIndices } from './topindices.js';
import { transpose } from './transpose.js';
import { where } from './where.js';

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
