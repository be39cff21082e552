export { activate, activations, type Activation } from './products/activation.js';
export { slide, type Padding, type Pair, type Slide } from './products/window.js';
export { linear, type LinearAttrs } from './products/linear.js';
export { matmul, type MatmulAttrs } from './products/matmul.js';
export { conv2d, type Conv2dAttrs } from './products/conv2d.js';
export { add } from './pointwise/add.js';
export { multiply } from './pointwise/multiply.js';
export { biasAdd, type BiasAddAttrs } from './pointwise/biasadd.js';
export { relu } from './pointwise/relu.js';
export { relu6 } from './pointwise/relu6.js';
export { sigmoid } from './pointwise/sigmoid.js';
export { prelu } from './pointwise/prelu.js';
export { pad, type PadAttrs } from './moves/pad.js';
export type { PoolAttrs } from './images/pool.js';
export { maxPool } from './images/maxpool.js';
export { averagePool } from './images/averagepool.js';
export { resizeBilinear, taps, type ResizeBilinearAttrs, type Taps } from './images/resize.js';
export { depthToSpace, type DepthToSpaceAttrs } from './images/depthtospace.js';
export { concatenate, type ConcatenateAttrs } from './moves/concatenate.js';
export { mean, type MeanAttrs } from './reductions/mean.js';
export { reshape, type ReshapeAttrs } from './moves/reshape.js';
export { squeeze, type SqueezeAttrs } from './moves/squeeze.js';
export { transpose, type TransposeAttrs } from './moves/transpose.js';
export { compress } from './sparsity/compress.js';
export { densify } from './sparsity/densify.js';
export { restrict } from './sparsity/restrict.js';
export { broadcast, type BroadcastAttrs } from './pointwise/broadcastto.js';
export { sumTo, type SumToAttrs } from './reductions/sumto.js';
export { reducedDims, type Axes } from './reductions/reduce.js';
export { sum, type SumAttrs } from './reductions/sum.js';
export { sign } from './pointwise/sign.js';
export {
  formula,
  fused,
  type Formula,
  type FusedAttrs,
  type FusedStep,
} from './pointwise/fused.js';
export { scale, type ScaleAttrs } from './pointwise/scale.js';
export { stopGradient } from './pointwise/stopgradient.js';
export { subtract } from './pointwise/subtract.js';
export { absolute } from './pointwise/absolute.js';
export { exp } from './pointwise/exp.js';
export { log } from './pointwise/log.js';
export { sqrt } from './pointwise/sqrt.js';
export { rsqrt } from './pointwise/rsqrt.js';
export { power, type PowerAttrs } from './pointwise/power.js';
export { tanh } from './pointwise/tanh.js';
export { erf } from './pointwise/erf.js';
export { gelu, type GeluAttrs } from './pointwise/gelu.js';
export { silu } from './pointwise/silu.js';
export { leakyRelu, type LeakyReluAttrs } from './pointwise/leakyrelu.js';
export { clamp, type ClampAttrs } from './pointwise/clamp.js';
export { divide } from './pointwise/divide.js';
export { maximum } from './pointwise/maximum.js';
export { minimum } from './pointwise/minimum.js';
export { where } from './pointwise/where.js';
export { max } from './reductions/max.js';
export { variance, type VarianceOptions } from './reductions/variance.js';
export { softmax, type SoftmaxAttrs } from './reductions/softmax.js';
export { logSoftmax } from './reductions/logsoftmax.js';
export { sparseSoftmax } from './reductions/sparsesoftmax.js';
export type { NormAttrs } from './norms/normalise.js';
export { layerNorm } from './norms/layernorm.js';
export { rmsNorm } from './norms/rmsnorm.js';
export {
  batchNorm,
  batchNormTrain,
  type BatchNormOptions,
  type BatchNormResult,
} from './norms/batchnorm.js';
export { groupNorm, type GroupNormOptions } from './norms/groupnorm.js';
export { embedding } from './moves/embedding.js';
export { gather, type GatherAttrs } from './moves/gather.js';
export { scatterAdd, type ScatterAddAttrs } from './moves/scatteradd.js';
export { slice, type SliceAttrs } from './moves/slice.js';
export { cumulativeSum, type CumulativeSumAttrs } from './reductions/cumulativesum.js';
export { topIndices, type TopIndicesAttrs } from './reductions/topindices.js';
export { topK, type Top } from './reductions/topk.js';
export { argmax, type ArgmaxAttrs } from './reductions/argmax.js';
export { dropout, type DropoutAttrs } from './pointwise/dropout.js';
export { batchMatmul, batchSizes, type BatchMatmulAttrs } from './products/batchmatmul.js';
export { outer } from './products/outer.js';
export { conv1d, type Conv1dOptions } from './products/conv1d.js';
export { convTranspose2d, type ConvTranspose2dAttrs } from './products/convtranspose2d.js';
export { conv2dFilter, type Conv2dFilterAttrs } from './products/conv2dfilter.js';
export { poolIndices } from './images/poolindices.js';
export { crossEntropy, meanSquaredError } from './reductions/losses.js';
export {
  attention,
  sampledMatmul,
  sparseAttention,
  type AttentionOptions,
} from './products/attention.js';
export { gruCell, lstmCell, type CellWeights, type LstmState } from './products/cells.js';
export {
  gradientPruned,
  mask,
  masked,
  prune,
  type GradientPrunedAttrs,
  type MaskedAttrs,
  type PruneAttrs,
  type PruneStep,
} from './sparsity/prune.js';
export { ops } from './all.js';
