// Dense numbers and csr as n:m:g in linear memory. The columns that patterns take are the greedy's; where that drops
// an entry there may be a choice that drops none, which the host looks for.
import {
  isDense,
  patternOver,
  roomFor,
  structureBytes,
  viewOf,
  vouch,
  type Changed,
  type Format,
  type Operand,
} from '@lacuna/ir';
import { patternCount } from '@lacuna/layouts';
import { structureOf } from './copyout.js';
import { pointers, type Stage, type WasmOperand } from './kernel.js';
import { blockArgs, isGrouped } from './kernels/densify.js';
import { lastOf } from './kernels/family.js';
import type { Arena } from './memory.js';
import { taking } from './taking.js';

const word = 4;
/** Words of scratch beyond which the host does it. */
const most = 2 ** 22;

/** Where entries are: pos, crd, bytes of a coordinate, values; three zeros before the values of dense numbers. */
function source(from: Operand): readonly number[] | undefined {
  if (from.dtype !== 'float32') return undefined;
  const w: WasmOperand = pointers(from);
  if (isDense(from.format)) return from.format.codec ? undefined : [0, 0, 0, w.values];
  const blocks = blockArgs(w);
  return blocks?.v === 1 && blocks.c === 1 ? blocks.args : undefined;
}

/**
 * An operand as n:m:g; undefined where no kernel does that, or the greedy drops an entry.
 *
 * @throws SparseError `capacity` where there is no room; nothing is left behind.
 */
export function assigned(
  from: Operand,
  to: Format,
  memory: Arena,
  run: (stages: readonly Stage[]) => void,
): Changed | undefined {
  const { shape } = from;
  if (!isGrouped({ format: to, shape })) return undefined;
  const entries = source(from);
  const [m, k] = shape as [number, number];
  const { n, m: block, g } = to.params as Readonly<Record<'n' | 'm' | 'g', number>>;
  const patterns = patternCount(n, block);
  const span = patterns * g;
  const [blocks, chunks] = [Math.ceil(m / block), Math.ceil(k / span)];
  const words = span * (3 + patterns) + 2 * patterns + block * (k + chunks * span);
  if (!entries || m === 0 || k === 0 || words > most) return undefined;

  const { levels, positions, buffers } = roomFor(to, shape)!;
  const bytes = structureBytes(buffers);
  const [crd, table] = [
    buffers.find((b) => b.role === 'crd')!,
    buffers.find((b) => b.role === 'table')!,
  ];
  if (crd.type !== 'uint16' || table.type !== 'uint8') return undefined;
  return taking(memory, (take) => {
    const [structure, values] = [take(bytes), take(positions.at(-1)! * word)];
    const [lost, scratch] = [take(blocks * word), take(words * word)];
    const all = memory.view(structure).subarray(0, bytes) as Uint8Array<ArrayBuffer>;
    all.fill(0);
    viewOf({ structure: all }, table).set(levels[table.level]!.by!.data!);
    const where = [m, k, n, block, g, patterns, structure.offset + table.offset];
    const made = [structure.offset + crd.offset, values.offset, lost.offset, scratch.offset];
    const args = [...where, ...entries, ...made];
    const work = blocks * chunks * span * (patterns * n + columnWork);
    const own = lastOf(args, words * word);
    run([{ name: 'nmg_assign', units: blocks, args, work, own }]);
    const loses = new Uint32Array(memory.memory.buffer, lost.offset, blocks).includes(1);
    const pattern = patternOver(to, shape, positions, structureOf(to, structure, memory, bytes));
    for (const block of loses ? [structure, values, lost, scratch] : [lost, scratch])
      memory.free(block);
    return loses ? undefined : { pattern: vouch(pattern), structure, values };
  });
}

/** Multiply-adds that placing a column is worth. */
const columnWork = 400;
