// A bit an element: a thread walks the set bits of its row, a word at a time, and takes the next value for each. Few
// bytes of structure; bound by the search for bits, and by x as CSR is. The lowest bit of a word, as a number, has its place
// as exponent: a fifth quicker than `firstTrailingBit` on SwiftShader.
//
//   mask  0b00100101  ->  columns 0 2 5   values q, q + 1, q + 2, from rank[row] on
import type { OperandType } from '@lacuna/ir';
import { bitmask } from '@lacuna/layouts';
import type { Family, Inner } from './family.js';
import { addTo, loadX } from './tile.js';
import { valuesOf } from './values.js';

const inner = (
  w: OperandType,
  add: (j: string, value: string, wide: number) => string,
  key: string,
): Inner => {
  const values = valuesOf(w, false);
  return {
    key,
    gathers: key.endsWith('vector'),
    rows: 1,
    items: w.shape[0]!,
    row: () => 'item',
    params: ['mask', 'rank', 'bytes'],
    buffers: [{ name: 's', type: 'array<u32>' }],
    values,
    // A row begins at a byte, and its last word ends where it does.
    head: `
fn lowest(word: u32) -> u32 {
  let bit = bitcast<i32>(word & (0u - word)); // the highest one is negative, and has its exponent all the same
  return ((bitcast<u32>(f32(bit)) >> 23u) & 255u) - 127u;
}
fn wordAt(byte: u32, bits: u32) -> u32 {
  let at = p.mask + (byte >> 2u);
  let shift = (byte & 3u) * 8u;
  var word = s[at] >> shift;
  if (shift > 0u) { word |= s[at + 1u] << (32u - shift); }
  return extractBits(word, 0u, min(bits, 32u));
}`,
    loop: (wide) => `
var q = s[p.rank + item];
let end = s[p.rank + item + 1u];
for (var byte = 0u; q < end; byte += 4u) {
  for (var word = wordAt(item * p.bytes + byte, (p.bytes - byte) * 8u); word != 0u; word &= word - 1u) {
    let j = byte * 8u + lowest(word);
    let v = ${values.value('q')};
    ${add('j', 'v', wide)}
    q++;
  }
}`,
  };
};

/** Products with a bitmask on the left. */
export const bitmaskFamily: Family = {
  name: 'bitmask',
  layout: bitmask,
  takes: () => true,
  share: (_, n) => (n === 1 ? 0.03 : 0.42 * Math.min(1, (n + 8) / 72)),
  wide: (n) => (n >= 64 ? 4 : 2),
  inner: (w) => inner(w, (j, v, wide) => `${loadX(wide, j)}\n${addTo(0, wide, v)}`, 'bitmask'),
  vector: (w) => inner(w, (j, v) => `a0[0] = fma(${v}, x[${j}], a0[0]);`, 'bitmask vector'),
  bind: (w) => ({
    params: [w.word(1, 'mask'), w.word(1, 'rank'), Math.ceil(w.operand.shape[1]! / 8)],
    buffers: [w.structure, w.values],
  }),
};
