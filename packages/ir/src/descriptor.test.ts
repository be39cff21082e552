import { describe as group, expect, it } from 'vitest';
import { assemble } from './assemble.ts';
import { describe, restore, type Descriptor } from './descriptor.ts';
import { SparseError } from './error.ts';
import { layout } from './layout.ts';
import { level } from './level.ts';
import { walkFlat } from './walk.ts';

const csr = layout({
  name: 'csr',
  rank: 2,
  levels: () => [level.dense('i'), level.compressed('j')],
});
const tensor = assemble(csr, [2, 3], [0, 5, 0, 7, 0, 9]);

/** As a file has it, with some fields changed. */
const saved = (changes: object = {}): Descriptor =>
  JSON.parse(JSON.stringify({ ...describe(tensor), ...changes })) as Descriptor;

group('descriptors', () => {
  it('restore a pattern, of a layout that is known or not', () => {
    for (const layouts of [[csr], []]) {
      const pattern = restore(saved(), tensor.pattern.structure, layouts);
      const seen: number[] = [];
      walkFlat(pattern, (flat) => seen.push(flat));
      expect(seen).toEqual([1, 3, 5]);
      expect(pattern.format.layout === csr).toBe(layouts.length === 1);
    }
  });

  const levels = describe(tensor).levels;
  it.each([
    [{ format: 7 }, /names no format/],
    [{ shape: 'wide' }, /has no shape/],
    [{ shape: [2, -3] }, /has no shape/],
    [{ shape: [2, 0.5] }, /has no shape/],
    [{ dtype: 'float8' }, /names the unknown dtype float8/],
    [{ positions: [2] }, /has no levels, or not one count of positions each/],
    [{ positions: [2, -1] }, /a count of positions that is none/],
    [{ positions: [2, 4] }, /csr: crd of level j has 4 elements, and 3 are needed/],
    [{ positions: [2, 1e9] }, /needs \d+ bytes of structure, and the file has 32/],
    [{ levels: [levels[0], { ...levels[1], kind: 'magic' }] }, /a level of the unknown kind magic/],
    [{ levels: [levels[0], { ...levels[1], size: 1.5 }] }, /a level j without a size/],
    [
      { levels: [levels[0], { ...levels[1], width: 'uint64' }] },
      /a level j without a coordinate width/,
    ],
    [
      { levels: [levels[0], { ...levels[1], binds: [{ dim: 2, div: 1, mod: 0 }] }] },
      /binds no dimension/,
    ],
    [{ levels: [levels[0], { ...levels[1], along: 7 }] }, /of gaps or along a diagonal/],
    [{ levels: [levels[0], { ...levels[1], delta: 'yes' }] }, /of gaps or along a diagonal/],
    [{ levels: [levels[0], { ...levels[1], delta: true }] }, /other levels than the layout/],
    [{ levels: [levels[1], levels[0]] }, /csr has other levels than the layout of that name/],
  ])('that lie are refused before anything is made of them (%#)', (changes, said) => {
    const call = (): unknown => restore(saved(changes), tensor.pattern.structure, [csr]);
    expect(call).toThrow(SparseError);
    expect(call).toThrow(said);
  });

  it('with a structure that is short or changed are refused', () => {
    const { structure } = tensor.pattern;
    expect(() => restore(saved(), structure.slice(0, 16), [csr])).toThrow(
      /csr of \[2, 3\] needs 32 bytes of structure, and the file has 16/,
    );
    const changed = structure.slice();
    changed[4] = 3;
    changed[8] = 2;
    expect(() => restore(saved(), changed, [csr])).toThrow(SparseError);
  });
});
