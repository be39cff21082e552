export * from './error.js';
export * from './stamp.js';
export * from './dtype.js';
export { axisSize, dimName, type Axis } from './axis.js';
export * from './level.js';
export * from './codec.js';
export { codecBytes, decodeGroups, encodeGroups, stepsOf } from './quantise.js';
export * from './encoded.js';
export * from './layout.js';
export * from './format.js';
export * from './buffers.js';
export * from './pattern.js';
export * from './room.js';
export * from './walk.js';
export * from './entries.js';
export * from './assemble.js';
export { assignedPattern, fillPattern } from './assign.js';
export * from './derive.js';
export * from './convert.js';
export { blockRowsOf, type BlockRows } from './blockrows.js';
export * from './check.js';
export * from './descriptor.js';
export * from './dense.js';
export * from './tensor.js';
export * from './op.js';
export * from './gradient.js';
export * from './emit.js';
export * from './epilogue.js';
export * from './rule.js';
export * from './sparsifier.js';
export {
  parseBackward,
  printBackward,
  printCall,
  withBackward,
  type Backward,
} from './backward.js';
export * from './graph.js';
export * from './kernel.js';
export * from './backend.js';
export * from './plugin.js';
