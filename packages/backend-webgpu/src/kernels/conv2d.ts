// Convolutions on planes. Depthwise windows of one step: a thread makes four pixels of two rows, and reads
// the part of each row of the window that they share once. Others, one image: windows laid out as columns, and the
// dense product. The rest: a thread a pixel.
//
//   depthwise 3×3, stride 1      4 rows of x, 6 numbers each, for 8 pixels: 24 loads of x and 9 of w for 72
//   ┌─┬─┬─┬─┬─┬─┐                multiply-adds. Neighbouring threads take neighbouring fours, planes are in
//   │ y0 y1 y2 y3 │              the slowest dimension: weights are shared along a row.
//   │ y4 y5 y6 y7 │
//   └─┴─┴─┴─┴─┴─┘
import { dense, type Signature } from '@lacuna/ir';
import { conv2d, type Conv2dAttrs } from '@lacuna/ops';
import { binding, webgpuKernel, type WebgpuKernel } from '../kernel.js';
import { grid, item, program, variants } from '../program.js';
import { activate, rangeOf, rangeParams } from './activation.js';
import { denseFamily } from './dense.js';
import { isFloat } from './dims.js';
import { each } from './family.js';
import { product } from './products.js';

const size = 64;
/** Rows of pixels that a thread of the depthwise kernel makes. */
const tall = 2;
const float = 4;

const buffers = [
  { name: 'x', type: 'array<f32>' },
  { name: 'w', type: 'array<f32>' },
  { name: 'bias', type: 'array<f32>' },
  { name: 'y', type: 'array<f32>', write: true },
] as const;

/** A window's size, strides, dilations and padding. */
const window = ['kh', 'kw', 'sh', 'sw', 'dh', 'dw', 'top: i32', 'left: i32'] as const;

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
    buffers,
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

const directProgram = program({
  name: 'conv2d',
  params: [
    'count',
    'c',
    'h',
    'w',
    'o',
    'oh',
    'ow',
    'perGroup',
    'outputs',
    ...window,
    ...rangeParams,
  ],
  buffers,
  workgroup: [size, 1, 1],
  head: activate('f32'),
  body: `
let at = ${item(size)};
if (at >= p.count) { return; }
let column = at % p.ow;
let row = at / p.ow % p.oh;
let o = at / (p.ow * p.oh) % p.o;
let image = at / (p.ow * p.oh * p.o);
let first = image * p.c + o / p.outputs * p.perGroup;
var sum = 0.0;
for (var c = 0u; c < p.perGroup; c++) {
  for (var r = 0u; r < p.kh; r++) {
    let i = i32(row * p.sh + r * p.dh) - p.top;
    if (i < 0 || i >= i32(p.h)) { continue; }
    for (var s = 0u; s < p.kw; s++) {
      let j = i32(column * p.sw + s * p.dw) - p.left;
      if (j < 0 || j >= i32(p.w)) { continue; }
      let weight = w[((o * p.perGroup + c) * p.kh + r) * p.kw + s];
      sum = fma(weight, x[((first + c) * p.h + u32(i)) * p.w + u32(j)], sum);
    }
  }
}
sum += bias[o];
y[at] = activate(sum);`,
});

// Rows are (channel, row, column) of the window, in whole vectors of positions.
const columnsProgram = program({
  name: 'columns',
  params: ['count', 'h', 'w', 'ow', 'n', 'n4', ...window],
  buffers: [
    { name: 'x', type: 'array<f32>' },
    { name: 'out', type: 'array<vec4f>', write: true },
  ],
  workgroup: [size, 1, 1],
  body: `
let at = ${item(size)};
if (at >= p.count) { return; }
let k = at / p.n4;
let s = k % p.kw;
let r = k / p.kw % p.kh;
let c = k / (p.kw * p.kh);
var v = vec4f();
for (var q = 0u; q < 4u; q++) {
  let pixel = at % p.n4 * 4u + q;
  let i = i32(pixel / p.ow * p.sh + r * p.dh) - p.top;
  let j = i32(pixel % p.ow * p.sw + s * p.dw) - p.left;
  if (pixel < p.n && i >= 0 && i < i32(p.h) && j >= 0 && j < i32(p.w)) {
    v[q] = x[(c * p.h + u32(i)) * p.w + u32(j)];
  }
}
out[at] = v;`,
});

interface Sizes extends Window {
  readonly b: number;
  readonly c: number;
  readonly h: number;
  readonly w: number;
  readonly o: number;
  readonly oh: number;
  readonly ow: number;
}

function sizes({ inputs, output, attrs }: Pick<Signature, 'inputs' | 'output' | 'attrs'>): Sizes {
  const [b, c, h, w] = inputs[0]!.shape as [number, number, number, number];
  const [o, , kh, kw] = inputs[1]!.shape as [number, number, number, number];
  const [oh, ow] = output.shape.slice(2) as [number, number];
  const [sh, sw] = (attrs as Conv2dAttrs).stride;
  return { b, c, h, w, o, kh, kw, sh, sw, oh, ow };
}

