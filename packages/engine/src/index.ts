export * from './engine.js';
export { Compiled, type StepReport } from './compiled.js';
export type { FallbackPolicy } from './eager.js';
export type { EngineEvent, Listener } from './events.js';
export * from './passes/choose.js';
export * from './passes/place.js';
export * from './passes/plan.js';
export * from './passes/shapes.js';
