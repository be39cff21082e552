// n:m:g as the layout chooses for what is stored: the greedy where it loses nothing; where it does, columns without a
// place get one by augmenting paths, the layout's own matching step by step. A plan cannot throw: a block that no
// matching holds, which the host refuses, is NaN.
//
//     1:2:1     x   a . | . .     patterns  0: row 0, 1: row 1       greedy: both columns want pattern 0; column 1, of
//                   . . | b .     columns   0 1 | 0 1                zeros, takes what is left
//
//            a thread takes a block, as in mask/greedy.ts. Where the greedy keeps all, what is left is to write it: 2 + 4·n
//            bytes a column. Scratch: 5·columns + 2·patterns words a block.
import { levelsOf, type OperandType } from '@lacuna/ir';
import { nmg } from '@lacuna/layouts';
import type { Dispatch, WebgpuCall } from '../../kernel.js';
import { grid, program, variants } from '../../program.js';
import { widthOf } from '../coordinates.js';
import { choice, greedyBlocks, size, type Blocks, type Variant } from '../mask/greedy.js';
import { storeCoordinate, structure, words } from './store.js';

interface Stored extends Variant {
  readonly column: ReturnType<typeof widthOf>;
  readonly row: ReturnType<typeof widthOf>;
}

/** WGSL: magnitudes, where what is not zero wants its place whatever it is; and moves along augmenting paths. */
const magnitudes = `
const none = 0xffffffffu;
fn magnitude(word: u32) -> u32 {
  let size = word & 0x7fffffffu;
  return select(size, 1u, size > 0x7f800000u);
}`;
const paths = (g: number): string => `
// Scratch once the greedy is done: where a column is, a queue of columns, the column that came to each pattern; the
// column at each place, the rows that a column needs, the greedy's places, patterns not seen.
const queue = columns;
const came = 2u * columns;
const places = came + patterns;
const needs = places + columns;
const before = needs + columns;
const unseen = before + columns;
fn fits(need: u32, k: u32) -> bool { return (need & ~rowsOf[k]) == 0u; }
fn settle(start: u32, free: u32) {
  var place = free;
  loop {
    let q = work[word(came + place / ${g}u)];
    let left = work[word(q)];
    work[word(places + place)] = q;
    work[word(q)] = place;
    if (q == start) { return; }
    place = left;
  }
}
fn augment(start: u32) -> bool {
  var left = patterns;
  for (var k = 0u; k < patterns; k++) { work[word(unseen + k)] = k; }
  work[word(queue)] = start;
  var tail = 1u;
  for (var head = 0u; head < tail; head++) {
    let q = work[word(queue + head)];
    let need = work[word(needs + q)];
    for (var u = 0u; u < left;) {
      let k = work[word(unseen + u)];
      if (!fits(need, k)) {
        u++;
        continue;
      }
      left--;
      work[word(unseen + u)] = work[word(unseen + left)];
      work[word(came + k)] = q;
      for (var t = k * ${g}u; t < (k + 1u) * ${g}u; t++) {
        if (work[word(places + t)] == none) {
          settle(start, t);
          return true;
        }
      }
      for (var t = k * ${g}u; t < (k + 1u) * ${g}u; t++) {
        work[word(queue + tail)] = work[word(places + t)];
        tail++;
      }
    }
  }
  return false;
}`;

const groupedProgram = variants((variant: Stored) => {
  const { n, g, column, row } = variant;
  const { params, buffers, head, body } = choice(variant);
  return program({
    name: 'compress-nmg',
    params: [...params, 'crd', 'table'],
    buffers: [...buffers, structure, words('values')],
    workgroup: [size, 1, 1],
    head: magnitudes + head + paths(g),
    body: `${body(`work[word(places + best * ${g}u + used)] = q;`)}
for (var q = 0u; q < columns; q++) {
  load(q);
  var need = 0u;
  for (var r = 0u; r < height; r++) { need |= select(0u, 1u << r, column[r] > 0u); }
  work[word(needs + q)] = need;
}
var lost = 0u;
for (var t = 0u; t < columns; t++) {
  let q = work[word(places + t)];
  let keeps = fits(work[word(needs + q)], t / ${g}u);
  work[word(before + t)] = q;
  work[word(q)] = select(none, t, keeps);
  if (!keeps) {
    work[word(places + t)] = none;
    lost++;
  }
}
var whole = true;
for (var q = 0u; q < columns && lost > 0u && whole; q++) {
  if (work[word(q)] != none) { continue; }
  whole = augment(q);
  lost--;
}
for (var t = 0u; t < columns; t++) {
  let q = work[word(select(before, places, whole) + t)];
  let at = item * columns + t;
  ${storeCoordinate(column, 'p.crd', 'at', 'q')}
  var rows = rowsOf[t / ${g}u];
  for (var i = 0u; i < ${n}u; i++) {
    let r = firstTrailingBit(rows);
    rows &= rows - 1u;
    var number = 0u;
    if (r < height && q < width) {
      let word = x[origin + r * p.down + q * p.across];
      number = select(0u, word, (word & 0x7fffffffu) != 0u);
    }
    values[at * ${n}u + i] = select(0x7fc00000u, number, whole);
  }
}
if (item > 0u) { return; }
for (var k = 0u; k < patterns; k++) {
  var rows = rowsOf[k];
  for (var i = 0u; i < ${n}u; i++) {
    let at = k * ${n}u + i;
    ${storeCoordinate(row, 'p.table', 'at', 'firstTrailingBit(rows)')}
    rows &= rows - 1u;
  }
}`,
  });
});

/** The blocks of an output in n:m:g; undefined in another layout, or where a shader would not hold one. */
export function groupsOf({ format, shape }: OperandType): Blocks | undefined {
  return format.layout === nmg && !format.codec ? greedyBlocks(format, shape) : undefined;
}

/** Numbers that are stored of blocks. */
export const groupedCount = ({ items, columns, n }: Blocks): number => items * columns * n;

/** Bytes of scratch memory. */
export const groupedScratch = ({ items, columns, patterns }: Blocks): number =>
  items * (5 * columns + 2 * patterns) * 4;

/** Writes places and values of every block. */
export function grouped(
  { inputs, output, scratch }: WebgpuCall,
  blocks: Blocks,
): readonly Dispatch[] {
  const { n, m, g, rank, items, params } = blocks;
  const { operand, word, structure: to, values } = output;
  const last = levelsOf(operand.format, operand.shape).length - 1;
  const [column, row] = [widthOf(operand, last - 1), widthOf(operand, last)];
  return [
    {
      program: groupedProgram({ n, m, g, rank, column, row }),
      params: [...params, word(last - 1, 'crd'), word(last, 'table')],
      buffers: [inputs[0]!.values, scratch(0, groupedScratch(blocks)), to, values],
      workgroups: grid(items, size),
    },
  ];
}
