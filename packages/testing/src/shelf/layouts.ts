// Broken layouts.
import { int, layout, level, type LayoutSpec, type Param } from '@lacuna/ir';
import { layoutLaws } from '../layouts.js';
import type { ShelfEntry } from './entry.js';

type Spec = LayoutSpec<Record<string, Param>>;

/** One entry a row, its column chosen by `assign`: a small layout with a choice, right or wrong. */
function oneARow(name: string, choose: (largest: number, columns: number) => number): Spec {
  return {
    name,
    rank: 2,
    levels: (_, [, columns]) => [
      level.dense('i'),
      level.slot('p', Math.min(1, columns!)),
      level.fixed('j', Math.min(1, columns!)),
    ],
    assign({ shape: [rows, columns], magnitude }) {
      const crd = new Uint32Array(columns! > 0 ? rows! : 0);
      for (let i = 0; i < crd.length; i++) {
        const row = magnitude.subarray(i * columns!, (i + 1) * columns!);
        crd[i] = choose(row.indexOf(Math.max(...row)), columns!);
      }
      return { j: crd };
    },
  };
}

/** The layout that the broken ones are made from: its laws hold. */
export const soundLayout = layout(oneARow('largest', (largest) => largest));

const broken = (name: string, rejectedBy: string, spec: Spec): ShelfEntry => ({
  name,
  laws: layoutLaws(layout(spec)),
  rejectedBy,
});

/** Layouts that the laws must reject. */
export const brokenLayouts: readonly ShelfEntry[] = [
  broken(
    'assign is off by one',
    'what a layout has stored, it can store again',
    oneARow('offbyone', (largest, columns) => (largest + 1) % columns),
  ),
  broken(
    'assign names a column past the last',
    'what is made passes check',
    oneARow('past', (_, columns) => columns),
  ),
  broken('assign gives one coordinate twice', 'what is made passes check', {
    name: 'twice',
    rank: 2,
    levels: (_, [, columns]) => [level.dense('i'), level.slot('p', 1), level.fixed('j', columns!)],
    assign: ({ shape: [rows, columns] }) => ({ j: new Uint32Array(rows! * columns!) }),
  }),
  broken(
    'it says that it holds any pattern, and has no place for half of the columns',
    'numbers that are stored read back to the bit, or are refused as lossy',
    { name: 'halved', rank: 2, levels: () => [level.dense('i'), level.compressed('j%2')] },
  ),
  broken(
    'two names for one dimension, so that it is counted twice',
    'numbers that are stored read back to the bit, or are refused as lossy',
    {
      name: 'doubled',
      rank: 2,
      levels: () => [level.dense('i'), level.compressed('j'), level.dense('j')],
    },
  ),
  broken(
    'its levels change with the weather',
    'the same numbers are stored the same way',
    unsteady(),
  ),
  broken(
    'its order of rows is no order: the last row stands twice',
    'numbers that are stored read back to the bit, or are refused as lossy',
    {
      name: 'twofold',
      rank: 2,
      levels: () => [level.dense('i', { by: { name: 'order', over: [] } }), level.compressed('j')],
      assign: ({ shape: [rows] }) => ({
        order: Uint32Array.from({ length: rows! }, (_, i) => Math.max(1, i)),
      }),
    },
  ),
  broken('it loses a parameter when it is printed', 'a format reads back from its print', {
    name: 'two words',
    params: { n: int(1, 4) },
    levels: () => [level.compressed('i')],
    rank: 1,
  }),
];

/** Chooses another column each time. */
function unsteady(): Spec {
  let turn = 0;
  return oneARow('unsteady', (largest, columns) => (largest + turn++) % columns);
}
