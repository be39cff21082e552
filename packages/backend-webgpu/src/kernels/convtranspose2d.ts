// convTranspose2d: products laid out as columns, and what overlaps added up by the pixel that it lands on; or, where
// few channels meet, a thread a pixel that looks for what lands on it. Either way no two threads write to one place.
//
//   columns[image, group] = W[group]ᵀ·x[image, group]      y[o, i, j] = bias[o] + Σ p,q  columns[(o, p, q), (h, w)]
//                                                          with h·s + p·d − top = i, w·s + q·d − left = j
import { dense } from '@lacuna/ir';
import { convTranspose2d, type ConvTranspose2dAttrs } from '@lacuna/ops';
import { webgpuKernel, type WebgpuKernel } from '../kernel.js';
import { grid, item, program } from '../program.js';
import { batched } from './batched.js';
import { denseFamily } from './dense.js';
import { isFloat } from './dims.js';
import {
  flopsOf,
  imagesAtOnce,
  inParts,
  sizesOf,
  windowNumbers,
  windowParams,
  type Sizes,
  type Typed,
} from './windows.js';

const size = 64;
const float = 4;

/** As of the convolution that this turns round: planes `c`, `h`, `w` are those of y, and `o`, `oh`, `ow` of x. */
const sizes = ({ inputs: [x, w], output }: Typed): Sizes =>
  sizesOf(output.shape, w!.shape.slice(2), x!.shape);

const groupsOf = ({ attrs }: Typed): number => (attrs as ConvTranspose2dAttrs).groups;

/** WGSL: goes over the windows that reach pixel (i, j), and does `body` with their `place` in x. */
const reaching = (body: string): string => `
for (var r = 0u; r < p.kh; r++) {
  let down = i32(i) + p.top - i32(r * p.dh);
  if (down < 0 || u32(down) % p.sh != 0u || u32(down) / p.sh >= p.oh) { continue; }
  for (var s = 0u; s < p.kw; s++) {
    let right = i32(j) + p.left - i32(s * p.dw);
    if (right < 0 || u32(right) % p.sw != 0u || u32(right) / p.sw >= p.ow) { continue; }
    let place = u32(down) / p.sh * p.ow + u32(right) / p.sw;
    ${body}
  }
}`;

const names = ['count', 'c', 'h', 'w', 'o', 'oh', 'ow', ...windowParams];

const gatherProgram = program({
  name: 'col2im',
  params: [...names, 'start'],
  buffers: [
    { name: 'columns', type: 'array<f32>' },
    { name: 'bias', type: 'array<f32>' },
    { name: 'y', type: 'array<f32>', write: true },
  ],
  workgroup: [size, 1, 1],
  body: `
let at = ${item(size)};
if (at >= p.count) { return; }
let j = at % p.w;
let i = at / p.w % p.h;
let plane = at / (p.w * p.h);
var sum = 0.0;
${reaching('sum += columns[((plane * p.kh + r) * p.kw + s) * p.oh * p.ow + place];')}
y[p.start + at] = sum + bias[plane % p.c];`,
});

const directProgram = program({
  name: 'convTranspose2d',
  params: [...names, 'groups'],
  buffers: [
    { name: 'x', type: 'array<f32>' },
    { name: 'w', type: 'array<f32>' },
    { name: 'bias', type: 'array<f32>' },
    { name: 'y', type: 'array<f32>', write: true },
  ],
  workgroup: [size, 1, 1],
  body: `
let at = ${item(size)};
if (at >= p.count) { return; }
let j = at % p.w;
let i = at / p.w % p.h;
let channel = at / (p.w * p.h) % p.c;
let image = at / (p.w * p.h * p.c);
let outputs = p.c / p.groups;
let inputs = p.o / p.groups;
let first = channel / outputs * inputs;
var sum = 0.0;
${reaching(`for (var k = first; k < first + inputs; k++) {
      let weight = w[((k * outputs + channel % outputs) * p.kh + r) * p.kw + s];
      sum = fma(weight, x[(image * p.o + k) * p.oh * p.ow + place], sum);
    }`)}
y[at] = sum + bias[channel];`,
});

const numbers = (count: number, s: Sizes, attrs: ConvTranspose2dAttrs): number[] => [
  count,
  s.c,
  s.h,
  s.w,
  s.o,
  s.oh,
  s.ow,
  ...windowNumbers(s, attrs),
];

const direct = webgpuKernel<ConvTranspose2dAttrs>({
  name: 'direct-convTranspose2d',
  op: convTranspose2d,
  takes: [dense, dense],
  gives: dense,
  when: isFloat,
  cost: (signature, rates) =>
    flopsOf(sizes(signature), groupsOf(signature)) / (0.05 * rates.flops) + rates.launch,
  launch: ({ attrs, inputs, output }) => {
    const [x, w, bias] = inputs;
    const s = sizes({ inputs: inputs.map((i) => i?.operand), output: output.operand, attrs });
    const count = output.operand.stored;
    return [
      {
        program: directProgram,
        params: [...numbers(count, s, attrs), attrs.groups],
        buffers: [x!.values, w!.values, bias?.values, output.values],
        workgroups: grid(count, size),
      },
    ];
  },
});

/** Bytes of the columns of an image. */
const bytesOf = (s: Sizes): number => s.c * s.kh * s.kw * s.oh * s.ow * float;

const columns = webgpuKernel<ConvTranspose2dAttrs>({
  name: 'columns-convTranspose2d',
  op: convTranspose2d,
  takes: [dense, dense],
  gives: dense,
  when: isFloat,
  scratch: (signature) => {
    const s = sizes(signature);
    return bytesOf(s) * imagesAtOnce(s.b, bytesOf(s));
  },
  cost: (signature, rates) => {
    const [s, groups] = [sizes(signature), groupsOf(signature)];
    const share = denseFamily.share(signature.inputs[1]!, s.oh * s.ow);
    const moved = (3 * s.b * bytesOf(s)) / rates.bandwidth;
    return flopsOf(s, groups) / (share * rates.flops) + moved + 2 * rates.launch;
  },
  launch: ({ attrs, inputs, output, scratch }) => {
    const [x, w, bias] = inputs;
    const s = sizes({ inputs: inputs.map((i) => i?.operand), output: output.operand, attrs });
    const { groups } = attrs;
    const [m, k, n] = [(s.c / groups) * s.kh * s.kw, s.o / groups, s.oh * s.ow];
    return inParts(s.b, imagesAtOnce(s.b, bytesOf(s)), (first, count) => {
      const room = scratch(0, count * bytesOf(s));
      const pairs = {
        batch: count * groups,
        m,
        k,
        n,
        turned: true,
        group: groups,
        loose: n % 4 !== 0, // packing would write to the scratch that the product also writes to
        stepsA: { outer: 0, inner: k * m, sum: 0 },
        stepsB: { start: first * s.o * n, outer: s.o * n, inner: k * n, sum: 0 },
      };
      const pixels = s.c * s.h * s.w;
      return [
        batched(pairs, w!.values, x!.values, room),
        {
          program: gatherProgram,
          params: [...numbers(count * pixels, s, attrs), first * pixels],
          buffers: [room, bias?.values, output.values],
          workgroups: grid(count * pixels, size),
        },
      ];
    });
  },
});

/** convTranspose2d of dense operands. */
export const convTransposeKernels: readonly WebgpuKernel[] = [columns, direct];
