// The greatest of each run, where runs are long: radix selection over the bits of |x|, eight at a time from the
// highest, finds the greatest magnitude that is dropped; of those equal to it the right ones stay, by their order.
//
//     histogram   numbers whose higher bits are those found so far, by their next eight bits: integer atomics,
//                 in workgroup memory for a tile of 2048 numbers and then for the run, so that no order matters
//     pick        the bucket in which the one looked for lies; the rest is looked for inside of it
//     count       equal ones of each tile, and then of all tiles before it
//     write       a number is compared, and an equal one by its order among the equal ones
//
//            4 histograms, so 4 reads of x, 2 more for order, one write: 28 bytes a number, in any number of
//            workgroups. A thread a run picks, which is little beside it. One result, whatever the machine.
import type { Binding, Dispatch } from '../../kernel.js';
import { grid } from '../../program.js';
import { fill } from '../move.js';
import type { Drops } from './greatest.js';
import { runNumbers, type RunGrid } from './runs.js';
import {
  buckets,
  histogramProgram,
  orderProgram,
  passes,
  pickProgram,
  scanProgram,
  size,
  tile,
  writeProgram,
} from './selection.js';

const aligned = (bytes: number): number => Math.ceil(bytes / 256) * 256;
const tilesOf = (runs: RunGrid): number => Math.ceil(runs.size / tile);

/** Where the parts of scratch memory begin, and where they end. */
function parts(runs: RunGrid): { histogram: number; before: number; end: number } {
  const histogram = aligned(runs.count * 16);
  const before = histogram + aligned(runs.count * buckets * 4);
  return { histogram, before, end: before + runs.count * tilesOf(runs) * 4 };
}

/** Bytes of scratch memory. */
export const selectScratch = (runs: RunGrid): number => parts(runs).end;

/** Marks the greatest of each run. */
export function select(
  runs: RunGrid,
  { whole, tail, ties }: Drops,
  [numbers, y]: readonly [x: Binding, y: Binding],
  scratch: (offset: number, bytes: number) => Binding,
): readonly Dispatch[] {
  const tiles = tilesOf(runs);
  const at = parts(runs);
  const found = scratch(0, runs.count * 16);
  const histogram = scratch(at.histogram, runs.count * buckets * 4);
  const before = scratch(at.before, runs.count * tiles * 4);
  const numbersOf = ([shift, width] = [0, 0]): readonly number[] => [
    ...runNumbers(runs),
    tiles,
    shift,
    width,
    whole,
    tail,
  ];
  const byTile = grid(runs.count * tiles, 1);
  const byRun = grid(runs.count, size);
  const order: Dispatch[] = [
    {
      program: orderProgram,
      params: numbersOf(),
      buffers: [numbers, found, before],
      workgroups: byTile,
    },
    { program: scanProgram, params: numbersOf(), buffers: [before], workgroups: byRun },
  ];
  return [
    fill(found, runs.count * 4, 0, 'int32'),
    fill(histogram, runs.count * buckets, 0, 'int32'),
    ...passes.flatMap(([shift, width]): Dispatch[] => [
      {
        program: histogramProgram,
        params: numbersOf([shift, width]),
        buffers: [numbers, found, histogram],
        workgroups: byTile,
      },
      {
        program: pickProgram(ties),
        params: numbersOf([shift, width]),
        buffers: [found, histogram],
        workgroups: byRun,
      },
    ]),
    ...(tiles > 1 ? order : []),
    {
      program: writeProgram,
      params: numbersOf(),
      buffers: [numbers, found, before, y],
      workgroups: byTile,
    },
  ];
}
