import { describe, expect, it } from 'vitest';
import {
  add,
  assemble,
  bcsr,
  bufferOf,
  coo,
  createEngine,
  csr,
  dense,
  GraphBuilder,
  linear,
  magnitude,
  makePattern,
  makeTensor,
  matmul,
  nmg,
  nmgMagnitude,
  op,
  reference,
  relu,
  sigmoid,
  SparseError,
  sum,
  toDense,
  wasm,
  type EngineEvent,
} from '../src/index.js';

const numbers = (count: number, seed = 1): Float32Array =>
  Float32Array.from({ length: count }, (_, at) => Math.sin(at * 12.9898 + seed) * 2);

const codeOf = async (run: () => unknown): Promise<string> => {
  try {
    await run();
  } catch (error) {
    return error instanceof SparseError ? error.code : String(error);
  }
  return 'nothing was thrown';
};

describe('an engine over WASM', () => {
  it('multiplies sparse weights of several layouts to the same numbers as dense ones', async () => {
    const engine = await createEngine(wasm(), { fallback: 'refuse' });
    const w = engine.tensor(numbers(24 * 48), [24, 48]);
    const x = engine.tensor(numbers(48 * 7, 2), [48, 7]);
    const pruned = await engine.sparsify(w, nmgMagnitude({ n: 2, m: 4, g: 4 }), nmg(2, 4, 4));
    const wanted = matmul.spec.reference(
      [await engine.get(pruned), await engine.get(x)],
      matmul.spec.defaults,
    );
    for (const layout of [dense(), csr(), bcsr(4, 1), coo()]) {
      const y = await matmul(await engine.convert(pruned, layout), x).read();
      y.forEach((v, at) => expect(v).toBeCloseTo(wanted[at]!, 4));
    }
    (await matmul(pruned, x).read()).forEach((v, at) => expect(v).toBeCloseTo(wanted[at]!, 4));
    engine.dispose();
  });

  it('takes undefined after the last input for an input left out', async () => {
    const engine = await createEngine(wasm());
    const [x, w] = [engine.tensor([1, -2], [1, 2]), engine.tensor([1, 1], [1, 2])];
    expect([...(await relu(x, undefined).read())]).toEqual([1, 0]);
    expect([...(await linear(x, w, undefined).read())]).toEqual([-1]);
    expect([...(await linear(x, w, undefined, { activation: 'relu' }).read())]).toEqual([0]);
    expect([...(await sum(x).read())]).toEqual([-1]);
    expect(() => linear(x, undefined)).toThrow('linear takes 2 to 3 inputs, and was given 1');
    expect(() => linear(undefined, w)).toThrow('linear takes 2 to 3 inputs, and was given 1');
    engine.dispose();
  });

  it('takes host tensors as operands, and gives their copies back with them', async () => {
    const engine = await createEngine(wasm());
    const before = engine.usage;
    const w = assemble(csr, [2, 2], [1, 0, 0, 2]);
    const x = engine.tensor([3, 4], [2, 1]);
    expect([...(await matmul(w, x).read())]).toEqual([3, 8]);
    expect(engine.usage.tensors).toBe(3);
    w.dispose();
    expect(engine.usage.tensors).toBe(2);
    engine.dispose();
    expect(before.tensors).toBe(0);
  });

  it('disposes what a scope made, except what it returns', async () => {
    const engine = await createEngine(wasm());
    const x = engine.tensor([-1, 2], [2]);
    const used = engine.usage;
    const y = await engine.scope(() => add(relu(x), sigmoid(x)));
    expect(engine.usage.tensors).toBe(used.tensors + 1);
    y.dispose();
    y.dispose();
    expect(engine.usage).toEqual(used);
    engine.dispose();
  });

  it('refuses a tensor after dispose, tensors of two engines, and use after dispose', async () => {
    const [one, two] = [await createEngine(wasm()), await createEngine(reference())];
    const [a, b] = [one.tensor([1], [1]), two.tensor([1], [1])];
    expect(await codeOf(() => add(a, b))).toBe('home');
    a.dispose();
    expect(await codeOf(() => relu(a))).toBe('disposed');
    one.dispose();
    one.dispose();
    expect(await codeOf(() => one.tensor([1], [1]))).toBe('disposed');
    two.dispose();
  });

  it('leaves nothing behind when memory runs out, and works after', async () => {
    const engine = await createEngine(wasm({ memoryLimit: 1 << 20 }));
    const x = engine.tensor(numbers(1000), [10, 100]);
    const used = engine.usage;
    expect(await codeOf(() => engine.tensor(new Float32Array(1 << 20), [1 << 20]))).toBe(
      'capacity',
    );
    expect(await codeOf(() => matmul(x, x, { transposeB: true }))).toBe('nothing was thrown');
    const wide = engine.tensor(numbers(60000), [600, 100]);
    expect(await codeOf(() => matmul(wide, wide, { transposeB: true }))).toBe('capacity');
    wide.dispose();
    expect(engine.usage.bytes - used.bytes).toBeLessThan(1 << 12);
    expect((await relu(x).read()).length).toBe(1000);
    engine.dispose();
  });

  it('runs the reference where no kernel fits, and says so; or refuses, by policy', async () => {
    const strange = op({
      name: 'strange',
      arity: [1, 1],
      defaults: {},
      infer: ([x]) => x!,
      reference: ([x]) => Float64Array.from(toDense(x!), (v) => v + 1),
      roundings: () => 1,
      gradient: { none: 'it is only a test' },
    });
    const events: EngineEvent[] = [];
    const engine = await createEngine(wasm(), { on: (event) => events.push(event) });
    expect([...(await strange(engine.tensor([1, 2], [2])).read())]).toEqual([2, 3]);
    expect(events.filter((e) => e.type === 'fallback')).toMatchObject([{ op: 'strange' }]);
    const strict = await createEngine(wasm(), { fallback: 'refuse' });
    expect(await codeOf(() => strange(strict.tensor([1], [1])))).toBe('no-kernel');
    engine.dispose();
    strict.dispose();
  });

  it('explains what a call would run, and what comes next', async () => {
    const engine = await createEngine(wasm());
    const w = await engine.sparsify(
      engine.tensor(numbers(64 * 64), [64, 64]),
      magnitude({ fraction: 0.9 }),
      csr,
    );
    const x = engine.tensor(numbers(64 * 32), [64, 32]);
    expect(engine.explain(matmul, [w, x])).toMatch(
      /matmul -> \[64, 32\]: csr-matmul with csr, .* µs; next: \S+/,
    );
    engine.dispose();
  });

  it('refuses an attribute that an op does not have, with the nearest', async () => {
    const engine = await createEngine(wasm());
    const x = engine.tensor([1], [1, 1]);
    expect(() => matmul(x, x, { transposeC: true } as never)).toThrow(
      /matmul has no attribute "transposeC"; did you mean transpose[AB]\?/,
    );
    engine.dispose();
  });

  it('refuses a tensor whose structure is corrupt before any kernel reads it', async () => {
    const engine = await createEngine(wasm());
    const pattern = makePattern(
      csr(),
      [2, 2],
      [
        { level: 1, role: 'pos', data: [0, 1, 2] },
        { level: 1, role: 'crd', data: [0, 60000] },
      ],
    );
    const lying = makeTensor(pattern, 'float32', Float32Array.of(1, 2));
    const used = engine.usage;
    expect(await codeOf(() => engine.put(lying))).toBe('corrupt');
    expect(await codeOf(() => matmul(lying, engine.tensor([1, 1], [2, 1])))).toBe('corrupt');
    expect(engine.usage.tensors).toBe(used.tensors + 1);
    engine.dispose();
  });

  it('brings the pattern of a changed layout to the host when it is first read, or says disposed', async () => {
    const engine = await createEngine(wasm());
    const w = engine.tensor([0, 5, 0, 7], [2, 2]);
    const [read, copied, neither] = await Promise.all([1, 2, 3].map(() => engine.convert(w, csr)));
    const { pattern } = await engine.get(copied!);
    expect([...bufferOf(read!.pattern, 1, 'crd')]).toEqual([1, 1]);
    for (const tensor of [read, copied, neither]) tensor!.dispose();
    expect([...bufferOf(read!.pattern, 1, 'crd')]).toEqual([1, 1]);
    expect([...bufferOf(pattern, 1, 'crd')]).toEqual([1, 1]);
    expect(neither!.bytes).toBe(8 + 16 + 16);
    expect(() => neither!.pattern.structure).toThrow(
      /structure of a pattern in csr was first read after its tensors were disposed/,
    );
    expect(await codeOf(() => neither!.pattern.structure)).toBe('disposed');
    engine.dispose();
  });

  it('refuses a lossy conversion that nobody asked to prune', async () => {
    const engine = await createEngine(wasm());
    const w = engine.tensor(numbers(16), [4, 4]);
    expect(await codeOf(() => engine.convert(w, nmg(1, 4, 1)))).toBe('lossy');
    engine.dispose();
  });
});

