export { reference, type ReferenceOptions } from './backend.js';
export { HostBlock, HostMemory } from './memory.js';
