// Linear layers one after another: activations stay turned between them, and numbers are those of a layer at a time.
import { boundOf, firstDifference, firstOutside, Random } from '@lacuna/testing';
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
  magnitude,
  relu,
  sparsify,
  toDense,
  wasm,
  type Engine,
  type FormatLike,
  type Op,
  type Shape,
  type Tensor,
} from '../src/index.js';

let engine: Engine;
beforeAll(async () => void (engine = await createEngine(await wasm(), { fallback: 'refuse' })));
afterAll(() => engine.dispose());

const random = new Random(Number(process.env['LAWS_SEED'] ?? 1), 1);
const numbers = (...shape: number[]): Tensor =>
  assemble(
    dense,
    shape,
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.next() * 2 - 1),
  );
const weight = (layout: FormatLike, ...shape: number[]): Tensor =>
  sparsify(numbers(...shape), magnitude({ fraction: 0.5 }), layout);

/** The steps of a plan, by the names of their kernels. */
const runs = (text: string): readonly string[] =>
  [...text.matchAll(/^run [^:]*: (\S+)/gm)].map(([, kernel]) => kernel!);

/** A value in double precision, and how far single precision may be from it. */
interface Sure {
  readonly exact: Tensor;
  readonly error: Float64Array;
}

const exactly = (shape: Shape, values: ArrayLike<number>): Tensor =>
  assemble(dense, shape, values, { dtype: 'float64' });

/** A layer: its own bound, and |W| times the error of what it reads. */
function afterLayer({ exact, error }: Sure, w: Tensor, bias?: Tensor): Sure {
  const { attrs, shape } = {
    attrs: linear.spec.defaults,
    shape: [...exact.shape.slice(0, -1), w.shape[0]!],
  };
  const own = boundOf(linear, [exact, w, bias], attrs, 'float32');
  const size = exactly(w.shape, toDense(w).map(Math.abs));
  const carried = linear.spec.reference([exactly(exact.shape, error), size], attrs);
  return {
    exact: exactly(shape, own.exact),
    error: own.tolerance.map((t, at) => 2 * t + carried[at]!),
  };
}

/** A function whose slope is nowhere above `steepest`. */
function after<A extends object>(op: Op<A>, steepest: number, { exact, error }: Sure): Sure {
  const own = boundOf(op, [exact], op.spec.defaults, 'float32');
  return {
    exact: exactly(exact.shape, own.exact),
    error: own.tolerance.map((t, at) => 2 * t + steepest * error[at]!),
  };
}

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

    const given = { exact: exactly(x.shape, toDense(x)), error: new Float64Array(x.stored) };
    const first = after(relu, 1, afterLayer(given, host[0], host[1]));
    const second = after(gelu, 1.13, afterLayer(first, host[2]));
    const { exact, error } = afterLayer(second, host[3], host[4]);
    const bound = { exact: Float64Array.from(toDense(exact)), tolerance: error };
    expect(firstOutside(toDense(y), bound)).toBe(-1);

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
