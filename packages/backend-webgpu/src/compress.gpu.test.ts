// Patterns that the device finds: those of the host, and products over them without a readback.
import { createEngine, emit } from '@lacuna/engine';
import {
  assemble,
  densePattern,
  formatOf,
  int,
  layout as layoutOf,
  level,
  patternIn,
  roomBytes,
  roomFor,
  sizeOf,
  toDense,
  valueCount,
  type FormatLike,
  type Tensor,
} from '@lacuna/ir';
import { keep, nmgMagnitude, threshold } from '@lacuna/lacuna';
import {
  bcsr,
  bitmask,
  coo,
  csc,
  csr,
  dcsr,
  delta,
  ell,
  maskedDense,
  nm,
  nmg,
} from '@lacuna/layouts';
import { compress, matmul } from '@lacuna/ops';
import { firstDifference, Random } from '@lacuna/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { counting } from '../test/counting.js';
import { gpu } from '../test/dawn.js';
import { webgpu } from './index.js';
import type { GpuBlock } from './memory.js';

const seed = Number(process.env['LAWS_SEED'] ?? 1);
const adapter = await gpu.requestAdapter();
const { device, counts } = counting(await adapter!.requestDevice());
const backend = await webgpu({ gpu, device });
const engine = await createEngine(backend, { fallback: 'refuse' });
afterAll(() => engine.dispose());

const random = new Random(seed, 1);
/** Numbers with every kind of zero, and of what only looks like one. */
function numbers(count: number, density: number): Float32Array {
  return Float32Array.from({ length: count }, () =>
    random.chance(density)
      ? random.pick([1, -1, NaN, Infinity, 2 ** -149, random.next()])
      : random.pick([0, -0]),
  );
}

/** Rows of blocks that hold something, and their columns: one listing level under another, and one that counts between. */
const strange = layoutOf({
  name: 'strange',
  rank: 2,
  params: { rows: int(1, 64) },
  levels: ({ rows }) => [
    level.compressed(`i/${rows}`),
    level.dense(`i%${rows}`),
    level.compressed('j/2'),
    level.dense('j%2'),
  ],
});
const layouts: readonly [string, FormatLike][] = [
  ['csr', csr],
  ['bitmask', bitmask],
  ['csc', csc],
  ['bcsr(4,1)', bcsr(4, 1)],
  ['bcsr(2,3)', bcsr(2, 3)],
  ['coo', coo],
  ['dcsr', dcsr],
  ['delta', delta],
  ['strange(3)', strange(3)],
  ['masked', maskedDense],
  ['nm(2,4)', nm(2, 4)],
  ['nm(3,5,along=0)', nm({ n: 3, m: 5, along: 0 })],
  ['ell(width=6)', ell(6)],
  ['nmg(1,4,2)', nmg(1, 4, 2)],
  ['nmg(2,4,1)', nmg(2, 4, 1)],
  ['nmg(2,3,4,along=1,group=0)', nmg(2, 3, 4, 1, 0)],
];

/**
 * What of some numbers a layout can hold: of a layout with a fixed number of places the first of each group, of one with
 * a choice those of a pattern that it has, in any order of its columns.
 */
function held(like: FormatLike, shape: readonly number[], x: Float32Array): Float32Array {
  const { layout, params } = formatOf(like);
  const { width = 0, n = 0, m = 0, along = 0 } = params;
  if (layout === nmg) {
    const order = Float32Array.from(x, () => random.next() + 1);
    const kept = nmgMagnitude({ ...params, mode: 'greedy' } as never).keep(order, shape);
    return x.map((v, at) => (kept[at] ? v : 0));
  }
  const [most, of, dim] =
    layout === ell ? [width, shape[1]!, 1] : layout === nm ? [n, m, along] : [Infinity, 1, 0];
  const counts = new Map<string, number>();
  return x.map((v, at) => {
    const place = [Math.floor(at / shape[1]!), at % shape[1]!];
    place[dim] = Math.floor(place[dim]! / of);
    const before = counts.get(place.join()) ?? 0;
    if (v !== 0) counts.set(place.join(), before + 1);
    return before < most ? v : 0;
  });
}
const shapes = [
  [0, 3],
  [3, 0],
  [1, 1],
  [5, 7],
  [33, 17],
  [9, 260],
  [70, 65],
  [3, 70000],
] as const;

const kernel = backend.kernels.find(({ op }) => op === compress)!;

