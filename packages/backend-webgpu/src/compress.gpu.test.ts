// Patterns that the device finds: those of the host, and products over them without a readback.
import { createEngine, emit } from '@lacuna/engine';
import {
  assemble,
  densePattern,
  patternIn,
  roomBytes,
  roomFor,
  sizeOf,
  toDense,
  valueCount,
  type FormatLike,
  type Tensor,
} from '@lacuna/ir';
import { keep, threshold } from '@lacuna/lacuna';
import { bcsr, bitmask, csc, csr } from '@lacuna/layouts';
import { compress, matmul } from '@lacuna/ops';
import { firstDifference, Random } from '@lacuna/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { counting } from '../test/counting.js';
import { gpu } from '../test/dawn.js';
import { webgpu } from './index.js';

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

const layouts: readonly [string, FormatLike][] = [
  ['csr', csr],
  ['bitmask', bitmask],
  ['csc', csc],
  ['bcsr(4,1)', bcsr(4, 1)],
  ['bcsr(2,3)', bcsr(2, 3)],
];
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

describe.each(layouts)('what is not zero in %s', (_, layout) => {
  const kernel = backend.kernels.find(({ op }) => op === compress)!;
  it.each(shapes)('of [%i, %i] is what the host stores', async (rows, columns) => {
    const { memory } = backend;
    const shape = [rows, columns];
    for (const density of [0, 0.1, 0.5, 1]) {
      const x = numbers(sizeOf(shape), density);
      const wanted = assemble(layout, shape, x, { kept: keep().keep(x, shape) });
      const room = roomFor(wanted.format, shape)!;
      const count = valueCount(room);
      const about = { shape, dtype: 'float32', constant: false } as const;
      const [from, to] = [densePattern(shape), memory.alloc(Math.max(16, count * 4))];
      const [given, structure] = [
        memory.alloc(Math.max(16, x.byteLength)),
        memory.alloc(roomBytes(room)),
      ];
      memory.write(given, x);
      memory.write(structure, new Uint8Array(roomBytes(room)).fill(0xa5));
      const input = { ...about, format: from.format, stored: x.length };
      const output = {
        ...about,
        format: room.format,
        stored: count,
        pattern: room,
        varies: true,
      } as const;
      const scratchBytes = kernel.scratch!({ op: compress, attrs: {}, inputs: [input], output });
      const scratch = memory.alloc(Math.max(16, scratchBytes));
      backend.bind(kernel, {
        op: compress,
        attrs: {},
        inputs: [{ ...input, pattern: from, values: given }],
        output: { ...output, values: to, structure },
        scratch,
      })();
      const bytes = (await memory.read(structure, roomBytes(room))).slice();
      const found = patternIn(room, bytes);
      expect(firstDifference(found.structure, wanted.pattern.structure)).toBe(-1);
      const values = await memory.read(to, wanted.stored * 4);
      expect(firstDifference(new Float32Array(values.slice().buffer), wanted.values)).toBe(-1);
      for (const block of [to, given, structure, scratch]) memory.free(block);
    }
  });
});

describe.each(layouts)('a product with what a run finds in %s', (name, layout) => {
  it('is computed over it, and nothing is read back or made', async () => {
    const [m, k, n] = [37, 300, 9];
    const plan = engine.compile((x: Tensor, b: Tensor) =>
      matmul(emit(x, { sparsify: threshold({ value: 0.75 }), layout }), b),
    );
    const given = [0.2, 0.9, 1].map((density) => {
      const x = Float32Array.from({ length: m * k }, () =>
        random.chance(density) ? random.whole(-8, 8) / 8 : 0,
      );
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
