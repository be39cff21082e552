export { Random, seedFor } from './random.js';
export {
  Broken,
  claim,
  printFailure,
  runLaw,
  tryCase,
  type Failure,
  type Law,
  type LawOptions,
} from './law.js';
export * from './numbers.js';
export { randomPlace, randomSample, randomTensor, type Place, type Sample } from './sample.js';
export { codecLaws, smallest } from './codecs.js';
export { layoutLaws } from './layouts.js';
export { compositionLaws, type Composing } from './compositions.js';
export { quantisedLaws, valueCodec, valueCodecLaws, type ValueCodec } from './quantised.js';
export { boundOf, claimWithin, firstOutside, gamma, halfSteps, type Bound } from './bound.js';
export {
  randomCall,
  wordsOf,
  type CallOptions,
  type Case,
  type CaseMaker,
  type Fill,
  type OpCall,
} from './call.js';
export { cases } from './cases.js';
export { opLaws } from './ops.js';
export { gradientLaws, gradientsOf } from './gradients.js';
export { carried } from './carry.js';
export { backwardLaws, type BackwardSubject, type Differentiate } from './backward.js';
export { runLaws, type Run, type RunSubject } from './run.js';
export { placesOf } from './places.js';
export { launch, type Launched } from './launch.js';
export { kernelLaws } from './kernels.js';
export { threadLaws } from './threads.js';
export { sparsifierLaws, type SparsifierOptions } from './sparsifiers.js';
export { backendLaws } from './backends.js';
export { changeLaws } from './changes.js';
