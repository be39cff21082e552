// A device that compiles and runs nothing, and validates all: Dawn's null backend, which has every feature and needs no
// GPU, so that WGSL is checked by the compiler that browsers have, also for features that no adapter here has.
import { create, globals } from 'webgpu';
import type { Program } from '../src/index.js';

Object.assign(globalThis, globals);
const gpu: GPU = create(['backend=null']);

/** A device with `features`. */
export async function validator(features: readonly GPUFeatureName[]): Promise<{
  /** What the compiler says against a program, pipeline and bindings included; undefined: nothing. */
  readonly complaint: (program: Program) => Promise<string | undefined>;
  readonly close: () => void;
}> {
  const adapter = (await gpu.requestAdapter())!;
  const device = await adapter.requestDevice({ requiredFeatures: [...features] });
  return {
    async complaint({ code }) {
      device.pushErrorScope('validation');
      const module = device.createShaderModule({ code });
      device.createComputePipeline({ layout: 'auto', compute: { module } });
      return (await device.popErrorScope())?.message;
    },
    close: () => device.destroy(),
  };
}
