// Dense on the left: 4 rows by 2 vectors a thread, in registers, four k at a time.
//
//            2 vectors of x, four k        a step of four k: 4 vectors of W, 8 of x, 128 multiply-adds;
//          ┌──────┬──────┐                 12 vector loads for 32 vector multiply-adds. Each row of x is
//   4 of W │ a0_0 │ a0_1 │                 read M/4 times and each of W N/8 times, mostly from caches.
//          │  ⋮   │  ⋮   │                 Workgroups: M/(4·4) × N/(8·16) of 64 threads.
//          └──────┴──────┘                 Which of the two forms is used, is measured when a backend comes up.
import { dense, type OperandType } from '@lacuna/ir';
import { float32 } from './arithmetic.js';
import type { Family, Inner } from './family.js';
import { addTo, each, loadX, settleAt, stride } from './tile.js';

const rows = 4;

/** Products with a dense left-hand side. */
export const denseFamily: Family = {
  name: 'dense',
  layout: dense,
  takes: () => true,
  share: (_, n) => (n === 1 ? 0.2 : Math.min(1, (n + 8) / 40)),
  inner: (w, tuning, n) => (tuning.shared && n > 64 ? shared(w) : inner(w)),
  bind: ({ values }) => ({ params: [], buffers: [values] }),
  half: (w, arithmetic) => inner(w, arithmetic),
  vector,
};

/** Four numbers of W from k on: a vector where rows start at whole vectors, filled up where K is none. */
function common(
  w: OperandType,
  { values: read, four } = float32,
): Pick<Inner, 'key' | 'params' | 'buffers' | 'values' | 'head'> {
  const aligned = w.shape[1]! % 4 === 0;
  const values = read(w, aligned);
  return {
    key: `dense ${aligned}`,
    params: [],
    buffers: [],
    values,
    head: aligned
      ? `fn w4(row: u32, k: u32) -> ${four} { return ${values.four('row * ((p.k + 3u) / 4u) + k / 4u')}; }`
      : `fn w4(row: u32, k: u32) -> ${four} {
  let at = row * p.k + k;
  return ${four}(${[0, 1, 2, 3].map((i) => values.value(i ? `at + ${i}u` : 'at')).join(', ')});
}`,
  };
}

const inner = (w: OperandType, arithmetic = float32): Inner => ({
  ...common(w, arithmetic),
  arithmetic,
  rows,
  items: Math.ceil(w.shape[0]! / rows),
  row: (r) => `item * ${rows}u + ${r}u`,
  loop: (wide) => `
let row0 = item * ${rows}u;
let whole = p.k & ~3u;
for (var k = 0u; k < whole; k += 4u) {
  ${each(rows, (r) => `let w${r} = w4(row0 + ${r}u, k);`)}
  ${each(
    4,
    (i) => `${loadX(wide, `k + ${i}u`, `x${i}_`, arithmetic)}
  ${each(rows, (r) => addTo(r, wide, `w${r}[${i}]`, `x${i}_`, arithmetic))}`,
  )}${settleAt('k', rows, wide, arithmetic)}
}
if (whole < p.k) {
  ${each(rows, (r) => `let w${r} = w4(row0 + ${r}u, whole);`)}
  for (var i = 0u; i < p.k - whole; i++) {
    ${loadX(wide, 'whole + i', 'x', arithmetic)}
    ${each(rows, (r) => addTo(r, wide, `w${r}[i]`, 'x', arithmetic))}
  }
}`,
});

// The same tile through workgroup memory, for GPUs, whose caches would read each row of x from each of the
// four threads that share it: 16 k at a time, 16 rows of W (1 KiB) and 16 rows of x by 128 columns (8 KiB).
//
//   64 threads, 16 × 4: a step loads 1 + 8 vectors a thread, and makes 16·8 vector multiply-adds of them
const depth = 16;
const across = 16;
const shared = (w: OperandType): Inner => {
  const plain = inner(w);
  const columns = across * 2;
  return {
    ...plain,
    key: `${plain.key} shared`,
    together: { wide: 2, across },
    head: `${plain.head}
var<workgroup> tileW: array<vec4f, ${rows * 4 * (depth / 4)}>;
var<workgroup> tileX: array<vec4f, ${depth * columns}>;`,
    loop: () => `
let thread = local.y * ${across}u + local.x;
let top = (group.y + group.z * groups.y) * ${rows * 4}u;
let left = group.x * ${columns}u;
for (var k0 = 0u; k0 < p.k; k0 += ${depth}u) {
  let k = k0 + thread % 4u * 4u;
  let row = top + thread / 4u;
  var v = vec4f();
  if (row < p.m && k < p.k) {
    v = w4(row, k);
    for (var i = 0u; i < 4u; i++) { if (k + i >= p.k) { v[i] = 0.0; } }
  }
  tileW[thread] = v;
  for (var at = thread; at < ${depth * columns}u; at += 64u) {
    let kx = k0 + at / ${columns}u;
    let column = left + at % ${columns}u;
    tileX[at] = vec4f();
    if (kx < p.k && column < p.ldx) { tileX[at] = x[kx * p.ldx + column]; }
  }
  workgroupBarrier();
  for (var q = 0u; q < ${depth / 4}u; q++) {
    ${each(rows, (r) => `let w${r} = tileW[(local.y * ${rows}u + ${r}u) * 4u + q];`)}
    ${each(
      4,
      (
        i,
      ) => `${each(2, (v) => `let x${i}_${v} = tileX[(q * 4u + ${i}u) * ${columns}u + local.x * 2u + ${v}u];`)}
    ${each(rows, (r) => addTo(r, 2, `w${r}[${i}]`, `x${i}_`))}`,
    )}
  }
  workgroupBarrier();
}`,
  };
};

// One position: two rows a thread, their vectors of W times the same vectors of x.
const vectorRows = 2;
function vector(w: OperandType, spread: boolean): Inner {
  const shared = common(w);
  return {
    ...shared,
    key: `${shared.key} vector`,
    spread,
    rows: vectorRows,
    items: Math.ceil(w.shape[0]! / vectorRows),
    row: (r) => `item * ${vectorRows}u + ${r}u`,
    loop: () => `
let row0 = item * ${vectorRows}u;
let whole = p.k & ~3u;
for (${stride('var k = 0u', 4, 'k < whole', spread)}) {
  let xk = x[k / 4u];
  ${each(vectorRows, (r) => `a${r} = fma(w4(row0 + ${r}u, k), xk, a${r});`)}
}
if (whole < p.k${spread ? ' && lane == 0u' : ''}) {
  let xk = x[whole / 4u];
  ${each(vectorRows, (r) => `let w${r} = w4(row0 + ${r}u, whole);`)}
  for (var i = 0u; i < p.k - whole; i++) {
    ${each(vectorRows, (r) => `a${r}[i] = fma(w${r}[i], xk[i], a${r}[i]);`)}
  }
}`,
  };
}
