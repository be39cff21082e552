export { randomOf, type Random } from './random.js';
export { constant, he, xavier, type Initial } from './initialise.js';
export { withParameters, type Model, type Parameters, type Pass } from './model.js';
export { type Inputs } from './inputs.js';
export { mlp } from './mlp.js';
export { constantRate, cosineRate, stepRate, warmUp, type Rate } from './rate.js';
export { onStored, type OnStored, type Optimiser, type Update, type Updated } from './optimiser.js';
export { sgd, type SgdOptions } from './sgd.js';
export { adam, adamW, type AdamOptions } from './adam.js';
export { clipped, normOf } from './clip.js';
export { batchesOf, rowsOf, type Batches, type Data } from './data.js';
export { type GradientRule, type IntermediateRule, type Rule, type WeightRule } from './rules.js';
export { type RuleNames, type Said, type Words } from './words.js';
export { readRules, writeRules } from './ruletext.js';
export {
  pruneAt,
  type Prunable,
  type Pruned,
  type SparseValue,
  type SparseWeight,
  type Sparsity,
} from './sparsity.js';
export { packed, sparsifyModel, type SparseModel, type SparsifyOptions } from './sparsify.js';
export { type Moments } from './state.js';
export { type Loss } from './step.js';
export { Trainer, type TrainerOptions } from './trainer.js';
export {
  readCheckpoint,
  restored,
  writeCheckpoint,
  type Checkpoint,
  type Place,
} from './checkpoint.js';
export { type Progress } from './progress.js';
export {
  fit,
  takeSteps,
  type FitOptions,
  type Hook,
  type Fitted,
  type Run,
  type RunOptions,
} from './fit.js';
export { accuracy, deploy, evaluate, type Deployed } from './inference.js';
export { sad, srSte, watchMasks, type MaskWatch, type SrSteOptions } from './methods/srste.js';
export { pruneAndGrow, rewired, type GrowthOptions } from './methods/growth.js';
export { spp, type SppModel, type SppOptions } from './methods/spp.js';
export { averageModels } from './methods/average.js';
export { proximal, type ProximalOptions } from './methods/proximal.js';
export { autoSparse, type AutoSparseModel, type AutoSparseOptions } from './methods/autosparse.js';
export { halvings, maskDecay, structureDecay, type FlowOptions } from './methods/gradientflow.js';
export { shrinkSmallest, softShrinkage, type ShrinkageOptions } from './methods/shrinkage.js';
