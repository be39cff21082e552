// Changes of layout in linear memory. What a result takes is counted first, so that its blocks are allocated once,
// as large as they are, and then filled: no flat index, no sort, no room for more.
//
//   count   pos 0 | 1 0 2       sum   pos 0 1 1 3       alloc   pos 4 · crd 3 · values 3       fill
import {
  buffersOf,
  dense,
  levelsOf,
  patternOver,
  sizeOf,
  structureBytes,
  vouch,
  densePattern,
  type Changed,
  type Format,
  type Operand,
} from '@lacuna/ir';
import { assigned } from './assign.js';
import { structureOf } from './copyout.js';
import { pointers, type Stage } from './kernel.js';
import { rowsFrom, sumCounts, type RowsOf } from './kernels/change.js';
import { denseFrom } from './kernels/densify.js';
import type { Arena } from './memory.js';
import { taking } from './taking.js';

const word = 4;

/**
 * What stages make of an operand in another format; undefined where none do.
 *
 * @throws SparseError `capacity` where there is no room; nothing is left behind.
 */
export function changed(
  from: Operand,
  to: Format,
  memory: Arena,
  run: (stages: readonly Stage[]) => void,
): Changed | undefined {
  if (from.dtype !== 'float32' && from.dtype !== 'int32') return undefined;
  if (to.layout === dense && !to.codec) {
    const values = (y: number): readonly Stage[] | undefined => denseFrom(pointers(from), y);
    if (!values(0)) return undefined;
    const block = memory.alloc(Math.max(1, sizeOf(from.shape)) * word);
    run(values(block.offset)!);
    return { pattern: densePattern(from.shape), values: block };
  }
  const rows = rowsFrom(pointers(from), to);
  return rows ? filled(from, to, rows, memory, run) : assigned(from, to, memory, run);
}

function filled(
  { shape }: Operand,
  to: Format,
  { groups, each, count, fill, scratch }: RowsOf,
  memory: Arena,
  run: (stages: readonly Stage[]) => void,
): Changed {
  return taking(memory, (take) => {
    const counts = take((groups + 1) * word);
    const own = scratch > 0 ? take(scratch) : undefined;
    run([...count(counts.offset, own?.offset ?? 0), sumCounts(groups, counts.offset)]);
    const at = groups * word;
    const listed = new DataView(memory.memory.buffer, counts.offset + at).getUint32(0, true);
    const levels = levelsOf(to, shape);
    const positions: number[] = [];
    for (const { size } of levels)
      positions.push(positions.length === 1 ? listed : (positions.at(-1) ?? 1) * size);
    const buffers = buffersOf(levels, positions);
    const all = structureBytes(buffers);
    const [structure, values] = [take(all), take(listed * each * word)];
    const [pos, crd] = buffers.map(({ offset }) => structure.offset + offset) as [number, number];
    const bytes = buffers[1]!.type === 'uint16' ? 2 : 4;
    memory.copy(counts, structure, (groups + 1) * word);
    const made = memory.view(structure).subarray(0, all);
    made.fill(0, (groups + 1) * word, buffers[1]!.offset); // what lies between and behind
    made.fill(0, buffers[1]!.offset + listed * bytes);
    run(fill({ pos, crd, bytes, values: values.offset, scratch: own?.offset ?? 0 }));
    const pattern = patternOver(to, shape, positions, structureOf(to, structure, memory, all));
    for (const block of [counts, own]) if (block) memory.free(block);
    return { pattern: vouch(pattern), structure, values };
  });
}
