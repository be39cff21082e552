// Dense to layouts whose patterns are found at every run: by the levels that list what is stored, whatever layout they
// are of; n:m:g, which chooses, by a choice of its own.
import { anyLayout, dense, roomBytes, type OperandType, type Signature } from '@lacuna/ir';
import { compress } from '@lacuna/ops';
import { webgpuKernel, type Dispatch, type WebgpuCall, type WebgpuKernel } from '../kernel.js';
import { bits, everywhere } from './compress/bits.js';
import { cellsOf, type Cells } from './compress/cells.js';
import { fixed } from './compress/fixed.js';
import { grouped, groupedCount, groupedScratch, groupsOf } from './compress/grouped.js';
import { pack, packScratch } from './compress/pack.js';
import { fill } from './move.js';

const isFloat = ({ dtype }: OperandType): boolean => dtype === 'float32';

const cellsOfType = ({ format, shape }: OperandType): readonly Cells[] | undefined =>
  cellsOf(format, shape);

function launch(call: WebgpuCall): readonly Dispatch[] {
  const { inputs, output } = call;
  const { operand, structure, values } = output;
  if (operand.stored === 0) {
    // No numbers, or no rows of them: positions, if there are any, say that nothing is there.
    const words = roomBytes(operand.pattern) / 4;
    return words > 0 ? [fill(structure!, words, 0, 'int32')] : [];
  }
  const groups = groupsOf(operand);
  if (groups) return grouped(call, groups);
  const all = cellsOfType(operand)!;
  const [cells] = all as [Cells];
  switch (cells.kind) {
    case 'bitmask':
      return [...pack(call, all), ...bits(call, cells)];
    case 'masked':
      return [...everywhere(cells, inputs[0]!.values, values), ...bits(call, cells)];
    case 'fixed':
      return fixed(call, cells);
    default:
      return pack(call, all);
  }
}

/** compress into any layout whose levels say what it lists. */
export const compressKernel: WebgpuKernel = webgpuKernel<object>({
  name: 'compress',
  op: compress,
  takes: [dense],
  gives: anyLayout,
  // A room, which has a place for whatever there is.
  when: ({ inputs: [given], output }: Signature) =>
    isFloat(given!) && isFloat(output) && isRoom(output),
  scratch: ({ output }) => {
    const groups = groupsOf(output);
    if (groups) return groupedScratch(groups);
    const all = cellsOfType(output)!;
    return isPacked(all[0]!) ? packScratch(all) : 0;
  },
  exact: true,
  launch,
});

const isPacked = ({ kind }: Cells): boolean => kind === 'compressed' || kind === 'bitmask';

function isRoom(output: OperandType): boolean {
  const groups = groupsOf(output);
  if (groups) return output.stored === groupedCount(groups);
  const last = cellsOfType(output)?.at(-1);
  if (!last) return false;
  const { kind, parents, size, block, fixed: count } = last;
  return output.stored === parents * (kind === 'fixed' ? count : size) * block;
}
