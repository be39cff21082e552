// What has no kernel on the device is refused in words that help: no reference runs on memory that is not the host's.
import { createEngine, type EngineEvent } from '@lacuna/engine';
import { SparseError } from '@lacuna/ir';
import { relu } from '@lacuna/ops';
import { afterAll, expect, it } from 'vitest';
import { dawn } from '../test/dawn.js';

const events: EngineEvent[] = [];
const engine = await createEngine(dawn(), { on: (event) => events.push(event) });
afterAll(() => engine.dispose());

/** The error of a call. */
function refusalOf(call: () => unknown): SparseError {
  try {
    call();
  } catch (error) {
    if (error instanceof SparseError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

it('an op on numbers of a type without kernels names the type, and promises no fallback', () => {
  const x = engine.tensor([1, -2], [2], { dtype: 'float64' });
  for (const call of [() => relu(x), () => engine.compile((t: typeof x) => relu(t))(x)]) {
    const error = refusalOf(call);
    expect(error.code).toBe('no-kernel');
    expect(error.message).toMatch(/relu on webgpu.*dense float64/);
    expect(error.message).not.toMatch(/fallback|convert the inputs to dense/);
  }
  expect(events.filter(({ type }) => type === 'fallback')).toEqual([]);
  x.dispose();
});
