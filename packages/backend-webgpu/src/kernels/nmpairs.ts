// 2:4 along the inputs, one position: four rows a thread, so that x is read as it lies, in vectors that serve all
// four, rather than gathered for each entry. Which two of a vector's four numbers an entry takes, selects say.
//
//   x    [ a b c d ][ e f g h ]          a step of eight columns: 2 vectors of x, and of each row one vector of W and
//   row   v0 · v1 ·  · v2 · v3           one word of coordinates: 7 words loaded a row, where dense loads 12 and
//                                        gathering 9. Workgroups: M/(4·64).
import type { OperandType } from '@lacuna/ir';
import { widthOf } from './coordinates.js';
import { each, type Inner } from './family.js';
import { valuesOf } from './values.js';

const rows = 4;

/** Whether rows are whole steps, whose coordinates are the bytes of a word. */
export function inPairs(w: OperandType): boolean {
  const { n, m } = w.format.params;
  return n === 2 && m === 4 && w.shape[1]! % 8 === 0 && widthOf(w, 2) === 'uint8';
}

/** The loop over steps. */
export function pairsInner(w: OperandType): Inner {
  const values = valuesOf(w, true);
  return {
    key: 'nm pairs',
    rows,
    items: Math.ceil(w.shape[0]! / rows),
    row: (r) => `item * ${rows}u + ${r}u`,
    params: ['crd', 'entries'],
    buffers: [{ name: 's', type: 'array<u32>' }],
    values,
    loop: () => `
let first = item * ${rows}u * p.entries;
for (var q = 0u; q < p.entries; q += 4u) {
  let x0 = x[q / 2u];
  let x1 = x[q / 2u + 1u];
  let a = vec4f(x0.xx, x1.xx);
  let b = vec4f(x0.yy, x1.yy);
  let c = vec4f(x0.zz, x1.zz);
  let d = vec4f(x0.ww, x1.ww);
  ${each(
    rows,
    (r) => `{
    let at = first + ${r}u * p.entries + q;
    let e = vec4u(s[p.crd + at / 4u]);
    let odd = (e & vec4u(0x1u, 0x100u, 0x10000u, 0x1000000u)) != vec4u();
    let high = (e & vec4u(0x2u, 0x200u, 0x20000u, 0x2000000u)) != vec4u();
    let taken = select(select(a, b, odd), select(c, d, odd), high);
    a${r} = fma(${values.four('at / 4u')}, taken, a${r});
  }`,
  )}
}`,
  };
}
