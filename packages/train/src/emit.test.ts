import {
  assemble,
  dense,
  SparseError,
  toDense,
  withBackward,
  type Backward,
  type Tensor,
} from '@lacuna/ir';
import { wasm } from '@lacuna/backend-wasm';
import { csr, ell, nm } from '@lacuna/layouts';
import { linear, matmul, multiply, relu, sparseSoftmax, sum } from '@lacuna/ops';
import { magnitude, threshold } from '@lacuna/sparsifiers';
import { describe, expect, it, test } from 'vitest';
import { assign, createEngine, emit, emitGradient, gradients, guard } from '@lacuna/engine';

const half = magnitude({ fraction: 0.5 });
const read = async (t: Tensor): Promise<number[]> => [...(await t.read())];

describe('emit', () => {
  it('gives any layout eagerly, on the host as on an engine', async () => {
    const engine = await createEngine(wasm());
    const numbers = [3, -1, 4, 1];
    for (const x of [assemble(dense, [2, 2], numbers), engine.tensor(numbers, [2, 2])]) {
      const y = emit(x, { sparsify: half, layout: csr });
      expect(y.toString()).toBe('csr [2, 2] float32, 2 stored');
      expect(await read(y)).toEqual([3, 4]);
      const four = emit(x, {
        inline: threshold({ value: 2 }),
        temporary: csr,
        external: half,
        layout: dense,
      });
      expect(await read(four)).toEqual([3, 0, 4, 0]);
      expect(await read(emit(x, { into: y.pattern }))).toEqual([3, 4]);
    }
    engine.dispose();
  });

  it('finds a pattern at every run inside a compiled function', async () => {
    const engine = await createEngine(wasm());
    const f = engine.compile((x) => emit(x, { sparsify: half, layout: csr }));
    const y = f(engine.tensor([3, -1, 4, 1], [2, 2]));
    expect(y.toString()).toBe('csr [2, 2] float32, 2 stored');
    expect([...toDense(await engine.get(y))]).toEqual([3, 0, 4, 0]);
    const z = f(engine.tensor([0, 0, 0, 1], [2, 2]));
    expect(z.toString()).toBe('csr [2, 2] float32, 1 stored');
    expect([...toDense(await engine.get(z))]).toEqual([0, 0, 0, 1]);
    expect([...toDense(await engine.get(y))]).toEqual([3, 0, 4, 0]);
    expect(f.explain()).toContain('emits keep -> dense -> magnitude(fraction=0.5) -> csr');
    const { pattern } = assemble(csr, [2, 2], [1, 1, 0, 0]);
    const g = engine.compile((x) => emit(multiply(x, x), { into: pattern }));
    const into = g(engine.tensor([3, -1, 4, 1], [2, 2]));
    expect(into.pattern).toBe(pattern);
    expect(await read(into)).toEqual([9, 1]);
    engine.dispose();
  });

  it('multiplies what was found by a kernel for its layout', async () => {
    const engine = await createEngine(wasm());
    const w = engine.tensor([1, 2, 3, 4], [2, 2]);
    const f = engine.compile((x: Tensor) =>
      matmul(emit(x, { sparsify: threshold({ value: 2 }), layout: csr }), w),
    );
    for (const [numbers, expected] of [
      [
        [3, -1, 4, 1],
        [3, 6, 4, 8],
      ],
      [
        [0, 5, -2, 3],
        [15, 20, 7, 8],
      ],
      [
        [0, 0, 0, 1],
        [0, 0, 0, 0],
      ],
    ] as const)
      expect(await read(f(engine.tensor(numbers, [2, 2])))).toEqual(expected);
    expect(f.explain()).toContain('csr-matmul with csr');
    engine.dispose();
  });

  it('reads the sparse input of a linear layer by a product', async () => {
    const engine = await createEngine(wasm());
    const w = engine.tensor([1, 2, 3, 4, 5, 6], [3, 2]);
    const b = engine.tensor([1, -40, 0], [3]);
    const f = engine.compile((x: Tensor) =>
      relu(linear(emit(x, { sparsify: threshold({ value: 2 }), layout: csr }), w, b)),
    );
    const y = await read(f(engine.tensor([3, -1, 4, 1], [2, 2])));
    expect(y).toEqual([4, 0, 15, 5, 0, 20]);
    expect(f.explain()).toContain('csr-matmul with csr');
    engine.dispose();
  });

  it('prunes inside the kernel, where nothing else reads what it makes', async () => {
    const engine = await createEngine(wasm());
    const w = engine.tensor([1, 2, 3, 4], [2, 2]);
    const how = threshold({ value: 0.3 });
    const f = engine.compile((x: Tensor) => emit(matmul(x, w), { sparsify: how }));
    const text = (): string => f.explain();
    // 0.3 is no float32: the next above is kept, the next below is not.
    const [above, below] = [Math.fround(0.3), 0.29999998211860657];
    expect(await read(f(engine.tensor([above, 0, below, 0], [2, 2])))).toEqual([
      above,
      Math.fround(2 * above),
      0,
      Math.fround(2 * below),
    ]);
    expect(text()).toContain('float32 [2, 2] emits threshold(value=0.3) -> dense -> keep -> dense');
    expect(text()).not.toContain('mask');
    expect(() => f(engine.tensor([NaN, 0, 0, 0], [2, 2]))).toThrow(SparseError);
    const g = engine.compile((x: Tensor) => {
      const y = emit(matmul(x, w), { sparsify: how, layout: csr });
      return [y, gradients(sum(y), [x])[0]!];
    });
    const [y] = g(engine.tensor([1, 0, 0, 0.1], [2, 2]));
    expect(y!.toString()).toBe('csr [2, 2] float32, 4 stored');
    expect(g.explain()).toContain('mask'); // the gradient reads it
    engine.dispose();
  });

  it('changes the layout alone, where no sparsifier is named', async () => {
    const engine = await createEngine(wasm());
    const f = engine.compile((x: Tensor) => {
      const y = emit(x, { layout: csr });
      return [y, gradients(sum(multiply(y, y)), [x])[0]!];
    });
    const [y, dx] = f(engine.tensor([3, 0, 4, 1], [2, 2]));
    expect(y!.toString()).toBe('csr [2, 2] float32, 3 stored');
    expect(await read(dx!)).toEqual([6, 0, 8, 2]);
    expect(f.explain()).not.toContain('mask');
    const lost = engine.compile((x: Tensor) => sparseSoftmax(emit(x, { layout: ell() })));
    expect(() => lost(engine.tensor([3, 0, 4, 1], [2, 2]))).toThrow('cannot be found at a run');
    engine.dispose();
  });

  it('says which layouts an op along stored entries cannot have', async () => {
    const engine = await createEngine(wasm());
    const f = engine.compile((x: Tensor) =>
      sparseSoftmax(emit(x, { sparsify: half, layout: ell() })),
    );
    expect(() => f(engine.tensor([3, -1, 4, 1], [2, 2]))).toThrow('cannot be found at a run');
    const g = engine.compile((x: Tensor) =>
      sparseSoftmax(emit(x, { sparsify: half, layout: csr })),
    );
    const y = g(engine.tensor([3, -1, 4, 1], [2, 2]));
    expect(y.toString()).toBe('csr [2, 2] float32, 2 stored');
    expect(await read(y)).toEqual([1, 1]);
    engine.dispose();
  });

  it('says when what is kept does not fit the layout', async () => {
    const engine = await createEngine(wasm());
    const f = engine.compile((x) => emit(x, { sparsify: half, layout: nm(1, 4, 1) }));
    expect(() => f(engine.tensor([3, -1, 4, 1, 0, 0, 0, 0], [2, 4]))).toThrow(
      expect.objectContaining({ code: 'lossy' }),
    );
    expect(f(engine.tensor([3, 0, 0, 0, 0, 2, 0, 0], [2, 4])).toString()).toBe(
      'nm(1,4) [2, 4] float32, 2 stored',
    );
    engine.dispose();
  });

  it.each<[Backward, number[]]>([
    ['masked', [2, 0, 4, 0]],
    ['straight-through', [2, 2, 4, 4]],
    [{ decay: 0.5 }, [2, 2 - 0.5, 4, 4 + 0.5]],
    [{ annealed: 0.5 }, [2, 1, 4, 2]],
  ])('what flows back is the sparsifier’s to say: %j', async (backward, expected) => {
    const engine = await createEngine(wasm());
    const c = engine.tensor([2, 2, 4, 4], [4]);
    const f = engine.compile((x) => {
      const y = emit(x, { sparsify: withBackward(half, backward) });
      return gradients(sum(multiply(y, c), { axes: [0] }), [x])[0]!;
    });
    expect(await read(f(engine.tensor([3, -1, 4, 1], [4])))).toEqual(expected);
    const g = engine.compile(
      (x) =>
        gradients(sum(multiply(emitGradient(x, { sparsify: half }), c), { axes: [0] }), [x])[0]!,
    );
    expect(await read(g(engine.tensor([3, -1, 4, 1], [4])))).toEqual([0, 0, 4, 4]);
    engine.dispose();
  });
});

