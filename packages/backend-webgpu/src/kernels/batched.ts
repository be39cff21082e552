// Products of dense matrices in pairs, in one dispatch: pair z of `batch`.
//
//   Y[z][m, n] = act( Σs Σk A[z, s][m, k]·B[z, s][k, n] + bias[z mod group][m] )
//
//            2 vectors of B, a k           a thread makes up to 4 rows by 2 vectors, in registers: a step of four
//          ┌──────┬──────┐                 k reads 4 vectors of A and 8 of B for 32 vector multiply-adds.
//   4 of A │ a0_0 │ a0_1 │                 Neighbouring threads take neighbouring columns: B in whole cache lines,
//          │  ⋮   │  ⋮   │                 A broadcast. Workgroups: batch × M/(4·4) × N/(8·16) of 64 threads.
//          └──────┴──────┘
import type { Activation } from '@lacuna/ops';
import type { Binding, Dispatch } from '../kernel.js';
import { grid, item, program, variants } from '../program.js';
import { activate, rangeOf, rangeParams } from './activation.js';
import { addTo, each } from './tile.js';

const threads = 64;
const most = 65535;

/** Where a matrix starts, in numbers: start + ⌊z/group⌋·outer + (z mod group)·inner + s·sum. */
export interface Steps {
  readonly start?: number;
  readonly outer: number;
  readonly inner: number;
  readonly sum: number;
}

/** What {@link batched} multiplies. */
export interface Batched {
  readonly batch: number;
  readonly m: number;
  readonly k: number;
  readonly n: number;
  /** A is written `[K, M]`. */
  readonly turned: boolean;
  readonly group?: number;
  /** How many products are added up. */
  readonly sums?: number;
  /** Default: one matrix after another. */
  readonly stepsA?: Steps;
  /** Rows of B are no whole vectors: they are read number by number. */
  readonly loose?: boolean;
  readonly stepsB?: Steps;
  readonly startY?: number;
  /** Adds to what y holds. */
  readonly onto?: boolean;
  readonly activation?: Activation;
}

/** How A is read: vectors along k, vectors down its rows, or number by number. */
type Lie = 'along' | 'down' | 'single';

/** What the program is compiled for. */
export interface Variant {
  readonly lie: Lie;
  readonly rows: number;
  readonly wide: number;
  readonly across: number;
  readonly whole: boolean;
  readonly onto: boolean;
  readonly loose: boolean;
}

const loadB = ({ wide, loose }: Variant, k: string, x: string): string =>
  each(wide, (v) => {
    const row = `b0 + (${k}) * p.ldb`;
    if (!loose) return `let ${x}${v} = b[${row} + c + ${v}u];`;
    const lanes = [0, 1, 2, 3].map((i) => `b[${row} + (c + ${v}u) * 4u + ${i}u]`);
    return `let ${x}${v} = vec4f(${lanes.join(', ')});`;
  });

function loop(variant: Variant): string {
  const { lie, rows, wide } = variant;
  switch (lie) {
    case 'along':
      return `
for (var k = 0u; k < p.k; k += 4u) {
  ${each(rows, (r) => `let w${r} = a[(a0 + (row0 + ${r}u) * p.k + k) / 4u];`)}
  ${each(4, (i) => `${loadB(variant, `k + ${i}u`, `x${i}_`)}\n${each(rows, (r) => addTo(r, wide, `w${r}[${i}]`, `x${i}_`))}`)}
}`;
    case 'down':
      return `
for (var k = 0u; k < p.k; k++) {
  let w = a[(a0 + k * p.m + row0) / 4u];
  ${loadB(variant, 'k', 'x')}
  ${each(rows, (r) => addTo(r, wide, `w[${r}]`))}
}`;
    case 'single':
      return `
${each(rows, (r) => `let at${r} = a0 + min(row0 + ${r}u, p.m - 1u) * p.rowA;`)}
for (var k = 0u; k < p.k; k++) {
  ${loadB(variant, 'k', 'x')}
  ${each(rows, (r) => addTo(r, wide, `a[at${r} + k * p.stepA]`))}
}`;
    default:
      return lie satisfies never;
  }
}

/** Goes over the outputs of a thread: of row r its `value`, a vector or a number, and its place in y. */
const outputs = (
  { rows, wide, whole }: Variant,
  visit: (value: string, at: string, r: number) => string,
): string =>
  each(
    rows,
    (r) => `if (row0 + ${r}u < p.m) {
  let out = p.startY + (z * p.m + row0 + ${r}u) * p.n;
  ${each(wide, (v) => {
    const [at, sum] = [`(c + ${v}u) * 4u`, `a${r}_${v}`];
    if (whole) return `if (${at} < p.n) { ${visit(sum, `out / 4u + c + ${v}u`, r)} }`;
    return each(4, (i) => {
      const place = `${at} + ${i}u`;
      return `if (${place} < p.n) { ${visit(`${sum}[${i}]`, `out + ${place}`, r)} }`;
    });
  })}
}`,
  );

const load = (variant: Variant): string => outputs(variant, (value, at) => `${value} = y[${at}];`);

