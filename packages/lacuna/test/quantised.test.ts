// Tensors in a codec on engines: computed with as decoded numbers, and read back as they were written.
import { wasm } from '@lacuna/backend-wasm';
import { createEngine } from '@lacuna/engine';
import {
  assemble,
  decoded,
  dense,
  parseFormat,
  printFormat,
  q4,
  q8,
  quantised,
  sparsify,
  type Tensor,
} from '@lacuna/ir';
import { bcsr, csr, layouts, nmg } from '@lacuna/layouts';
import { linear, matmul } from '@lacuna/ops';
import { reference } from '@lacuna/reference';
import { blocks, nmgMagnitude } from '@lacuna/sparsifiers';
import { describe, expect, it } from 'vitest';

const engines = { wasm: await createEngine(wasm()), reference: await createEngine(reference()) };
const numbers = Array.from({ length: 128 }, (_, at) => Math.sin(at * at));
const formats = [
  quantised(dense, q8(16)),
  quantised(csr, q4(8, { zero: true })),
  quantised(bcsr(2, 2), q8(4)),
];

describe.each(Object.entries(engines))('on %s', (_, engine) => {
  it.each(formats.map((format) => [printFormat(format), format] as const))(
    '%s multiplies as its decoded numbers do, put there or read by a compiled function',
    async (_name, format) => {
      const w = assemble(format, [8, 16], numbers);
      const x = assemble(dense, [3, 16], numbers.slice(0, 48));
      const wanted = linear.spec.reference([x, decoded(w)], linear.spec.defaults);
      const near = (got: ArrayLike<number>): void =>
        wanted.forEach((y, at) => expect(got[at]).toBeCloseTo(y, 4));
      const there = engine.put(w);
      expect([there.codec, there.dtype, there.pattern]).toEqual([w.codec, 'float32', w.pattern]);
      const again = await engine.get(there);
      expect([again.toString(), again.values]).toEqual([w.toString(), w.values]);
      const other = engine.put(w);
      engine.write(other, w.values);
      expect((await engine.get(other)).codec).toBeUndefined();
      other.dispose();
      near(await linear(engine.put(x), there).read());
      near(await linear(engine.put(x), w).read());
      for (const weight of [w, there])
        near(
          await engine
            .compile((input: Tensor) => linear(input, weight))(engine.put(x))
            .read(),
        );
    },
  );

  it('a sparsifier may store what it keeps in a codec', async () => {
    const how = blocks({ rows: 2, columns: 2, fraction: 0.5 });
    const w = await engine.sparsify(
      engine.tensor(numbers, [8, 16]),
      how,
      quantised(bcsr(2, 2), q8(4)),
    );
    expect(w.toString()).toBe('bcsr(2,2)+q8(4) [8, 16] float32, 64 stored');
    const x = engine.tensor(numbers.slice(0, 16), [16, 1]);
    expect(await matmul(w, x).read()).toHaveLength(8);
  });
});

it('formats with a codec are named in text, and sparsifiers with an assignment take them', () => {
  const format = parseFormat('nmg(2,4,1)+q8(2)', layouts);
  const w = assemble(dense, [8, 12], numbers.slice(0, 96));
  const pruned = sparsify(w, nmgMagnitude({ n: 2, m: 4, g: 1 }), format);
  expect(pruned.toString()).toBe('nmg(2,4,1)+q8(2) [8, 12] float32, 48 stored');
  expect(pruned.format.layout).toBe(nmg);
});
