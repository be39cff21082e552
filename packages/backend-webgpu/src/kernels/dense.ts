// Dense on the left: 4 rows by 2 vectors a thread, in registers, four k at a time.
//
//            2 vectors of x, four k        a step of four k: 4 vectors of W, 8 of x, 128 multiply-adds;
//          ┌──────┬──────┐                 12 vector loads for 32 vector multiply-adds. Each row of x is
//   4 of W │ a0_0 │ a0_1 │                 read M/4 times and each of W N/8 times, mostly from caches.
//          │  ⋮   │  ⋮   │                 Workgroups: M/(4·4) × N/(8·16) of 64 threads.
//          └──────┴──────┘
import { dense } from '@lacuna/ir';
import { addTo, each, loadX, type Family, type Inner } from './family.js';

const rows = 4;

/** Products with a dense left-hand side. */
export const denseFamily: Family = {
  name: 'dense',
  layout: dense,
  takes: () => true,
  share: (_, n) => (n === 1 ? 0.2 : Math.min(1, (n + 8) / 40)),
  inner: ({ shape: [m, k] }) => inner(k! % 4 === 0, m!),
  bind: ({ values }) => ({ params: [], buffers: [values] }),
  vector: ({ shape: [m, k] }) => vector(k! % 4 === 0, m!),
};

/** Four numbers of W from k on: a vector where rows start at whole vectors. */
const four = (aligned: boolean): string =>
  aligned
    ? 'fn w4(row: u32, k: u32) -> vec4f { return w[row * (p.k / 4u) + k / 4u]; }'
    : `fn w4(row: u32, k: u32) -> vec4f {
  let at = row * p.k + k;
  return vec4f(w[at], w[at + 1u], w[at + 2u], w[at + 3u]);
}`;

const common = (aligned: boolean): Pick<Inner, 'params' | 'buffers' | 'head'> => ({
  params: [],
  buffers: [{ name: 'w', type: aligned ? 'array<vec4f>' : 'array<f32>' }],
  head: four(aligned),
});

const inner = (aligned: boolean, m: number): Inner => ({
  ...common(aligned),
  key: `dense ${aligned}`,
  rows,
  items: Math.ceil(m / rows),
  row: (r) => `item * ${rows}u + ${r}u`,
  loop: (wide) => `
let row0 = item * ${rows}u;
let whole = p.k & ~3u;
for (var k = 0u; k < whole; k += 4u) {
  ${each(rows, (r) => `let w${r} = w4(row0 + ${r}u, k);`)}
  ${each(
    4,
    (i) => `${loadX(wide, `k + ${i}u`, `x${i}_`)}
  ${each(rows, (r) => addTo(r, wide, `w${r}[${i}]`, `x${i}_`))}`,
  )}
}
if (whole < p.k) {
  ${each(rows, (r) => `let w${r} = w4(row0 + ${r}u, whole);`)}
  for (var i = 0u; i < p.k - whole; i++) {
    ${loadX(wide, 'whole + i')}
    ${each(rows, (r) => addTo(r, wide, `w${r}[i]`))}
  }
}`,
});

// One position: two rows a thread, their vectors of W times the same vectors of x.
const vectorRows = 2;
const vector = (aligned: boolean, m: number): Inner => ({
  ...common(aligned),
  key: `dense vector ${aligned}`,
  rows: vectorRows,
  items: Math.ceil(m / vectorRows),
  row: (r) => `item * ${vectorRows}u + ${r}u`,
  loop: () => `
let row0 = item * ${vectorRows}u;
let whole = p.k & ~3u;
for (var k = 0u; k < whole; k += 4u) {
  let xk = x[k / 4u];
  ${each(vectorRows, (r) => `a${r} = fma(w4(row0 + ${r}u, k), xk, a${r});`)}
}
if (whole < p.k) {
  let xk = x[whole / 4u];
  ${each(vectorRows, (r) => `let w${r} = w4(row0 + ${r}u, whole);`)}
  for (var i = 0u; i < p.k - whole; i++) {
    ${each(vectorRows, (r) => `a${r}[i] = fma(w${r}[i], xk[i], a${r}[i]);`)}
  }
}`,
});