const store = (variant: Variant): string => `
${each(variant.rows, (r) => `let bias${r} = bias[z % p.group * p.m + row0 + ${r}u]; // an empty one reads as zero`)}
${outputs(variant, (value, at, r) => `y[${at}] = activate(${value} + bias${r});`)}`;

const names =
  'batch m k n ldb group sums rowA stepA startA outerA innerA sumA startB outerB innerB sumB startY'.split(
    ' ',
  );

/** WGSL of {@link batched}. */
export const batchedProgram = variants((variant: Variant) => {
  const { lie, rows, wide, across, whole, loose } = variant;
  const vectors = lie !== 'single';
  return program({
    name: `batched-${lie}`,
    params: [...names, ...rangeParams],
    buffers: [
      { name: 'a', type: vectors ? 'array<vec4f>' : 'array<f32>' },
      { name: 'b', type: loose ? 'array<f32>' : 'array<vec4f>' },
      { name: 'bias', type: 'array<f32>' },
      { name: 'y', type: whole ? 'array<vec4f>' : 'array<f32>', write: true },
    ],
    workgroup: [across, threads / across, 1],
    head: activate(whole ? 'vec4f' : 'f32'),
    body: `
let c = id.x * ${wide}u;
let row0 = id.y * ${rows}u;
if (c * 4u >= p.n || row0 >= p.m) { return; }
for (var z = group.z; z < p.batch; z += groups.z) {
  ${each(rows, (r) => each(wide, (v) => `var a${r}_${v} = vec4f();`))}
  ${variant.onto ? load(variant) : ''}
  for (var s = 0u; s < p.sums; s++) {
    let a0 = p.startA + z / p.group * p.outerA + z % p.group * p.innerA + s * p.sumA;
    let b0 = (p.startB + z / p.group * p.outerB + z % p.group * p.innerB + s * p.sumB) / ${loose ? 1 : 4}u;
    ${loop(variant)}
  }
  ${store(variant)}
}`,
  });
});

const wholeOf = (n: number): number => Math.ceil(n / 4) * 4;

/** One dispatch; b in rows of whole vectors unless it is loose, see {@link packed}. */
export function batched(
  sizes: Batched,
  a: Binding,
  b: Binding,
  y: Binding,
  bias?: Binding,
): Dispatch {
  const { batch, m, k, n, turned, group = 1, sums = 1, onto = false, loose = false } = sizes;
  const stepsA = sizes.stepsA ?? { outer: m * k, inner: 0, sum: 0 };
  const stepsB = sizes.stepsB ?? { outer: k * wholeOf(n), inner: 0, sum: 0 };
  const lie = (turned ? m : k) % 4 !== 0 ? 'single' : turned ? 'down' : 'along';
  const rows = m >= 3 ? 4 : m;
  const wide = n > 4 ? 2 : 1;
  const across = [1, 2, 4, 8].find((t) => t * wide * 4 >= n) ?? 16;
  const [rowA, stepA] = turned ? [1, m] : [k, 1];
  const starts = [stepsA, stepsB].flatMap(({ start = 0, ...s }) => [
    start,
    s.outer,
    s.inner,
    s.sum,
  ]);
  const ends = [sizes.startY ?? 0, ...rangeOf(sizes.activation ?? 'none')];
  return {
    program: batchedProgram({ lie, rows, wide, across, whole: n % 4 === 0, onto, loose }),
    params: [
      batch,
      m,
      k,
      n,
      loose ? n : wholeOf(n) / 4,
      group,
      sums,
      rowA,
      stepA,
      ...starts,
      ...ends,
    ],
    buffers: [a, b, bias, y],
    workgroups: [
      Math.ceil(n / (across * wide * 4)),
      Math.ceil(m / (rows * (threads / across))),
      Math.min(batch, most),
    ],
  };
}

// Threads follow what is read: along its rows, or down them where it is turned.
const packProgram = variants((turned: boolean) =>
  program({
    name: turned ? 'pack-turned' : 'pack',
    params: ['count', 'rows', 'columns', 'width'],
    buffers: [
      { name: 'x', type: 'array<f32>' },
      { name: 'out', type: 'array<vec4f>', write: true },
    ],
    workgroup: [threads, 1, 1],
    body: `
let at = ${item(threads)};
if (at >= p.count) { return; }
let z = at / (p.rows * p.width);
let r = ${turned ? 'at % p.rows' : 'at / p.width % p.rows'};
let c = ${turned ? 'at / p.rows % p.width' : 'at % p.width'};
var v = vec4f();
for (var i = 0u; i < 4u; i++) {
  let column = c * 4u + i;
  if (column < p.columns) {
    v[i] = x[z * p.rows * p.columns + ${turned ? 'column * p.rows + r' : 'r * p.columns + column'}];
  }
}
out[(z * p.rows + r) * p.width + c] = v;`,
  }),
);

/** Bytes of matrices `[K, N]` in rows of whole vectors; 0 where they lie so already. */
export const packedBytes = (batch: number, k: number, n: number, turned: boolean): number =>
  turned || n % 4 !== 0 ? batch * k * wholeOf(n) * 4 : 0;

/** Brings matrices `[K, N]`, or `[N, K]` turned, into rows of whole vectors. */
export function packed(
  batch: number,
  k: number,
  n: number,
  turned: boolean,
  x: Binding,
  out: Binding,
): Dispatch {
  const width = Math.ceil(n / 4);
  const count = batch * k * width;
  return {
    program: packProgram(turned),
    params: [count, k, n, width],
    buffers: [x, out],
    workgroups: grid(count, threads),
  };
}