describe('a compiled graph', () => {
  it('shares memory among values that are never alive together', async () => {
    const builder = new GraphBuilder();
    let x = builder.input('x', [64, 64], dense());
    for (let k = 0; k < 6; k++) x = builder.apply(k % 2 ? relu : sigmoid, [x]);
    const engine = await createEngine(wasm());
    const compiled = engine.compile(builder.finish({ y: x }));
    const { slots, peakBytes, leastBytes } = compiled.plan;
    expect(peakBytes).toBe(leastBytes);
    for (const a of slots) {
      for (const b of slots) {
        const together = a !== b && a.life[0] <= b.life[1] && b.life[0] <= a.life[1];
        const apart = a.offset + a.bytes <= b.offset || b.offset + b.bytes <= a.offset;
        expect(!together || apart).toBe(true);
      }
    }
    engine.dispose();
  });

  it('allocates nothing in a replay', async () => {
    const builder = new GraphBuilder();
    const w = builder.constant(assemble(csr, [8, 8], numbers(64)));
    const x = builder.input('x', [3, 8], dense());
    let allocations = 0;
    const engine = await createEngine(wasm(), {
      on: (e) => (allocations += Number(e.type === 'alloc')),
    });
    const compiled = engine.compile(builder.finish({ y: builder.apply(linear, [x, w]) }));
    const before = allocations;
    for (let k = 0; k < 10; k++) compiled.replay();
    expect(allocations).toBe(before);
    compiled.dispose();
    expect(engine.usage).toEqual({ tensors: 0, bytes: 0 });
    expect(await codeOf(() => compiled.replay())).toBe('disposed');
    engine.dispose();
  });

  it('says which input is missing or of another size', async () => {
    const builder = new GraphBuilder();
    const y = builder.apply(relu, [builder.input('image', [4], dense())]);
    const engine = await createEngine(wasm());
    const compiled = engine.compile(builder.finish({ y }));
    await expect(compiled.run({ picture: [1] })).rejects.toThrow(
      /input image is \[4\], 4 numbers, and none was given/,
    );
    await expect(compiled.run({ image: [1] })).rejects.toThrow(/and 1 were given/);
    engine.dispose();
  });
});
