// What the table runs over. A backend more is an entry more here, with the number types that it computes in; its
// engine may answer late.
import { wasm } from '@lacuna/backend-wasm';
import type { Backend, DType } from '@lacuna/ir';
import { reference } from '@lacuna/reference';
import { environment } from '../../scripts/softwaregpu.mjs';

/** One backend of the table. */
export interface BackendAxis {
  readonly make: () => Promise<Backend>;
  readonly dtypes: readonly DType[];
}

const dtypes: readonly DType[] = ['float32', 'float64', 'float16', 'bfloat16', 'int32'];
/** Rates that are stated rather than measured, so that choices are the same on every machine. */
const rates = { flops: 4e10, bandwidth: 2e10, launch: 2e-7 };

export const backends: readonly BackendAxis[] = [
  { make: reference, dtypes },
  { make: async () => Object.assign(await wasm(), { rates }), dtypes },
  { make: onDawn, dtypes: ['float32'] },
];

/** WebGPU by Dawn, which looks for its driver in the environment as it is loaded. */
async function onDawn(): Promise<Backend> {
  Object.assign(process.env, environment);
  const { dawn } = await import('../../packages/backend-webgpu/test/dawn.ts');
  return Object.defineProperty(await dawn({ tiles: 'register' }), 'rates', { value: rates });
}
