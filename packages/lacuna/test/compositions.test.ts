// Compositions against the matrix that they stand for: applied, differentiated, saved, and as a linked pair.
import { wasm } from '@lacuna/backend-wasm';
import { assign, createEngine, emit, gradients, type Engine } from '@lacuna/engine';
import { readSafetensors, writeSafetensors } from '@lacuna/io';
import { assemble, dense, q8, quantised, toDense, type Shape, type Tensor } from '@lacuna/ir';
import { csr, nm } from '@lacuna/layouts';
import {
  embedding,
  linear,
  matmul,
  multiply,
  relu,
  scale,
  sparseSoftmax,
  subtract,
  sum,
} from '@lacuna/ops';
import { reference } from '@lacuna/reference';
import { nmMagnitude } from '@lacuna/sparsifiers';
import { afterAll, describe, expect, it } from 'vitest';
import {
  butterflies,
  bytesOfParts,
  Composition,
  composition,
  joined,
  linked,
  linkedBy,
  linkedLinear,
  mapParts,
  printComposition,
  productOf,
  relinked,
  savingOf,
  sumOf,
  takenApart,
  tensorsOf,
  writtenOut,
  type Part,
} from '@lacuna/compositions';

let seed = 1;
const numbers = (shape: Shape, density = 1): Float32Array =>
  Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => {
    seed = (seed * 48271) % 2147483647;
    return seed % 100 < density * 100 ? (seed % 37) / 18.5 - 1 : 0;
  });
const full = (...shape: number[]): Tensor => assemble(dense, shape, numbers(shape));
const few = (...shape: number[]): Tensor => assemble(csr, shape, numbers(shape, 0.3));

const engines: Record<string, Engine> = {
  wasm: await createEngine(wasm(), { fallback: 'quiet' }),
  reference: await createEngine(reference(), { fallback: 'quiet' }),
};
afterAll(() => Object.values(engines).forEach((engine) => engine.dispose()));

const near = (got: ArrayLike<number>, wanted: ArrayLike<number>): void => {
  expect(got.length).toBe(wanted.length);
  for (let at = 0; at < got.length; at++) expect(got[at]).toBeCloseTo(wanted[at]!, 3);
};

const some: Record<string, () => Composition> = {
  'low rank': () => productOf(full(6, 2), full(2, 8)),
  'sparse + low rank': () => sumOf(few(6, 8), productOf(full(6, 2), full(2, 8))),
  'sparse × sparse': () => productOf(few(6, 9), few(9, 8)),
  'a product of sums': () => productOf(sumOf(few(6, 3), full(6, 3)), sumOf(few(3, 8), full(3, 8))),
  'a butterfly chain': () => butterflies(8, (h, i, j) => (h + i - j) / 4),
};

