// Loads that programs count in themselves.
import { item, program, type WebgpuBackend } from '@lacuna/backend-webgpu';
import { createEngine, csr } from '@lacuna/lacuna';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lacuna } from '../contenders/lacuna.js';
import { makeInput, makeWeights } from '../problem.js';
import { dawn } from './dawn.js';
import { tally } from './tally.js';

let backend: WebgpuBackend;
beforeAll(async () => void (backend = await dawn()));
afterAll(() => backend.dispose());

/** Adds up some of x, by indices that are looked up in place: three loads a step, and a store. */
const gatherSum = program({
  name: 'gather-sum',
  params: ['count', 'steps'],
  buffers: [
    { name: 's', type: 'array<u32>' },
    { name: 'x', type: 'array<vec4f>' },
    { name: 'y', type: 'array<vec4f>', write: true },
  ],
  workgroup: [64, 1, 1],
  head: 'fn place(at: u32) -> u32 { return s[at % 4u]; }',
  body: `
let at = ${item(64)};
if (at >= p.count) { return; }
var sum = vec4f();
for (var k = 0u; k < p.steps; k++) { sum += x[place(s[k])]; }
y[at] = sum;`,
});

test('every place of a buffer that a thread indexes is counted, inside of others too', async () => {
  const binding = (data: Uint32Array | Float32Array) => {
    const block = backend.memory.alloc(data.byteLength);
    backend.memory.write(block, data);
    return { block, bytes: data.byteLength };
  };
  const [count, steps] = [70, 3];
  const s = binding(Uint32Array.of(3, 1, 2, 0));
  const x = binding(Float32Array.from({ length: 16 }, (_, at) => at));
  const y = binding(new Float32Array(4 * count));
  const dispatch = {
    program: gatherSum,
    params: [count, steps],
    buffers: [s, x, y],
    workgroups: [2, 1, 1] as const,
  };
  expect(await tally(backend, [dispatch])).toEqual({
    s: 2 * steps * count * 4,
    x: steps * count * 16,
    y: count * 16,
  });
  const numbers = new Float32Array((await backend.memory.read(y.block, y.bytes)).slice().buffer);
  expect(numbers.slice(0, 4)).toEqual(Float32Array.of(12, 15, 18, 21)); // rows 0, 1 and 2 of x
  for (const { block } of [s, x, y]) backend.memory.free(block);
});

test('a product comes with what a call of it costs', async () => {
  const engine = await createEngine(dawn(), { fallback: 'refuse' });
  const [m, k, n] = [40, 64, 32];
  const weights = makeWeights(m, k, csr(), 0.75, 1);
  const { counts } = await lacuna(engine, 'plan', weights, makeInput(k, n, 1), true);
  const moved = weights.tensor.bytes + 4 * (k + m) * n;
  expect(counts).toMatchObject({ dispatches: 1, submissions: 1, bytesMoved: moved });
  expect(counts!.fmas).toBe(weights.tensor.stored * n);
  expect(counts!.bytesLoaded).toBeGreaterThan(counts!.bytesLoadedOfX!);
  engine.dispose();
});
