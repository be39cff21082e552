export * from './keep.js';
export * from './magnitude.js';
export * from './threshold.js';
export * from './random.js';
export * from './blocks.js';
export * from './nm.js';
export * from './nmg.js';