describe.each(Object.entries(engines))('on %s', (_, engine) => {
  const put = (part: Part): Part => mapParts(part, (t) => engine.put(t));

  it.each(Object.entries(some))(
    '%s is applied as the matrix that it stands for',
    async (_name, make) => {
      const w = make();
      const [rows, columns] = w.shape as [number, number];
      const [x, z, bias] = [full(3, columns), full(3, rows), full(rows)];
      const whole = writtenOut(w);
      const there = put(w);
      const [dx, dz] = [engine.put(x), engine.put(z)];
      near(
        await linear(dx, there, engine.put(bias)).read(),
        linear.spec.reference([x, whole, bias], linear.spec.defaults),
      );
      for (const transposeA of [false, true])
        for (const transposeB of [false, true]) {
          const other = full(...(transposeA === transposeB ? [columns, rows] : [rows, columns]));
          // w·other, and other·w, each turned or not
          const attrs = { ...matmul.spec.defaults, transposeA, transposeB };
          near(
            await matmul(there, engine.put(other), { transposeA, transposeB }).read(),
            matmul.spec.reference([whole, other], attrs),
          );
          near(
            await matmul(engine.put(other), there, { transposeA, transposeB }).read(),
            matmul.spec.reference([other, whole], attrs),
          );
        }
      near(
        await matmul(there, there, { transposeB: true }).read(),
        matmul.spec.reference([whole, whole], { ...matmul.spec.defaults, transposeB: true }),
      );
      near(await matmul(dz, there).read(), matmul.spec.reference([z, whole], matmul.spec.defaults));
    },
  );

  it('gradients reach every part, each in its own pattern, and a step lowers the loss', async () => {
    const w = put(some['sparse + low rank']!()) as Composition;
    const parts = tensorsOf(w);
    const [x, target] = [engine.put(full(5, 8)), engine.put(full(5, 6))];
    const step = engine.compile((input: Tensor, wanted: Tensor) => {
      const error = subtract(linear(input, w), wanted);
      const loss = sum(multiply(error, error), { axes: [0, 1] });
      gradients(loss, parts).forEach((g, k) => {
        const t = parts[k]!;
        assign(t, subtract(t, scale(g, { factor: 0.01 })));
      });
      return loss;
    });
    const losses = [];
    for (let at = 0; at < 20; at++) losses.push((await step(x, target).read())[0]!);
    expect(losses.at(-1)).toBeLessThan(losses[0]! / 2);
    expect(parts[0]!.format.layout).toBe(csr);
  });

  it('a linked pair goes forward by one pattern and back by the other', async () => {
    const w = assemble(
      nm(1, 2),
      [4, 6],
      numbers([4, 6]).map((x, at) => (at % 2 ? x : 0)),
    );
    const pair = linkedBy(w, nmMagnitude({ n: 1, m: 2, along: 0 }), nm(1, 2, 0));
    const there = linked(engine.put(pair.forward), engine.put(pair.backward));
    const x = full(3, 6);
    near(
      await linkedLinear(engine.put(x), there).read(),
      linear.spec.reference([x, w], linear.spec.defaults),
    );
    const back = engine.compile((input: Tensor) => {
      const y = linkedLinear(input, there);
      return gradients(sum(multiply(y, y), { axes: [0, 1] }), [input, there.forward]);
    });
    const [dx, dw] = back(engine.put(x));
    const y = assemble(dense, [3, 4], linear.spec.reference([x, w], linear.spec.defaults));
    const dy = assemble(
      dense,
      [3, 4],
      toDense(y).map((v) => 2 * v),
    );
    near(await dx!.read(), matmul.spec.reference([dy, pair.backward], matmul.spec.defaults));
    const whole = matmul.spec.reference([dy, x], { ...matmul.spec.defaults, transposeA: true });
    const own = assemble(
      nm(1, 2),
      [4, 6],
      whole.map((v, at) => (toDense(w)[at] === 0 ? 0 : v)),
    );
    near(await dw!.read(), own.values);
    expect(dw!.pattern).toBe(there.forward.pattern);
  });
});

describe.each(Object.entries(engines))('a linked pair on %s', (_, engine) => {
  it('is refreshed by the step that changes its weight', async () => {
    const w = assemble(
      nm(1, 2),
      [4, 6],
      numbers([4, 6]).map((x, at) => (at % 2 ? x : 0)),
    );
    const host = linkedBy(w, nmMagnitude({ n: 1, m: 2, along: 0 }), nm(1, 2, 0));
    const [forward, backward] = [engine.put(host.forward), engine.put(host.backward)];
    const step = engine.compile((x: Tensor) => {
      const y = linkedLinear(x, { forward, backward });
      const loss = sum(multiply(y, y), { axes: [0, 1] });
      const [g] = gradients(loss, [forward]);
      const next = subtract(forward, scale(g, { factor: 0.01 }));
      assign(forward, next);
      assign(backward, emit(next, { into: backward.pattern }));
      return loss;
    });
    await step(engine.put(full(3, 6))).read();
    const now = await engine.get(forward);
    expect(now.values).not.toEqual(w.values);
    near(await backward.read(), relinked(host, now).backward.values);
  });
});