const flops = (signature: Signature): number => {
  const { b, o, kh, kw, oh, ow } = sizes(signature);
  return 2 * b * o * signature.inputs[1]!.shape[1]! * kh * kw * oh * ow;
};

const depthwise = webgpuKernel<Conv2dAttrs>({
  name: 'depthwise',
  op: conv2d,
  takes: [dense, dense],
  gives: dense,
  when: (signature) => {
    const { c, o, kw, sw } = sizes(signature);
    const { groups, dilation } = signature.attrs as Conv2dAttrs;
    return (
      isFloat(signature) &&
      groups === c &&
      o === c &&
      dilation.every((d) => d === 1) &&
      sw * 3 + kw <= 16
    );
  },
  cost: (signature, rates) => flops(signature) / (0.4 * rates.flops) + rates.launch,
  launch: ({ attrs, inputs, output }) => {
    const [x, w, bias] = inputs;
    const s = sizes({ inputs: inputs.map((i) => i?.operand), output: output.operand, attrs });
    const fours = Math.ceil(s.ow / 4);
    const pairs = Math.ceil(s.oh / tall);
    const count = s.b * s.c * pairs * fours;
    const [top, left] = attrs.padding;
    const { kh, kw, sh, sw } = s;
    const ends = rangeOf(attrs.activation);
    return [
      {
        program: depthwiseProgram({ kh, kw, sh, sw }),
        params: [count, s.c, s.h, s.w, s.oh, pairs, fours, s.ow, top, left, ...ends],
        buffers: [x!.values, w!.values, bias?.values, output.values],
        workgroups: grid(count, size),
      },
    ];
  },
});

const columns = webgpuKernel<Conv2dAttrs>({
  name: 'columns-conv2d',
  op: conv2d,
  takes: [dense, dense],
  gives: dense,
  when: (signature) => {
    const { b, oh, ow } = sizes(signature);
    const { groups } = signature.attrs as Conv2dAttrs;
    return isFloat(signature) && groups === 1 && b === 1 && oh * ow > 1;
  },
  scratch: (signature) => {
    const { c, kh, kw, oh, ow } = sizes(signature);
    return c * kh * kw * Math.ceil((oh * ow) / 4) * 4 * float;
  },
  cost: (signature, rates) => {
    const { c, kh, kw, oh, ow } = sizes(signature);
    const share = denseFamily.share(signature.inputs[1]!, oh * ow);
    const moved = 3 * c * kh * kw * oh * ow * float;
    return flops(signature) / (share * rates.flops) + moved / rates.bandwidth + 2 * rates.launch;
  },
  launch: ({ attrs, inputs, output, scratch, tuning }) => {
    const [x, w, bias] = inputs;
    const s = sizes({ inputs: inputs.map((i) => i?.operand), output: output.operand, attrs });
    const [k, n] = [s.c * s.kh * s.kw, s.oh * s.ow];
    const n4 = Math.ceil(n / 4);
    const laid = k > 0 ? scratch(0, k * n4 * 4 * float) : binding(output.values.block, 0);
    const slide = [s.kh, s.kw, ...attrs.stride, ...attrs.dilation, ...attrs.padding.slice(0, 2)];
    const type = { ...w!.operand, shape: [s.o, k] };
    const lay = {
      program: columnsProgram,
      params: [k * n4, s.h, s.w, s.ow, n, n4, ...slide],
      buffers: [x!.values, laid],
      workgroups: grid(k * n4, size),
    };
    const multiply = product(denseFamily, type, denseFamily.bind(w!), {
      k,
      n,
      x: k > 0 ? laid : undefined,
      bias: bias?.values,
      activation: attrs.activation,
      y: output.values,
      lies: n % 4 === 0 ? 'whole' : 'single',
      tuning,
    });
    return k > 0 ? [lay, multiply] : [multiply];
  },
});

const direct = webgpuKernel<Conv2dAttrs>({
  name: 'direct-conv2d',
  op: conv2d,
  takes: [dense, dense],
  gives: dense,
  when: isFloat,
  cost: (signature, rates) => flops(signature) / (0.05 * rates.flops) + rates.launch,
  launch: ({ attrs, inputs, output }) => {
    const [x, w, bias] = inputs;
    const s = sizes({ inputs: inputs.map((i) => i?.operand), output: output.operand, attrs });
    const { groups, stride, dilation, padding, activation } = attrs;
    const count = output.operand.stored;
    const shape = [count, s.c, s.h, s.w, s.o, s.oh, s.ow, s.c / groups, s.o / groups, s.kh, s.kw];
    const slide = [...stride, ...dilation, padding[0], padding[1]];
    return [
      {
        program: directProgram,
        params: [...shape, ...slide, ...rangeOf(activation)],
        buffers: [x!.values, w!.values, bias?.values, output.values],
        workgroups: grid(count, size),
      },
    ];
  },
});

/** conv2d, depthwise and not. */
export const conv2dKernels: readonly WebgpuKernel[] = [depthwise, columns, direct];
