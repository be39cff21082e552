// One product with constant weights: FULLY_CONNECTED, x [N, K] · Wᵀ -> y [N, M], W [M, K].
import { ModelWriter } from './model.js';

/** The bytes of the model. */
export function productModel(n: number, k: number, m: number, w: Float32Array): Uint8Array {
  const model = new ModelWriter();
  const x = model.value('x', [n, k]);
  const y = model.apply('fullyConnected', [x, model.constant([m, k], w), -1], [n, m]);
  return model.finish([x], [y]);
}
