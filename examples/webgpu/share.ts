// examples/webgpu/share.ts
import { webgpu, type GpuRange, type WebgpuBackend } from '@lacuna/backend-webgpu';
import { createEngine, csr, matmul, type Engine, type Tensor } from '@lacuna/lacuna';

/** A layer between two other users of a device: what comes in and what goes out stays on the GPU. */
export async function layerOn(device: GPUDevice): Promise<Layer> {
  const backend = await webgpu({ device });
  const engine = await createEngine(backend);
  const weight = engine.tensor([9, 0, 0, 2, 0, 0, 8, 0], [2, 4], { layout: csr });
  return {
    engine,
    run(theirs) {
      const x = engine.adopt(backend.wrap(theirs, { size: 16 }), [4, 1]); // no copy
      const y = matmul(weight, x);
      x.dispose(); // lets go of the buffer, which stays theirs
      return { y, range: rangeOf(backend, y) };
    },
  };
}

/** Bytes `offset .. offset + size` of a GPUBuffer, good until `y.dispose()`. */
const rangeOf = (backend: WebgpuBackend, y: Tensor): GpuRange => backend.bufferOf(y);

export interface Layer {
  readonly engine: Engine;
  run(theirs: GPUBuffer): { readonly y: Tensor; readonly range: GpuRange };
}
