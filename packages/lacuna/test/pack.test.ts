// Values that products read stay in panels between them, where rates say that it pays; numbers are those of a layer at
// a time.
import { firstOutside } from '@lacuna/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  add,
  assemble,
  bcsr,
  createEngine,
  csr,
  dense,
  gelu,
  linear,
  panels,
  toDense,
  wasm,
  type Engine,
  type Tensor,
} from '../src/index.js';
import { after, afterLayer, sure, within } from './carrying.js';
import { grouped, numbers, runs, weight } from './layers.js';

let engine: Engine;
beforeAll(async () => void (engine = await createEngine(await wasm(), { fallback: 'refuse' })));
afterAll(() => engine.dispose());

describe.each([
  ['csr', csr],
  ['bcsr', bcsr(4, 1)],
  ['nmg', grouped],
] as const)('layers in %s', (_, layout) => {
  it.each([48, 50, 96, 131, 4, 1, 0])('over %i positions', async (n) => {
    const host = [
      weight(layout, 96, 96),
      numbers(96),
      weight(layout, 92, 96),
      weight(layout, 96, 92),
    ] as const;
    const [v, b, w, u] = host;
    const compiled = engine.compile((x: Tensor) => linear(linear(gelu(linear(x, v, b)), w), u));
    const x = numbers(n, 96);
    const y = await engine.get(compiled(engine.put(x)));
    const first = after(gelu, 1.13, afterLayer(sure(x), v, b));
    const third = afterLayer(afterLayer(first, w), u);
    expect(firstOutside(toDense(y), within(third))).toBe(-1);
    compiled.dispose();
  });
});

it('a product writes panels, an elementwise op goes over them, and the next product reads them', async () => {
  const [v, w] = [weight(bcsr(4, 1), 96, 96), weight(bcsr(4, 1), 96, 96)];
  const compiled = engine.compile((x: Tensor) => linear(gelu(linear(x, v)), w));
  (await engine.get(compiled(engine.put(numbers(48, 96))))).dispose();
  const text = compiled.explain();
  expect(runs(text)).toEqual([
    'rows-matmul-packed-out',
    'gelu',
    'rows-matmul-packed-in',
    'transpose',
  ]);
  expect(text).toContain('panels');
  compiled.dispose();
});

it('what several products read is packed once', async () => {
  const ws = [0, 1, 2].map(() => weight(bcsr(4, 1), 96, 96));
  const compiled = engine.compile((x: Tensor) =>
    ws.map((w) => linear(x, w)).reduce((a, b) => add(a, b)),
  );
  const x = numbers(48, 96);
  const y = toDense(await engine.get(compiled(engine.put(x))));
  const kernels = runs(compiled.explain());
  expect(kernels.filter((name) => name === 'pack')).toHaveLength(1);
  expect(kernels.filter((name) => name === 'rows-linear-packed-in')).toHaveLength(3);
  const parts = ws.map((w) => within(afterLayer(sure(x), w)));
  y.forEach((sum, at) => {
    const exact = parts.reduce((all, part) => all + part.exact[at]!, 0);
    // Two sums of numbers that are no larger than all of them together.
    const sizes = parts.reduce(
      (all, part) => all + Math.abs(part.exact[at]!) + part.tolerance[at]!,
      0,
    );
    const error = parts.reduce((all, part) => all + part.tolerance[at]!, 2 ** -22 * sizes);
    expect(Math.abs(sum - exact)).toBeLessThanOrEqual(error);
  });
  compiled.dispose();
});

it('a value that is wanted as it is stays as it is', async () => {
  const [v, w] = [weight(bcsr(4, 1), 96, 96), weight(bcsr(4, 1), 96, 96)];
  const compiled = engine.compile((x: Tensor) => {
    const h = linear(x, v);
    return [h, linear(h, w)];
  });
  const [h] = await Promise.all(compiled(engine.put(numbers(48, 96))).map((t) => engine.get(t)));
  expect(h!.format.layout).toBe(dense);
  compiled.dispose();
});

it('a tensor may be in panels', () => {
  expect(assemble(panels(2, 0), [3, 2], [1, 2, 3, 4, 5, 6]).values).toEqual(
    Float32Array.of(1, 3, 2, 4, 5, 0, 6, 0),
  );
});