describe('compositions', () => {
  const w = sumOf(few(4, 8), productOf(full(4, 2), full(2, 8)));

  it('print, and count stored values and bytes', () => {
    const { stored } = w.parts[0] as Tensor;
    expect(printComposition(w)).toBe(`csr + dense·dense [4, 8], ${stored + 24} stored`);
    expect(printComposition(productOf(sumOf(few(4, 4), few(4, 4)), full(4, 1)))).toMatch(
      /^\(csr \+ csr\)·dense \[4, 1\]/,
    );
    expect(bytesOfParts(w)).toBe((w.parts[0] as Tensor).bytes + 24 * 4);
    expect(savingOf(productOf(full(100, 1), full(1, 100)))).toBe(50);
  });

  it.each(Object.keys(engines))(
    'go into compiled functions and come out of them: %s',
    async (name) => {
      const engine = engines[name]!;
      const there = mapParts(w, (t) => engine.put(t));
      const [x, y] = [engine.put(full(3, 8)), engine.put(full(5, 4))];
      const less = mapParts(there, (t) => scale(t, { factor: 0.5 }));
      const halved = engine.compile((given: Composition, input: Tensor) => {
        const half = mapParts(given, (t) => scale(t, { factor: 0.5 }));
        return { output: linear(input, given), half };
      });
      for (const one of [there, mapParts(w, (t) => engine.put(t)), w]) {
        const { output, half } = halved(one, x);
        near(await output.read(), await linear(x, there).read());
        expect(half).toBeInstanceOf(Composition);
        const again = engine.compile((z: Tensor, back: Composition) => linear(z, back));
        near(await again(x, half).read(), await linear(x, less).read());
      }
      // The same parts, combined in another way, are another kind of arguments.
      const square = engine.compile((given: Composition, input: Tensor) => linear(input, given));
      const [a, b] = [engine.put(few(4, 4)), engine.put(full(4, 4))];
      near(await square(sumOf(a, b), y).read(), await linear(y, sumOf(a, b)).read());
      near(await square(productOf(a, b), y).read(), await linear(y, productOf(a, b)).read());
    },
  );

  it.each(Object.keys(engines))(
    'given to a compiled function have gradients by part: %s',
    async (name) => {
      const engine = engines[name]!;
      const there = mapParts(w, (t) => engine.put(t));
      const x = engine.put(full(3, 8));
      const slopes = (given: Composition): readonly Tensor[] =>
        gradients(sum(linear(x, given), { axes: [0, 1] }), tensorsOf(given));
      const inside = engine.compile(() => slopes(there))();
      const given = engine.compile((one: Composition) => slopes(one))(there);
      for (const [k, g] of given.entries()) {
        expect(g.pattern.format).toEqual(inside[k]!.pattern.format);
        near(await g.read(), await inside[k]!.read());
      }
    },
  );

  it('are assigned part by part', async () => {
    const engine = engines['wasm']!;
    const there = mapParts(w, (t) => engine.put(t));
    const before = await Promise.all(tensorsOf(there).map((t) => t.read()));
    engine.compile((x: Tensor) => {
      assign(
        there,
        mapParts(there, (t) => scale(t, { factor: 2 })),
      );
      return x;
    })(full(1));
    for (const [k, t] of tensorsOf(there).entries())
      expect(await t.read()).toEqual(before[k]!.map((v) => 2 * v));
  });

  it('say what to write where a tensor is asked for', () => {
    const engine = engines['wasm']!;
    const there = mapParts(w, (t) => engine.put(t));
    const one = there as unknown as Tensor;
    const dense = engine.put(full(4, 8));
    const tried = (run: () => void) => () =>
      engine.compile((x: Tensor) => {
        run();
        return x;
      })(full(1));
    expect(() => engine.put(w as unknown as Tensor)).toThrow(
      /engine.put was given a composition \[4, 8\]; put its parts: mapParts/,
    );
    expect(tried(() => gradients(sum(linear(full(1, 8), there)), [one]))).toThrow(
      /gradients was given a composition \[4, 8\]; ask for those of its parts/,
    );
    expect(tried(() => gradients(one, [dense]))).toThrow(/give a number, such as sum/);
    expect(tried(() => emit(one, { layout: csr }))).toThrow(/emit its parts, or a value/);
    expect(() => emit(one, { layout: csr })).toThrow(/emit its parts, or a value/);
    expect(tried(() => assign(there, dense))).toThrow(
      /dense \[4, 8\].* was assigned to csr \+ dense·dense .*; assign a composition of the same parts/,
    );
    expect(() => engine.compile((x: Tensor) => x)('w' as unknown as Tensor)).toThrow(
      /was given a string at 0; pass tensors, compositions and numbers/,
    );
  });

  it('are operands of any op: written out where it has no rule, refused where entries matter', async () => {
    const engine = engines['wasm']!;
    const there = mapParts(w, (t) => engine.put(t));
    const whole = writtenOut(w);
    near(await relu(there).read(), relu.spec.reference([whole], {}));
    const before = engine.usage.tensors; // the dense form of a part, kept with it, is among them
    near(await relu(there).read(), relu.spec.reference([whole], {}));
    near(await sum(there).read(), sum.spec.reference([whole], sum.spec.defaults));
    expect(engine.usage.tensors).toBe(before + 2); // the two results, and nothing that only they needed
    const [x, bias, at] = [full(2, 3, 8), full(4), assemble(dense, [3], [2, 0, 3])];
    const attrs = { activation: 'relu' } as const;
    near(
      await linear(engine.put(x), there, bias, attrs).read(),
      linear.spec.reference([x, whole, bias], attrs),
    );
    near(await embedding(there, at).read(), embedding.spec.reference([whole, at], {}));
    const z = full(8, 2);
    near(
      await matmul(there, engine.put(z), bias, attrs).read(),
      matmul.spec.reference([whole, z, bias], { ...matmul.spec.defaults, ...attrs }),
    );
    expect(() => sparseSoftmax(there)).toThrow(
      /sparseSoftmax reads which entries are stored, and was given a composition.*; write it out first/,
    );
    expect(String(w)).toBe(printComposition(w));
  });

  it('are refused where parts do not fit', () => {
    expect(() => composition('sum', [])).toThrow(/a sum of nothing/);
    expect(() => sumOf(full(2, 3), full(3, 2))).toThrow(
      /a sum of \[2, 3\] and \[3, 2\] was composed; /,
    );
    expect(() => productOf(full(2, 3), full(2, 3))).toThrow(/as many rows as the one before has/);
    expect(() => productOf(full(2))).toThrow(/a product of \[2\] was composed/);
    expect(() => butterflies(6)).toThrow(
      /a butterfly chain of size 6 was asked for; choose a power/,
    );
    expect(() => linked(full(2, 3), full(3, 2))).toThrow(/the second is not transposed/);
  });

  it('are saved and loaded with layouts and codecs of their parts', () => {
    const coded = mapParts(w, (t) =>
      t.format.layout === csr ? t : assemble(quantised(dense, q8(4)), t.shape, t.values),
    );
    const { tensors, metadata } = takenApart({ w: coded, b: full(4) });
    const file = joined(readSafetensors(writeSafetensors(tensors, metadata)));
    expect([...file.keys()].sort()).toEqual(['b', 'w']);
    const again = file.get('w')!;
    expect(printComposition(again)).toBe(printComposition(coded));
    expect(printComposition(again)).toMatch(/^csr \+ dense\+q8\(4\)·dense\+q8\(4\)/);
    expect(writtenOut(again).values).toEqual(writtenOut(coded).values);
    expect(() => takenApart({ 'w.0': full(1, 1), w })).toThrow(/two tensors would be called "w.0"/);
  });

  it.each([
    ['{', /does not hold/],
    ['[]', /is no record/],
    ['{"w":{"sum":["gone"]}}', /names "gone", which is not there/],
    ['{"w":{"power":["a"]}}', /neither a name, nor a sum, nor a product/],
    ['{"w":{"sum":["a"],"product":[]}}', /neither a name/],
    ['{"w":{"product":["a","a"]}}', /does not hold: a product of \[1, 2\] and \[1, 2\]/],
  ])('metadata that lies is refused as corrupt: %s', (text, said) => {
    const saved = {
      tensors: new Map([['a', full(1, 2)]]),
      metadata: { 'lacuna.compositions': text },
    };
    expect(() => joined(saved)).toThrow(expect.objectContaining({ code: 'corrupt' }));
    expect(() => joined(saved)).toThrow(said);
  });

  it('a linked pair follows a step', () => {
    const a = assemble(csr, [2, 2], [1, 2, 3, 0]);
    const pair = linked(a, assemble(csr, [2, 2], [0, 2, 3, 0]));
    expect([...relinked(pair, assemble(csr, [2, 2], [5, 6, 7, 0])).backward.values]).toEqual([
      6, 7,
    ]);
  });
});
