export { webgpu, WebgpuBackend } from './backend.js';
export type { WebgpuOptions } from './device.js';
export { Counters } from './counters.js';
export { GpuBlock, GpuMemory } from './memory.js';
export {
  webgpuKernel,
  type Binding,
  type Dispatch,
  type Tuning,
  type WebgpuCall,
  type WebgpuKernel,
  type WebgpuKernelSpec,
  type WebgpuOperand,
} from './kernel.js';
export { grid, item, program, variants, type Program, type ProgramSpec } from './program.js';
export { kernels } from './kernels/index.js';
