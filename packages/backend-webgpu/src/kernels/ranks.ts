// Where the largest elements of a line are, and running sums along it.
//
//   topIndices, argmax    k sweeps, each for the first element that comes after the last one found: no memory
//                         but y, and k·extent reads, from a cache after the first
//   cumulativeSum         each thread sums its part, what is before it is added, and the part is written
import { dense, type Op } from '@lacuna/ir';
import { argmax, cumulativeSum, topIndices, type CumulativeSumAttrs } from '@lacuna/ops';
import { webgpuKernel, type WebgpuKernel } from '../kernel.js';
import { isFloat } from './dims.js';
import { elements, linesOf, overLines, type LineSpec } from './lines.js';

const buffers = [
  { name: 'x', type: 'array<f32>' },
  { name: 'y', type: 'array<f32>', write: true },
] as const;

// Ranks are words: those of larger numbers are larger, NaN is the largest, both zeros are one. Of equals the
// first counts, and lies further by its complement.
const topLines: LineSpec = {
  name: 'topIndices',
  params: ['k'],
  buffers,
  head: `
fn rank(v: f32) -> u32 {
  if (absent(v)) { return 0xffffffffu; }
  let word = bitcast<u32>(v);
  if ((word & 0x7fffffffu) == 0u) { return 0x80000000u; }
  return select(word | 0x80000000u, ~word, word >= 0x80000000u);
}
fn after(a: vec2u, b: vec2u) -> bool { return a.x < b.x || (a.x == b.x && a.y > b.y); }
`,
  body: `
var last = vec2u(0xffffffffu, 0u);
for (var r = 0u; r < p.k; r++) {
  var best = vec2u(0u, 0xffffffffu);
  ${elements(`
let found = vec2u(rank(x[at]), e);
  if ((r == 0u || after(found, last)) && after(best, found)) { best = found; }`)}
  last = best;
  y[(o * p.k + r) * p.inner + i] = f32(best.y);
}`,
};

const top = <A extends { readonly axis: number }>(
  op: Op<A>,
  count: (attrs: A) => number,
): WebgpuKernel =>
  webgpuKernel<A>({
    name: op.opName,
    op,
    takes: [],
    gives: dense,
    when: isFloat,
    exact: true,
    launch: ({ attrs, inputs: [x], output }) => [
      overLines(
        topLines,
        linesOf(x!.operand.shape, attrs.axis),
        { shared: false },
        [count(attrs)],
        [x!.values, output.values],
      ),
    ],
  });

const runningLines: LineSpec = {
  name: 'cumulativeSum',
  params: ['reverse'],
  buffers,
  body: `
let part = (p.extent + threads - 1u) / threads;
let begin = min(me * part, p.extent);
let end = min(begin + part, p.extent);
var sum = 0.0;
if (threads > 1u) {
  for (var e = begin; e < end; e++) {
    sum += x[start + select(e, p.extent - 1u - e, p.reverse == 1u) * p.inner];
  }
}
sum = sumBefore(sum, me);
for (var e = begin; e < end; e++) {
  let at = start + select(e, p.extent - 1u - e, p.reverse == 1u) * p.inner;
  sum += x[at];
  y[at] = sum;
}`,
};

const running = webgpuKernel<CumulativeSumAttrs>({
  name: 'cumulativeSum',
  op: cumulativeSum,
  takes: [],
  gives: dense,
  when: isFloat,
  launch: ({ attrs: { axis, reverse }, inputs: [x], output, tuning }) => [
    overLines(
      runningLines,
      linesOf(x!.operand.shape, axis),
      tuning,
      [reverse ? 1 : 0],
      [x!.values, output.values],
    ),
  ],
});

/** argmax, topIndices, cumulativeSum. */
export const rankKernels: readonly WebgpuKernel[] = [
  top(argmax, () => 1),
  top(topIndices, ({ k }) => k),
  running,
];
