// Dawn in Node, on whatever Vulkan device there is: on machines without a GPU the software one that Chromium
// brings, which scripts/test-all.mjs points to.
import { create, globals } from 'webgpu';
import { webgpu, type WebgpuBackend, type WebgpuOptions } from '../src/index.js';

/** WebGPU's entry point of Dawn; one for the life of the process. */
export const gpu: GPU = create([]);
Object.assign(globalThis, globals);

/** A backend on Dawn. */
export function dawn(options: WebgpuOptions = {}): Promise<WebgpuBackend> {
  return webgpu({ gpu, ...options });
}
