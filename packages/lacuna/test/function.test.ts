import { describe, expect, it } from 'vitest';
import {
  assemble,
  assign,
  bcsr,
  bitmask,
  coo,
  createEngine,
  csr,
  dense,
  flatIndex,
  gradients,
  linear,
  mean,
  multiply,
  nm,
  nmMagnitude,
  relu,
  SparseError,
  sparsify,
  subtract,
  toDense,
  wasm,
  type Engine,
  type FormatLike,
  type Tensor,
} from '../src/index.js';

const numbers = (count: number, seed = 1): Float32Array =>
  Float32Array.from({ length: count }, (_, at) => Math.sin(at * 78.233 + seed));

describe('a compiled function', () => {
  it('is traced once for a kind of arguments, and replayed after', async () => {
    const engine = await createEngine(wasm());
    let traces = 0;
    const g = engine.compile((x, s) => {
      traces++;
      return { scaled: multiply(x, s) };
    });
    const x = engine.tensor([1, 2], [2]);
    expect([...(await g(x, 3).scaled.read())]).toEqual([3, 6]);
    expect([...(await g(x, 5).scaled.read())]).toEqual([5, 10]);
    expect(traces).toBe(1);
    expect((await g(engine.tensor([1], [1]), 5).scaled.read()).length).toBe(1);
    expect(traces).toBe(2);
    engine.dispose();
  });

  it('refuses gradients and assign outside a trace, and numbers of a traced tensor', async () => {
    const engine = await createEngine(wasm());
    const x = engine.tensor([1], []);
    expect(() => gradients(x, [x])).toThrow(/outside a traced function/);
    expect(() => assign(x, x)).toThrow(SparseError);
    let read: Promise<unknown> | undefined;
    engine.compile((y) => {
      read = Promise.resolve().then(() => y.read());
      return y;
    })(x);
    await expect(read).rejects.toThrow(/no numbers yet/);
    engine.dispose();
  });

  const train = async (
    engine: Engine,
    w: Tensor,
    mask?: ArrayLike<number>,
  ): Promise<Float32Array> => {
    const [x, t] = [engine.tensor(numbers(40, 2), [5, 8]), engine.tensor(numbers(30, 3), [5, 6])];
    const held = mask && engine.tensor(mask, [6, 8]);
    const step = engine.compile((input, target, rate) => {
      const error = subtract(relu(linear(input, w)), target);
      const loss = mean(multiply(error, error), { axes: [0, 1] });
      const [g] = gradients(loss, [w]);
      assign(w, subtract(w, multiply(held ? multiply(g, held) : g!, rate)));
      return loss;
    });
    for (let k = 0; k < 5; k++) step(x, t, 0.1).dispose();
    return Float32Array.from(toDense(await engine.get(w)));
  };

  const layouts: [string, FormatLike][] = [
    ['csr', csr],
    ['bcsr(2,1)', bcsr(2, 1)],
    ['nm(2,4)', nm(2, 4)],
    ['coo', coo],
    ['bitmask', bitmask],
  ];
  it.each(layouts)(
    'trains a %s weight in its own pattern, as masked dense training does',
    async (_, layout) => {
      const engine = await createEngine(wasm());
      const how = nmMagnitude({ n: 2, m: 4 });
      const start = sparsify(assemble(dense, [6, 8], numbers(48)), how, layout);
      // What a layout stores beside the kept numbers (whole blocks) trains along.
      const stored = new Float32Array(48);
      for (const flat of flatIndex(start.pattern)) stored[flat] = 1;
      const sparse = await train(engine, engine.put(start));
      const masked = await train(engine, engine.tensor(toDense(start), [6, 8]), stored);
      sparse.forEach((v, at) => expect(v).toBeCloseTo(masked[at]!, 5));
      expect(sparse).not.toEqual(toDense(start));
      engine.dispose();
    },
  );
});
