// 2:4 along the inputs for one position: rows of W share x, which is read as it lies and not gathered for each entry.
// Which two of a vector's four numbers an entry takes, selects say, by a table of two bits an entry that is made once
// a pattern: a first entry is at 0, 1 or 2 of its block, a second at 1, 2 or 3, so that two selects are enough.
//
//   x    [ a b c d ][ e f g h ]       low  a b e f        a step of 32 columns: 8 vectors of x, and of each row 4
//   row   v0 · v1 ·  · v2 · v3        mid  b c f g        vectors of W and one word, in one place each; dense loads
//                                     high c d g h        12 vectors for each row of two. Workgroups: M/(4·64).
import { bufferOf, type Derive, type OperandType } from '@lacuna/ir';
import type { Inner } from './family.js';
import { each, stride } from './tile.js';
import { valuesOf } from './values.js';

const rows = 8;
/** Columns and entries of a word. */
const [columns, entries] = [32, 16];

/** Whether rows are whole words, and there are any. */
export function inPairs({ format, shape }: Pick<OperandType, 'format' | 'shape'>): boolean {
  const { n, m, along } = format.params;
  const [, k = 0] = shape;
  return n === 2 && m === 4 && along === 1 && shape.length === 2 && k > 0 && k % columns === 0;
}

/** Of each entry a bit that it is one past its lowest place, and one that it is two past it. */
export const placesInPairs: Derive = (pattern) => {
  if (!inPairs(pattern)) return new Uint32Array(1);
  const crd = bufferOf(pattern, 2, 'crd');
  const out = new Uint32Array(crd.length / entries);
  crd.forEach((at, q) => {
    const past = at - (q & 1);
    out[Math.floor(q / entries)]! |= ((past & 1) | (past & 2)) << ((q % entries) * 2);
  });
  return out;
};

const bits = (t: number, bit: number): string =>
  `vec4u(${[0, 1, 2, 3].map((i) => `${2 ** ((t * 4 + i) * 2 + bit)}u`).join(', ')})`;

/** WGSL of what four entries take of x: their word of places is `e`. */
const chosen = (t: number): string => {
  const none = (bit: number): string => `(e & ${bits(t, bit)}) == vec4u()`;
  return `select(high${t}, select(mid${t}, low${t}, ${none(0)}), ${none(1)})`;
};

/** The loop over words. Sums go from four to four by name, so that a variable is changed once a word and row. */
export function pairsInner(w: OperandType, spread: boolean): Inner {
  const plain = valuesOf(w, true);
  const tiled = plain.key === 'fours';
  const values = tiled ? { ...plain, buffer: { ...plain.buffer, type: 'array<Tile4>' } } : plain;
  return {
    key: 'nm pairs',
    spread,
    rows,
    items: Math.ceil(w.shape[0]! / rows),
    row: (r) => `item * ${rows}u + ${r}u`,
    params: [],
    buffers: [{ name: 's', type: 'array<u32>' }],
    values,
    x: 'Tile8',
    head: `alias Tile8 = array<vec4f, 8>;
${tiled ? 'alias Tile4 = array<vec4f, 4>;' : ''}`,
    loop: () => `
let words = p.k / ${columns}u;
let first = item * ${rows}u * words;
for (${stride('var step = 0u', 1, 'step < words', spread)}) {
  let xs = x[step];
  ${each(
    4,
    (t) => `let low${t} = vec4f(xs[${2 * t}].xy, xs[${2 * t + 1}].xy);
  let mid${t} = vec4f(xs[${2 * t}].yz, xs[${2 * t + 1}].yz);
  let high${t} = vec4f(xs[${2 * t}].zw, xs[${2 * t + 1}].zw);`,
  )}
  ${each(
    rows,
    (r) => `{
    let at = first + ${r}u * words + step;
    let e = vec4u(s[at]);
    ${tiled ? 'let ws = w[at];' : ''}
    ${each(4, (t) => {
      const [ws, xs] = [tiled ? `ws[${t}]` : values.four(`at * 4u + ${t}u`), chosen(t)];
      return `let s${t} = ${t === 0 ? `${ws} * ${xs}` : `fma(${ws}, ${xs}, s${t - 1})`};`;
    })}
    a${r} += s3;
  }`,
  )}
}`,
  };
}