describe('guard', () => {
  it('keeps tensors as they were in a run that is not finite', async () => {
    const engine = await createEngine(wasm());
    const w = engine.tensor([1, 2], [2]);
    const step = engine.compile((x) => {
      const y = multiply(w, x);
      guard(sum(y, { axes: [0] }));
      assign(w, y);
    });
    step(2);
    expect(await read(w)).toEqual([2, 4]);
    expect(() => step(Number.NaN)).toThrow(SparseError);
    expect(() => step(Infinity)).toThrow(/nothing was assigned/);
    expect(await read(w)).toEqual([2, 4]);
    engine.write(w, [5, 6]);
    step(1);
    expect([...toDense(engine.peek(w))]).toEqual([5, 6]);
    engine.dispose();
  });
});

test('ops on tensors from outside alone belong to the graph of the function that calls them', async () => {
  const engine = await createEngine(wasm());
  const w = engine.tensor([1, -2], [2]);
  const f = engine.compile((x) => {
    const loss = sum(multiply(multiply(w, w), x), { axes: [0] });
    assign(w, multiply(w, emit(w, { sparsify: threshold({ value: 1.5 }) })));
    return gradients(loss, [w])[0]!;
  });
  expect(await read(f(3))).toEqual([6, -12]);
  expect(await read(w)).toEqual([0, 4]);
  expect(await read(f(3))).toEqual([0, 24]);
  engine.dispose();
});
