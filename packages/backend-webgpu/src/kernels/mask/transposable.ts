// Transposable n:m as the host chooses: of m × m blocks the best of all masks where m ≤ 4, the first of equal ones, its
// sums in double precision; else the largest numbers that their row and column have room for, of equal ones the first. A
// thread takes a block.
//
//            m ≤ 4: an addition for each number of each mask, 90 masks of 8 for 2:4. Above: m² comparisons for each
//            of the n·m numbers that stay.
import { sizeOf, type Shape } from '@lacuna/ir';
import type { Binding, Dispatch } from '../../kernel.js';
import { grid, item, program, variants } from '../../program.js';
import { doubleHead } from './double.js';
import { markHead } from './runs.js';

const size = 64;

interface Sides {
  readonly n: number;
  readonly m: number;
}

/** Every m × m mask with n in each row and column, as words with a bit for each number, in the host's order. */
function allMasks({ n, m }: Sides): readonly number[] {
  const bits = (x: number): number => (x === 0 ? 0 : (x & 1) + bits(x >> 1));
  const rows = Array.from({ length: 1 << m }, (_, x) => x).filter((x) => bits(x) === n);
  let found: number[] = [0];
  for (let r = 0; r < m; r++)
    found = found.flatMap((head) => rows.map((row) => head | (row << (r * m))));
  const column = Array.from({ length: m }, (_, r) => 1 << (r * m)).reduce((a, b) => a | b, 0);
  return found.filter((mask) =>
    Array.from({ length: m }, (_, c) => bits(mask & (column << c))).every((k) => k === n),
  );
}

/** WGSL that sets the bits of `rows`. */
const best = (sides: Sides): string => {
  const { m } = sides;
  const masks = allMasks(sides);
  return `
var masks = array<u32, ${masks.length}>(${masks.map((mask) => `${mask}u`).join(', ')});
var most = vec2u();
var chosen = masks[0];
for (var k = 0u; k < ${masks.length}u; k++) {
  var sum = vec2u();
  for (var rest = masks[k]; rest != 0u; rest &= rest - 1u) {
    let at = firstTrailingBit(rest);
    sum = plus(sum, toDouble(sizeAt(origin, tall, wide, at / ${m}u, at % ${m}u)));
  }
  if (above(sum, most)) {
    most = sum;
    chosen = masks[k];
  }
}
for (var r = 0u; r < ${m}u; r++) { rows[r] = extractBits(chosen, r * ${m}u, ${m}u); }`;
};

const greedy = ({ n, m }: Sides): string => `
var full = 0u; // columns without room
var inColumn = array<u32, ${m}>();
loop {
  var found = false;
  var most = 0u;
  var at = vec2u();
  for (var r = 0u; r < ${m}u; r++) {
    if (countOneBits(rows[r]) >= ${n}u) { continue; }
    for (var c = 0u; c < ${m}u; c++) {
      if ((((full | rows[r]) >> c) & 1u) == 1u) { continue; }
      let v = sizeAt(origin, tall, wide, r, c);
      if (!found || v > most) {
        found = true;
        most = v;
        at = vec2u(r, c);
      }
    }
  }
  if (!found) { break; }
  rows[at.x] |= 1u << at.y;
  inColumn[at.y]++;
  if (inColumn[at.y] == ${n}u) { full |= 1u << at.y; }
}`;

const blocksProgram = variants((sides: Sides) =>
  program({
    name: `mask-transposable-${sides.n}-${sides.m}`,
    params: ['items', 'down', 'across', 'height', 'width'],
    buffers: [
      { name: 'x', type: 'array<u32>' },
      { name: 'y', type: 'array<u32>', write: true },
    ],
    workgroup: [size, 1, 1],
    head: `${markHead}${doubleHead}
fn sizeAt(origin: u32, tall: u32, wide: u32, r: u32, c: u32) -> u32 {
  if (r >= tall || c >= wide) { return 0u; }
  return magnitude(x[origin + r * p.width + c]);
}`,
    body: `
let block = ${item(size)};
if (block >= p.items) { return; }
let top = block / p.across % p.down * ${sides.m}u;
let left = block % p.across * ${sides.m}u;
let origin = (block / p.across / p.down * p.height + top) * p.width + left;
let tall = min(${sides.m}u, p.height - top);
let wide = min(${sides.m}u, p.width - left);
var rows = array<u32, ${sides.m}>();
{${sides.m <= 4 ? best(sides) : greedy(sides)}
}
for (var r = 0u; r < tall; r++) {
  for (var c = 0u; c < wide; c++) {
    let at = origin + r * p.width + c;
    y[at] = mark(((rows[r] >> c) & 1u) == 1u, magnitude(x[at]));
  }
}`,
  }),
);

/** Marks what transposable n:m keeps of the last two dimensions. */
export function transposable(
  sides: Sides,
  shape: Shape,
  buffers: readonly [x: Binding, y: Binding],
): readonly Dispatch[] {
  const [height, width] = shape.slice(-2) as [number, number];
  const [down, across] = [Math.ceil(height / sides.m), Math.ceil(width / sides.m)];
  const items = sizeOf(shape.slice(0, -2)) * down * across;
  return [
    {
      program: blocksProgram({ n: sides.n, m: sides.m }),
      params: [items, down, across, height, width],
      buffers,
      workgroups: grid(items, size),
    },
  ];
}
