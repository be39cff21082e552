// Linear layers one after another: activations stay turned between them, and numbers are those of a layer at a time.
import { firstDifference, firstOutside } from '@lacuna/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  add,
  bcsr,
  createEngine,
  csr,
  dense,
  gelu,
  linear,
  relu,
  toDense,
  wasm,
  type Engine,
  type Tensor,
} from '../src/index.js';
import { after, afterLayer, sure, within } from './carrying.js';
import { numbers, runs, weight } from './layers.js';

let engine: Engine;
beforeAll(async () => void (engine = await createEngine(await wasm(), { fallback: 'refuse' })));
afterAll(() => engine.dispose());

describe.each([
  ['dense', dense],
  ['csr', csr],
  ['bcsr', bcsr(4, 1)],
] as const)('layers in %s', (_, layout) => {
  it.each([[[1]], [[3]], [[64]], [[2, 5]], [[0]]])('over positions %j', async (batch) => {
    const host = [
      weight(layout, 24, 20),
      numbers(24),
      weight(layout, 32, 24),
      weight(layout, 10, 32),
      numbers(10),
    ] as const;
    const [v, b, w, u, c] = host.map((t) => engine.put(t)) as [
      Tensor,
      Tensor,
      Tensor,
      Tensor,
      Tensor,
    ];
    const compiled = engine.compile((x: Tensor) =>
      linear(gelu(linear(relu(linear(x, v, b)), w)), u, c),
    );
    const x = numbers(...batch, 20);
    const y = await engine.get(compiled(engine.put(x)));
    expect(y.shape).toEqual([...batch, 10]);

    const first = after(relu, 1, afterLayer(sure(x), host[0], host[1]));
    const second = after(gelu, 1.13, afterLayer(first, host[2]));
    const third = afterLayer(second, host[3], host[4]);
    expect(firstOutside(toDense(y), within(third))).toBe(-1);

    const kernels = runs(compiled.explain());
    expect(kernels.filter((name) => name.endsWith('-linear'))).toEqual([]);
    expect(kernels.filter((name) => name === 'transpose').length).toBeLessThan(2);
    compiled.dispose();
  });
});

it('leaves alone what something else reads', async () => {
  const [v, w] = [engine.put(weight(csr, 20, 20)), engine.put(weight(csr, 20, 20))];
  const f = (x: Tensor): Tensor => {
    const h = relu(linear(x, v));
    return add(h, linear(h, w));
  };
  const x = engine.put(numbers(7, 20));
  const compiled = engine.compile(f);
  const [y, z] = await Promise.all([compiled(x), f(x)].map((t) => engine.get(t)));
  expect(firstDifference(toDense(y!), toDense(z!))).toBe(-1);
  expect(compiled.explain()).toContain('linear');
  compiled.dispose();
});
