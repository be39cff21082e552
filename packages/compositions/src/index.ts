export * from './composition.js';
export { compose, expand, type ComposeAttrs } from './expand.js';
export * from './numbers.js';
export * from './butterflies.js';
export * from './file.js';
export * from './linked.js';
