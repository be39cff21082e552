export { readSafetensors, type Safetensors, type SafetensorsOptions } from './safetensors/read.js';
export { writeSafetensors } from './safetensors/write.js';
