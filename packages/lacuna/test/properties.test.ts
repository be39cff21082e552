// Shapes, parameters and numbers drawn by fast-check, which looks for the smallest that fails: what a layout takes comes
// back to the bit through memory, files and other layouts, and multiplies as it would dense; all else is refused.
import { printFormat, SparseError, type Layout, type Shape, type Tensor } from '@lacuna/ir';
import { boundOf, firstOutside } from '@lacuna/testing';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  assemble,
  convert,
  createEngine,
  csr,
  dense,
  layouts,
  matmul,
  readSafetensors,
  sparsify,
  toDense,
  wasm,
  writeSafetensors,
  type Engine,
} from '../src/index.js';
import { holding } from './holding.js';

const options = { seed: Number(process.env['LAWS_SEED'] ?? 1), numRuns: 60 };

let engine: Engine;
beforeAll(async () => void (engine = await createEngine(await wasm(), { fallback: 'quiet' })));
afterAll(() => engine.dispose());

/** From nothing to whole groups of what layouts group by. */
const extents = [0, 1, 2, 3, 4, 5, 7, 8, 12, 16, 24, 32];

/** Parameters of a layout, the small ones of each range. */
const parameters = ({ params }: Layout): fc.Arbitrary<Record<string, number>> =>
  fc.record(
    Object.fromEntries(
      Object.entries(params).map(([name, { min, max }]) => [
        name,
        fc.integer({ min, max: Math.min(max, min + 3) }),
      ]),
    ),
  );

/** A shape with its numbers. */
const matrix = fc
  .tuple(fc.constantFrom(...extents), fc.constantFrom(...extents))
  .chain(([rows, columns]) => {
    const number = fc.oneof(fc.constant(0), fc.float({ min: -8, max: 8, noNaN: true }));
    const count = rows * columns;
    return fc.record({
      shape: fc.constant([rows, columns]),
      numbers: fc.array(number, { minLength: count, maxLength: count }),
    });
  });

/** A matrix in a layout, and the numbers in it; undefined, where the layout refuses it in its own words. */
function held(
  layout: Layout,
  params: Record<string, number>,
  { shape, numbers }: { readonly shape: Shape; readonly numbers: readonly number[] },
): { readonly tensor: Tensor; readonly wanted: Float32Array } | undefined {
  try {
    const format = layout(params);
    const how = holding(format, shape);
    const kept = how.keep(Float32Array.from(numbers), shape);
    const wanted = Float32Array.from(numbers, (v, at) => (kept[at] ? v : 0));
    return { tensor: sparsify(assemble(dense, shape, wanted), how, format), wanted };
  } catch (error) {
    expect(error).toBeInstanceOf(SparseError);
    expect(['format', 'shape', 'lossy']).toContain((error as SparseError).code);
    return undefined;
  }
}

const named = layouts.map((layout) => [layout.layoutName, layout] as const);
/** −0 is 0: what no layout stores has no sign. */
const plain = (numbers: Float32Array): Float32Array => numbers.map((v) => v + 0);

describe.each(named)('%s', (_, layout) => {
  const cases = fc
    .tuple(parameters(layout), matrix)
    .map(([params, given]) => held(layout, params, given))
    .filter((found) => found !== undefined);

  it('gives back what it takes, to the bit', () => {
    fc.assert(
      fc.property(cases, ({ tensor, wanted }) => {
        const file = readSafetensors(writeSafetensors({ tensor })).tensors.get('tensor')!;
        expect(printFormat(file.format)).toBe(printFormat(tensor.format));
        const hop = convert(convert(tensor, csr), dense);
        for (const copy of [tensor, file, hop])
          expect(plain(toDense(copy) as Float32Array)).toEqual(plain(wanted));
      }),
      options,
    );
  });

  it('multiplies as it would dense', async () => {
    const positions = fc.integer({ min: 0, max: 19 });
    await fc.assert(
      fc.asyncProperty(cases, positions, async ({ tensor }, n) => {
        const k = tensor.shape[1]!;
        const waves = Float32Array.from({ length: k * n }, (__, at) => Math.sin(at));
        const x = assemble(dense, [k, n], waves);
        const [a, b] = [engine.put(tensor), engine.put(x)];
        const y = matmul(a, b);
        const got = toDense(await engine.get(y));
        for (const t of [a, b, y]) t.dispose();
        expect(firstOutside(got, boundOf(matmul, [tensor, x], matmul.spec.defaults))).toBe(-1);
      }),
      options,
    );
  });
});
