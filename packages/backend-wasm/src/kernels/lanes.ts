// A constant in any layout times one position: rows by fours, those of like length together, an entry of each in a round.
//
//   prepared   ends u32[groups][9]   values f32   offsets u16        as the kernel `csr_lanes` reads them
import { anyLayout, dense, type OperandType, type Tensor } from '@lacuna/ir';
import { longestFirst, rowsOf } from './compressedrows.js';
import type { Family } from './family.js';
import { direct } from './positions.js';

/** Columns at most: offsets into x are bytes in 16 bits. */
const most = 2 ** 14;

const words = 9;

/** Groups of rows, and the bytes where values, offsets and the end are. */
function placesOf({ shape, stored }: Pick<OperandType, 'shape' | 'stored'>) {
  const groups = Math.ceil(shape[0]! / 4);
  const values = groups * words * 4;
  const offsets = values + stored * 4;
  return { groups, values, offsets, end: offsets + stored * 2 };
}

function prepare({ pattern, shape, values }: Tensor): Uint8Array {
  const [m, k] = shape as [number, number];
  const at = placesOf({ shape, stored: values.length });
  const bytes = new Uint8Array(at.end);
  const ends = new Uint32Array(bytes.buffer, 0, at.groups * words);
  const numbers = new Float32Array(bytes.buffer, at.values, values.length);
  const offsets = new Uint16Array(bytes.buffer, at.offsets, values.length);
  const rows = rowsOf(pattern, false);
  const { pos, crd, place } = rows;
  const order = longestFirst(rows, m, 1, k);
  let e = 0;
  const add = (q: number): void => {
    offsets[e] = crd[q]! * 4;
    numbers[e++] = values[place ? place[q]! : q] as number;
  };
  for (let group = 0; group < at.groups; group++) {
    const four = [0, 1, 2, 3].map((l) => order[4 * group + l] ?? m);
    const first = four.map((row) => pos[row]!);
    const counts = four.map((row) => (row < m ? pos[row + 1]! - pos[row]! : 0));
    const rounds = counts[3]!;
    const bounds = [e];
    for (let round = 0; round < rounds; round++) for (const q of first) add(q + round);
    bounds.push(e);
    for (let l = 0; l < 3; l++) {
      for (let of = rounds; of < counts[l]!; of++) add(first[l]! + of);
      bounds.push(e);
    }
    ends.set([...bounds, ...four], words * group);
  }
  return bytes;
}

/** Products of a constant with one position. */
export const lanesFamily: Family = {
  name: 'lanes',
  layout: anyLayout,
  prepare,
  single: true,
  takes: ({ constant, shape, format }) =>
    constant && shape.length === 2 && shape[1]! <= most && format.layout !== dense,
  panel: () => 4,
  lie: direct,
  share: () => 0.15,
  bind: (_, { operand, prepared }, { x, bias, act, y }) => {
    const { groups, values, offsets } = placesOf(operand);
    const matrix = [prepared, prepared + offsets, prepared + values];
    return {
      name: 'csr_lanes',
      units: groups,
      args: [operand.shape[0]!, ...matrix, x[0], bias, act, y[0]],
    };
  },
};
