// A step of training on the device: the products of a sparse weight, of its transpose and into its pattern run over
// the stored values, and no operand is made dense on the way.
import { createEngine, gradients, type EngineEvent } from '@lacuna/engine';
import { assemble, dense, restricted, toDense, type FormatLike, type Tensor } from '@lacuna/ir';
import { bcsr, csc, csr, nm, nmg, vnm } from '@lacuna/layouts';
import { linear, matmul, multiply, sum } from '@lacuna/ops';
import { afterAll, expect, it } from 'vitest';
import { dawn } from '../test/dawn.js';

const events: EngineEvent[] = [];
const engine = await createEngine(dawn(), {
  fallback: 'refuse',
  on: (event) => events.push(event),
});
afterAll(() => engine.dispose());

/** Steps at which an operand changed its format. */
const converted = (): EngineEvent[] => events.filter(({ type }) => type === 'convert');

const [m, k, n] = [96, 192, 32];
/** Numbers that every layout below holds: one of each eight columns, one column of each eight, for four rows. */
const numbers = Float32Array.from({ length: m * k }, (_, at) => {
  const [i, j] = [Math.floor(at / k), at % k];
  return j % 8 === 0 && (j / 8) % 4 === i % 4 ? 1 + (at % 7) : 0;
});

const layouts: readonly [string, FormatLike][] = [
  ['csr', csr],
  ['csc', csc],
  ['bcsr(4,1)', bcsr(4, 1)],
  ['nm(1,8)', nm(1, 8)],
  ['nmg(1,4,4)', nmg(1, 4, 4)],
  ['vnm(4,1,8)', vnm(4, 1, 8)],
];
it.each(layouts)(
  'multiplies by the transpose of %s, and not by a dense copy',
  async (_, layout) => {
    const w = assemble(layout, [m, k], numbers);
    const g = assemble(
      dense,
      [m, n],
      Float32Array.from({ length: m * n }, (__, at) => at % 5),
    );
    events.length = 0;
    const [onDevice, gradient] = [engine.put(w), engine.put(g)];
    const y = matmul(onDevice, gradient, { transposeA: true });
    const wanted = matmul.spec.reference([w, g], { ...matmul.spec.defaults, transposeA: true });
    expect(Array.from(toDense(await engine.get(y)))).toEqual(Array.from(wanted));
    expect(converted()).toEqual([]);
    for (const t of [y, onDevice, gradient]) t.dispose();
  },
);

it.each(layouts)('emits the gradient of a weight in %s into its pattern', async (_, layout) => {
  const w = assemble(layout, [m, k], numbers);
  const x = assemble(
    dense,
    [n, k],
    Float32Array.from({ length: n * k }, (__, at) => at % 3),
  );
  const c = assemble(
    dense,
    [n, m],
    Float32Array.from({ length: n * m }, (__, at) => at % 5),
  );
  events.length = 0;
  const given = [w, x, c].map((t) => engine.put(t)) as [Tensor, Tensor, Tensor];
  const step = engine.compile((weight: Tensor, input: Tensor, slope: Tensor) => {
    const loss = sum(multiply(linear(input, weight), slope), { axes: [0, 1] });
    return gradients(loss, [weight])[0]!;
  });
  const dw = await engine.get(step(...given));
  const all = matmul.spec.reference([c, x], { ...matmul.spec.defaults, transposeA: true });
  expect(dw.pattern).toBe(w.pattern);
  expect(Array.from(dw.values)).toEqual(
    Array.from(restricted(assemble(dense, [m, k], all), w.pattern).values),
  );
  expect(step.explain()).toContain('sampled-matmul');
  for (const t of given) t.dispose();
});
