// Ten thousand of everything that makes something new each time, and nothing is left: a plan whose patterns are found
// at every run, a step of training that prunes its weight anew, and calls whose parameters were never seen before.
import { assign, createEngine, emit, gradients } from '@lacuna/engine';
import { assemble, type Tensor } from '@lacuna/ir';
import { adam, magnitude } from '@lacuna/lacuna';
import { bitmask, csr } from '@lacuna/layouts';
import { clamp, linear, matmul, multiply, relu, sum } from '@lacuna/ops';
import { afterAll, describe, expect, it } from 'vitest';
import { counting } from '../test/counting.js';
import { gpu } from '../test/dawn.js';
import { webgpu } from './index.js';

const adapter = await gpu.requestAdapter();
const { device, counts } = counting(await adapter!.requestDevice());
const backend = await webgpu({ gpu, device });
const engine = await createEngine(backend, { fallback: 'refuse' });
afterAll(() => engine.dispose());

const numbers = (count: number, seed = 1): Float32Array =>
  Float32Array.from({ length: count }, (_, at) => Math.sin((at + 1) * seed));

/** What is made on the device, and what is in use, by `times` runs, after a few. */
async function left(times: number, run: (at: number) => void, first = 3): Promise<object> {
  for (let at = 0; at < first; at++) run(at);
  await backend.finish();
  const [before, { used }] = [{ ...counts }, backend.memory];
  for (let at = 0; at < times; at++) {
    run(first + at);
    if (at % 500 === 0) await backend.finish();
  }
  await backend.finish();
  const { createBuffer, createBindGroup, mapAsync } = counts;
  return {
    buffers: createBuffer - before.createBuffer,
    groups: createBindGroup - before.createBindGroup,
    reads: mapAsync - before.mapAsync,
    bytes: backend.memory.used - used,
  };
}
const nothing = { buffers: 0, groups: 0, reads: 0, bytes: 0 };
const often = 10_000;

describe('ten thousand replays leave nothing', () => {
  it.each([
    ['csr', csr],
    ['bitmask', bitmask],
  ])(
    'of a plan that finds its pattern in %s',
    async (_, layout) => {
      const [x, b] = [engine.tensor(numbers(96), [8, 12]), engine.tensor(numbers(60), [12, 5])];
      const sparsify = magnitude({ fraction: 0.5 });
      const plan = engine.compile((t: Tensor, u: Tensor) =>
        matmul(emit(relu(t), { sparsify, layout }), u),
      );
      expect(await left(often, () => plan(x, b).dispose())).toEqual(nothing);
      for (const t of [x, b, plan]) t.dispose();
    },
    120_000,
  );

  it('of a step of training that prunes its weight anew', async () => {
    const how = adam();
    const [w, x, c] = [
      [6, 8],
      [4, 8],
      [4, 6],
    ].map((shape, at) => engine.tensor(numbers(shape[0]! * shape[1]!, at + 1), shape)) as [
      Tensor,
      Tensor,
      Tensor,
    ];
    const moments = Object.fromEntries(
      how.moments.map((name) => [name, engine.tensor(new Float32Array(48), [6, 8])]),
    );
    const sparsify = magnitude({ fraction: 0.75 });
    const of = Object.fromEntries(
      Object.entries(how.numbers(3)).map(([name, value]) => [name, engine.tensor([value], [])]),
    );
    const step = engine.compile((rate: Tensor) => {
      const pruned = emit(w, { sparsify, layout: csr });
      const loss = sum(multiply(linear(x, pruned), c), { axes: [0, 1] });
      const gradient = gradients(loss, [w])[0]!;
      const { parameter, moments: after } = how.update({
        parameter: w,
        gradient,
        moments,
        rate,
        numbers: of,
      });
      assign(w, parameter);
      for (const [name, moment] of Object.entries(after)) assign(moments[name]!, moment);
    });
    const found = await left(often, (at) => {
      step(1e-3 / (at + 1));
    });
    expect(found).toEqual(nothing);
    for (const t of [w, x, c, step, ...Object.values(moments), ...Object.values(of)]) t.dispose();
  }, 120_000);
});

describe('calls of kinds that were never seen before', () => {
  it('keep no parameters beyond a bound', async () => {
    const w = assemble(csr, [6, 8], numbers(48));
    const [weight, x] = [engine.put(w), engine.tensor(numbers(8), [8, 1])];
    const call = (at: number): void => {
      const y = matmul(weight, x);
      clamp(y, { least: -at, most: at }).dispose();
      y.dispose();
    };
    const found = await left(often - 5000, call, 5000);
    expect(found).toMatchObject({ buffers: 0, reads: 0 });
    for (const t of [weight, x]) t.dispose();
  }, 120_000);
});
