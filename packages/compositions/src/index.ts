export * from './composition.js';
export * from './expand.js';
export * from './numbers.js';
export * from './butterflies.js';
export * from './file.js';
export * from './linked.js';
