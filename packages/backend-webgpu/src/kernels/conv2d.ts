// Convolutions on planes: windows laid out as columns, and a product for each image and group; or, where that is
// little, a thread a pixel.
//
//   y[image, group] = W[group]·columns[image, group]      columns are KH·KW times x: written once, read by tiles
import { dense } from '@lacuna/ir';
import { conv2d, type Conv2dAttrs } from '@lacuna/ops';
import { webgpuKernel, type WebgpuKernel } from '../kernel.js';
import { takesAlong } from './ending.js';
import { grid, item, program } from '../program.js';
import { activate, rangeOf, rangeParams } from './activation.js';
import { batched } from './batched.js';
import { denseFamily } from './dense.js';
import { depthwiseKernel } from './depthwise.js';
import { isFloat } from './dims.js';
import { product } from './product.js';
import {
  columns,
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

const sizes = ({ inputs: [x, w], output }: Typed): Sizes =>
  sizesOf(x!.shape, w!.shape.slice(2), output.shape);

const flops = (signature: Typed): number =>
  flopsOf(sizes(signature), (signature.attrs as Conv2dAttrs).groups);

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
    ...windowParams,
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

/** Rows, and bytes of the columns of an image. */
function columnsOf({ c, kh, kw, oh, ow }: Sizes): { k: number; n: number; bytes: number } {
  const [k, n] = [c * kh * kw, oh * ow];
  return { k, n, bytes: k * Math.ceil(n / 4) * 4 * float };
}

const columnsKernel = webgpuKernel<Conv2dAttrs>({
  name: 'columns-conv2d',
  op: conv2d,
  takes: [dense, dense],
  gives: dense,
  epilogue: takesAlong,
  when: (signature) => isFloat(signature) && columnsOf(sizes(signature)).k > 0,
  scratch: (signature) => {
    const s = sizes(signature);
    const { bytes } = columnsOf(s);
    return bytes * imagesAtOnce(s.b, bytes);
  },
  cost: (signature, rates) => {
    const s = sizes(signature);
    const { n, bytes } = columnsOf(s);
    const share = denseFamily.share(signature.inputs[1]!, n);
    const moved = (3 * s.b * bytes) / rates.bandwidth;
    return flops(signature) / (share * rates.flops) + moved + 2 * rates.launch;
  },
  launch: ({ attrs, inputs, output, scratch, tuning }) => {
    const [x, w, bias] = inputs;
    const s = sizes({ inputs: inputs.map((i) => i?.operand), output: output.operand, attrs });
    const { k, n, bytes } = columnsOf(s);
    const { groups, activation } = attrs;
    const most = imagesAtOnce(s.b, bytes);
    return inParts(s.b, most, (first, count) => {
      const laid = scratch(0, count * bytes);
      const lay = columns(s, attrs, [first, count], x!.values, laid);
      if (s.b === 1 && groups === 1 && n > 1) {
        const type = { ...w!.operand, shape: [s.o, k] };
        const right = { k, n, x: laid, bias: bias?.values, activation, y: output.values };
        const lies = n % 4 === 0 ? 'whole' : 'single';
        const left = { params: [], buffers: [w!.values] };
        return [lay, product(denseFamily, type, left, { ...right, lies, tuning })];
      }
      const [m, inner] = [s.o / groups, k / groups];
      const pairs = {
        batch: count * groups,
        m,
        k: inner,
        n,
        turned: false,
        group: groups,
        activation,
        stepsA: { outer: 0, inner: m * inner, sum: 0 },
        stepsB: { outer: bytes / float, inner: bytes / float / groups, sum: 0 },
        startY: first * s.o * n,
      };
      return [lay, batched(pairs, w!.values, laid, output.values, bias?.values)];
    });
  },
});

const direct = webgpuKernel<Conv2dAttrs>({
  name: 'direct-conv2d',
  op: conv2d,
  takes: [dense, dense],
  gives: dense,
  epilogue: takesAlong,
  when: isFloat,
  cost: (signature, rates) => flops(signature) / (0.05 * rates.flops) + rates.launch,
  launch: ({ attrs, inputs, output }) => {
    const [x, w, bias] = inputs;
    const s = sizes({ inputs: inputs.map((i) => i?.operand), output: output.operand, attrs });
    const { groups, activation } = attrs;
    const count = output.operand.stored;
    const shape = [count, s.c, s.h, s.w, s.o, s.oh, s.ow, s.c / groups, s.o / groups];
    return [
      {
        program: directProgram,
        params: [...shape, ...windowNumbers(s, attrs), ...rangeOf(activation)],
        buffers: [x!.values, w!.values, bias?.values, output.values],
        workgroups: grid(count, size),
      },
    ];
  },
});

/** conv2d, depthwise and not. */
export const conv2dKernels: readonly WebgpuKernel[] = [depthwiseKernel, columnsKernel, direct];
