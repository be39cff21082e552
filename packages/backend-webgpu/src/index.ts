export { webgpu, WebgpuBackend } from './backend.js';
export type { OpenDevice, WebgpuOptions } from './device.js';
export { Counters } from './counters.js';
export { GpuBlock, GpuMemory, type Lease } from './memory.js';
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
export {
  type Extension,
  grid,
  item,
  program,
  variants,
  type Buffer,
  type Program,
  type ProgramSpec,
} from './program.js';
export type { GpuRange } from './share.js';
export { kernels } from './kernels/index.js';
