// A bit an element: a thread walks the set bits of its row, a byte at a time, and takes the next value for
// each. Few bytes of structure; bound by the search for bits, and by x as CSR is.
//
//   mask  0b00100101  ->  columns 0 2 5   values q, q + 1, q + 2, from rank[row] on
import type { OperandType } from '@lacuna/ir';
import { bitmask } from '@lacuna/layouts';
import { addTo, loadX, type Family, type Inner } from './family.js';
import { valuesOf } from './values.js';

const inner = (
  w: OperandType,
  body: (value: string, wide: number) => string,
  key: string,
  values = valuesOf(w, false),
): Inner => ({
  key,
  gathers: key.endsWith('vector'),
  rows: 1,
  items: w.shape[0]!,
  row: () => 'item',
  params: ['mask', 'rank', 'bytes'],
  buffers: [{ name: 's', type: 'array<u32>' }],
  values,
  loop: (wide) => `
var q = s[p.rank + item];
let end = s[p.rank + item + 1u];
var at = item * p.bytes;
for (var base = 0u; q < end; base += 8u) {
  var bits = extractBits(s[p.mask + (at >> 2u)], (at & 3u) * 8u, 8u);
  at++;
  while (bits != 0u) {
    let j = base + firstTrailingBit(bits);
    bits &= bits - 1u;
    ${body(values.value('q'), wide)}
    q++;
  }
}`,
});

/** Products with a bitmask on the left. */
export const bitmaskFamily: Family = {
  name: 'bitmask',
  layout: bitmask,
  takes: () => true,
  share: (_, n) => (n === 1 ? 0.03 : 0.3 * Math.min(1, (n + 8) / 40)),
  inner: (w) =>
    inner(w, (v, wide) => `${loadX(wide, 'j')}\nlet v = ${v};\n${addTo(0, wide, 'v')}`, 'bitmask'),
  vector: (w) => inner(w, (v) => `a0[0] = fma(${v}, x[j], a0[0]);`, 'bitmask vector'),
  bind: (w) => ({
    params: [w.word(1, 'mask'), w.word(1, 'rank'), Math.ceil(w.operand.shape[1]! / 8)],
    buffers: [w.structure, w.values],
  }),
};
