export { readSafetensors, type Safetensors, type SafetensorsOptions } from './safetensors/read.js';
export { writeSafetensors } from './safetensors/write.js';
export { readGraphModel, type GraphModelOptions } from './graph-model/read.js';
export type { Weights } from './graph-model/manifest.js';
