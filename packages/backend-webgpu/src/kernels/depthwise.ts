// Depthwise convolutions with windows of one step: a thread makes four pixels of two rows, and reads the part of
// each row of the window that they share once.
//
//   depthwise 3×3, stride 1      4 rows of x, 6 numbers each, for 8 pixels: 24 loads of x and 9 of w for 72
//   ┌─┬─┬─┬─┬─┬─┐                multiply-adds. Neighbouring threads take neighbouring fours, planes are in
//   │ y0 y1 y2 y3 │              the slowest dimension: weights are shared along a row.
//   │ y4 y5 y6 y7 │
//   └─┴─┴─┴─┴─┴─┘
import { dense } from '@lacuna/ir';
import { conv2d, type Conv2dAttrs } from '@lacuna/ops';
import { webgpuKernel, type WebgpuKernel } from '../kernel.js';
import { takesAlong } from './ending.js';
import { grid, item, program, variants } from '../program.js';
import { activate, rangeOf, rangeParams } from './activation.js';
import { isFloat } from './dims.js';
import { each } from './tile.js';
import { flopsOf, sizesOf, type Sizes, type Typed } from './windows.js';

const size = 64;
/** Rows of pixels that a thread makes. */
const tall = 2;

const sizes = ({ inputs: [x, w], output }: Typed): Sizes =>
  sizesOf(x!.shape, w!.shape.slice(2), output.shape);

/** A window of one step, and its stride. */
interface Window {
  readonly kh: number;
  readonly kw: number;
  readonly sh: number;
  readonly sw: number;
}

const depthwiseProgram = variants(({ kh, kw, sh, sw }: Window) => {
  const [reach, rows] = [3 * sw + kw, (tall - 1) * sh + kh];
  const columns = (r: number, t: number): string =>
    [0, 1, 2, 3].map((q) => `x${r}_${q * sw + t}`).join(', ');
  const row = (r: number): string => `
if (i0 + ${r} >= 0 && i0 + ${r} < i32(p.h)) {
  let start = (plane * p.h + u32(i0 + ${r})) * p.w;
  ${each(reach, (t) => `let x${r}_${t} = select(0.0, x[start + k${t}], in${t});`)}
  ${each(tall, (o) => {
    const at = r - o * sh; // row of the window for output row o
    if (at < 0 || at >= kh) return '';
    return each(
      kw,
      (t) => `sum${o} = fma(vec4f(w${at * kw + t}), vec4f(${columns(r, t)}), sum${o});`,
    );
  })}
}`;
  return program({
    name: `depthwise-${kh}x${kw}`,
    params: [
      'count',
      'c',
      'h',
      'w',
      'oh',
      'pairs',
      'fours',
      'ow',
      'top: i32',
      'left: i32',
      ...rangeParams,
    ],
    buffers: [
      { name: 'x', type: 'array<f32>' },
      { name: 'w', type: 'array<f32>' },
      { name: 'bias', type: 'array<f32>' },
      { name: 'y', type: 'array<f32>', write: true },
    ],
    workgroup: [size, 1, 1],
    head: activate('f32'),
    body: `
let at = ${item(size)};
if (at >= p.count) { return; }
let j = at % p.fours * 4u;
let i = at / p.fours % p.pairs * ${tall}u;
let plane = at / (p.fours * p.pairs);
let channel = plane % p.c;
let j0 = i32(j * ${sw}u) - p.left;
let last = i32(p.w) - 1;
${each(reach, (t) => `let in${t} = j0 + ${t} >= 0 && j0 + ${t} <= last;\nlet k${t} = u32(clamp(j0 + ${t}, 0, last));`)}
let i0 = i32(i * ${sh}u) - p.top;
${each(kh * kw, (t) => `let w${t} = w[channel * ${kh * kw}u + ${t}u];`)}
${each(tall, (o) => `var sum${o} = vec4f(bias[channel]);`)}
${each(rows, row)}
${each(
  tall,
  (o) => `if (i + ${o}u < p.oh) {
  let out = (plane * p.oh + i + ${o}u) * p.ow + j;
  ${each(4, (q) => `if (j + ${q}u < p.ow) { y[out + ${q}u] = activate(sum${o}[${q}]); }`)}
}`,
)}`,
  });
});

/** conv2d with a window a channel. */
export const depthwiseKernel: WebgpuKernel = webgpuKernel<Conv2dAttrs>({
  name: 'depthwise',
  op: conv2d,
  takes: [dense, dense],
  gives: dense,
  epilogue: takesAlong,
  when: (signature) => {
    const { c, o, kw } = sizes(signature);
    const { groups, dilation, stride } = signature.attrs as Conv2dAttrs;
    return (
      isFloat(signature) &&
      groups === c &&
      o === c &&
      dilation.every((d) => d === 1) &&
      stride[1] * 3 + kw <= 16
    );
  },
  cost: (signature, rates) =>
    flopsOf(sizes(signature), sizes(signature).c) / (0.4 * rates.flops) + rates.launch,
  launch: ({ attrs, inputs, output }) => {
    const [x, w, bias] = inputs;
    const s = sizes({ inputs: inputs.map((i) => i?.operand), output: output.operand, attrs });
    const fours = Math.ceil(s.ow / 4);
    const pairs = Math.ceil(s.oh / tall);
    const count = s.b * s.c * pairs * fours;
    const [top, left] = attrs.padding;
    const [sh, sw] = attrs.stride;
    const ends = rangeOf(attrs.activation);
    return [
      {
        program: depthwiseProgram({ kh: s.kh, kw: s.kw, sh, sw }),
        params: [count, s.c, s.h, s.w, s.oh, pairs, fours, s.ow, top, left, ...ends],
        buffers: [x!.values, w!.values, bias?.values, output.values],
        workgroups: grid(count, size),
      },
    ];
  },
});
