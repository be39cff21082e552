// The bytes that a product binds: those of its layout, x and y, each once. What binds more is named here.
import { createEngine, type Engine } from '@lacuna/engine';
import {
  anyLayout,
  assemble,
  dense,
  formatOf,
  makeTensor,
  type Format,
  type FormatLike,
  type Tensor,
} from '@lacuna/ir';
import {
  bcsr,
  bitmask,
  coo,
  csc,
  csr,
  dcsr,
  delta,
  ell,
  nm,
  nmg,
  rcsr,
  vnm,
} from '@lacuna/layouts';
import { matmul } from '@lacuna/ops';
import { Random } from '@lacuna/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dawn } from '../test/dawn.js';
import { kernels, type WebgpuBackend } from './index.js';

let backend: WebgpuBackend;
let engine: Engine;
beforeAll(async () => {
  backend = await dawn();
  // A slow memory: on a busy machine a copy may be measured so quick that a dense detour is cheapest.
  const rates = { flops: 1e10, bandwidth: 1e8, launch: 2e-5 };
  Object.defineProperty(backend, 'rates', { value: rates });
  engine = await createEngine(backend, { fallback: 'refuse' });
});
afterAll(() => engine.dispose());

const [m, k] = [192, 240];
const random = new Random(1);
/** A quarter is not zero, in whole columns of four rows, so that blocks gain too. */
const numbers = (() => {
  const kept = Array.from({ length: (m / 4) * k }, () => random.next() < 0.25);
  return Float32Array.from({ length: m * k }, (_, at) =>
    kept[Math.floor(at / k / 4) * k + (at % k)] ? random.next() + 1 : 0,
  );
})();

/** W in a format: the numbers where it holds any pattern, else whatever its own pattern of zeros is. */
function weights(like: FormatLike): Tensor {
  const format: Format = formatOf(like);
  if (format.layout !== nm && format.layout !== nmg && format.layout !== vnm)
    return assemble(format, [m, k], numbers);
  const { pattern, stored } = assemble(format, [m, k], new Float32Array(m * k));
  return makeTensor(pattern, 'float32', new Float32Array(stored).fill(1));
}

/** Bytes that W · x binds, over n columns. */
async function bound(w: Tensor, n: number): Promise<number> {
  const [a, b] = [engine.put(w), engine.tensor(new Float32Array(k * n), [k, n])];
  backend.counters.reset();
  const y = matmul(a, b);
  const all = [...backend.counters.programs.values()];
  for (const t of [a, b, y]) t.dispose();
  await backend.finish();
  return all.reduce((sum, { bytes }) => sum + bytes, 0);
}

const xAndY = (n: number): number => (k + m) * n * 4;
const most = 1.05;

const own: readonly FormatLike[] = [
  dense(),
  csr(),
  bcsr(2, 1),
  bcsr(4, 1),
  bcsr(16, 1),
  bcsr(4, 4),
  nm(2, 4),
  nm(1, 4),
  nmg(2, 4, 8),
  nmg(1, 4, 16),
  nmg(1, 8, 16),
  ell(80),
  bitmask(),
  vnm(4, 2, 8),
  vnm(16, 1, 16),
  vnm(3, 2, 8),
  coo(),
  dcsr(),
  delta(),
  rcsr(),
];
/** Layouts whose levels bind the row late: a thread cannot find its row's entries without going through all others'. */
const ordered: readonly FormatLike[] = [nm(2, 4, 0), csc()];
const name = (like: FormatLike): string => {
  const { layout, params } = formatOf(like);
  return `${layout.layoutName}(${Object.values(params).join()})`;
};

describe('bytes that a product binds', () => {
  it('is asked of every layout that has a kernel', () => {
    const tried = new Set([...own, ...ordered].map((like) => formatOf(like).layout));
    const known = kernels.filter(({ op }) => op === matmul).map(({ takes }) => takes[0]!);
    expect(known.filter((layout) => layout !== anyLayout && !tried.has(layout))).toEqual([]);
  });

  it.each(own.map((like) => [name(like), like] as const))(
    'are at most 1.05 × those of the layout, x and y: %s',
    async (_, like) => {
      const w = weights(like);
      for (const n of [1, 8, 20, 128]) {
        const ratio = (await bound(w, n)) / (w.bytes + xAndY(n));
        expect([n, ratio > most ? ratio : most]).toEqual([n, most]);
      }
    },
  );

  it.each(ordered.map((like) => [name(like), like] as const))(
    'are its values, an order of 8 bytes an entry, x and y where entries are ordered beside the layout: %s',
    async (_, like) => {
      const w = weights(like);
      const order = 8 * w.stored + 4 * (m + 1);
      for (const n of [1, 8, 128])
        expect(await bound(w, n)).toBeLessThanOrEqual(most * (4 * w.stored + order + xAndY(n)));
    },
  );

  it('are those of x once more, and twice as packed, where N is no multiple of four', async () => {
    const w = weights(csr());
    for (const n of [2, 7, 30]) {
      const packed = k * Math.ceil(n / 4) * 16;
      expect(await bound(w, n)).toBeLessThanOrEqual(most * (w.bytes + xAndY(n) + 2 * packed));
    }
  });
});