/** What the device stores of some numbers, in memory that held something else. */
async function found(layout: FormatLike, shape: readonly number[], x: Float32Array) {
  const { memory } = backend;
  const room = roomFor(formatOf(layout), shape)!;
  const count = valueCount(room);
  const about = { shape, dtype: 'float32', constant: false } as const;
  const from = densePattern(shape);
  const blocks = [count * 4, x.byteLength, roomBytes(room)].map((bytes) =>
    memory.alloc(Math.max(16, bytes)),
  );
  const [to, given, structure] = blocks as unknown as readonly [GpuBlock, GpuBlock, GpuBlock];
  memory.write(given, x);
  memory.write(structure, new Uint8Array(roomBytes(room)).fill(0xa5));
  memory.write(to, new Uint8Array(count * 4).fill(0xa5));
  const input = { ...about, format: from.format, stored: x.length };
  const output = {
    ...about,
    format: room.format,
    stored: count,
    pattern: room,
    varies: true,
  } as const;
  const bytes = kernel.scratch!({ op: compress, attrs: {}, inputs: [input], output });
  const scratch = memory.alloc(Math.max(16, bytes));
  memory.write(scratch, new Uint8Array(bytes).fill(0xa5));
  backend.bind(kernel, {
    op: compress,
    attrs: {},
    inputs: [{ ...input, pattern: from, values: given }],
    output: { ...output, values: to, structure },
    scratch,
  })();
  const pattern = patternIn(room, (await memory.read(structure, roomBytes(room))).slice());
  const values = await memory.read(to, valueCount(pattern) * 4);
  for (const block of [...blocks, scratch]) memory.free(block);
  return { pattern, values: new Float32Array(values.slice().buffer) };
}

describe.each(layouts)('what is not zero in %s', (_, layout) => {
  it.each(shapes)('of [%i, %i] is what the host stores', async (rows, columns) => {
    const shape = [rows, columns];
    for (const density of [0, 0.1, 0.5, 1]) {
      const x = held(layout, shape, numbers(sizeOf(shape), density));
      const wanted = assemble(layout, shape, x, { kept: keep().keep(x, shape) });
      const { pattern, values } = await found(layout, shape, x);
      expect(firstDifference(pattern.structure, wanted.pattern.structure)).toBe(-1);
      expect(firstDifference(values, wanted.values)).toBe(-1);
    }
  });
});

describe('what does not fit, which the host refuses, is NaN', () => {
  it.each([
    ['nm(2,4)', nm(2, 4), [[0, 1, 2, 0, 3, 4, 0, 5]], [1, 2, NaN, NaN]],
    [
      'ell(width=1)',
      ell(1),
      [
        [0, 7],
        [8, 9],
      ],
      [7, NaN],
    ],
    [
      'nmg(1,2,1)',
      nmg(1, 2, 1),
      [
        [1, 2, 0, 3],
        [0, 0, 4, 0],
      ],
      [NaN, NaN, 3, 4],
    ],
  ] as const)('%s', async (_, layout, rows, wanted) => {
    const shape = [rows.length, rows[0].length];
    const x = Float32Array.from(rows.flat());
    expect(() => assemble(layout, shape, x)).toThrow(/cannot hold/);
    expect([...(await found(layout, shape, x)).values]).toEqual(wanted);
  });
});

describe.each(layouts)('a product with what a run finds in %s', (name, layout) => {
  it('is computed over it, and nothing is read back or made', async () => {
    const [m, k, n] = [37, 300, 9];
    const plan = engine.compile((x: Tensor, b: Tensor) =>
      matmul(emit(x, { sparsify: threshold({ value: 0.75 }), layout }), b),
    );
    const given = [0.2, 0.9, 1].map((density) => {
      const all = Float32Array.from({ length: m * k }, () =>
        random.chance(density) ? random.whole(-8, 8) / 8 : 0,
      );
      const large = all.map((v) => (Math.abs(v) >= 0.75 ? v : 0));
      const fits = held(layout, [m, k], large);
      const x = all.map((v, at) => (large[at] === fits[at] ? v : 0));
      return { x, tensor: engine.tensor(x, [m, k]) };
    });
    const b = Float32Array.from({ length: k * n }, () => random.whole(-4, 4));
    const right = engine.tensor(b, [k, n]);
    plan(given[0]!.tensor, right).dispose();
    await backend.finish();
    const before = { ...counts };
    const results = given.map(({ tensor }) => plan(tensor, right));
    await backend.finish();
    expect(counts.mapAsync).toBe(before.mapAsync);
    expect(counts.createBindGroup).toBe(before.createBindGroup);
    for (const [at, { x }] of given.entries()) {
      const kept = x.map((v) => (Math.abs(v) >= 0.75 ? v : 0));
      const wanted = matmul.spec.reference(
        [
          assemble(densePattern([m, k]).format, [m, k], kept),
          assemble(densePattern([k, n]).format, [k, n], b),
        ],
        matmul.spec.defaults,
      );
      expect(Array.from(toDense(await engine.get(results[at]!)))).toEqual(Array.from(wanted));
    }
    expect(plan.explain()).toMatch(/^run [^:]*: compress/m);
    expect(plan.explain()).toContain(`-matmul with ${name}`);
    for (const t of [...results, ...given.map((g) => g.tensor), right, plan]) t.dispose();
  });
});
