// conv2dFilter, the gradient of a convolution's weights: windows laid out as rows, and a product with dy that sums
// over images; or, where few channels meet, a thread a weight that goes over all places.
//
//   w[group] = Σ images  dy[image, group]·patches[image, group]
import { dense } from '@lacuna/ir';
import { conv2dFilter, type Conv2dFilterAttrs } from '@lacuna/ops';
import { webgpuKernel, type WebgpuKernel } from '../kernel.js';
import { grid, item, program } from '../program.js';
import { batched } from './batched.js';
import { denseFamily } from './dense.js';
import { isFloat } from './dims.js';
import {
  flopsOf,
  imagesAtOnce,
  inParts,
  patches,
  sizesOf,
  windowNumbers,
  windowParams,
  type Sizes,
  type Typed,
} from './windows.js';

const size = 64;
const float = 4;

const sizes = ({ inputs: [x, dy], attrs }: Omit<Typed, 'output'>): Sizes =>
  sizesOf(x!.shape, (attrs as Conv2dFilterAttrs).size, dy!.shape);

const flops = (signature: Typed): number =>
  flopsOf(sizes(signature), (signature.attrs as Conv2dFilterAttrs).groups);

const directProgram = program({
  name: 'conv2dFilter',
  params: ['count', 'b', 'c', 'h', 'w', 'o', 'oh', 'ow', 'groups', ...windowParams],
  buffers: [
    { name: 'x', type: 'array<f32>' },
    { name: 'dy', type: 'array<f32>' },
    { name: 'y', type: 'array<f32>', write: true },
  ],
  workgroup: [size, 1, 1],
  body: `
let at = ${item(size)};
if (at >= p.count) { return; }
let s = at % p.kw;
let r = at / p.kw % p.kh;
let inner = p.c / p.groups;
let o = at / (p.kw * p.kh * inner);
let c = o / (p.o / p.groups) * inner + at / (p.kw * p.kh) % inner;
var sum = 0.0;
for (var b = 0u; b < p.b; b++) {
  for (var row = 0u; row < p.oh; row++) {
    let i = i32(row * p.sh + r * p.dh) - p.top;
    if (i < 0 || i >= i32(p.h)) { continue; }
    for (var column = 0u; column < p.ow; column++) {
      let j = i32(column * p.sw + s * p.dw) - p.left;
      if (j < 0 || j >= i32(p.w)) { continue; }
      let given = dy[((b * p.o + o) * p.oh + row) * p.ow + column];
      sum = fma(given, x[((b * p.c + c) * p.h + u32(i)) * p.w + u32(j)], sum);
    }
  }
}
y[at] = sum;`,
});

const direct = webgpuKernel<Conv2dFilterAttrs>({
  name: 'direct-conv2dFilter',
  op: conv2dFilter,
  takes: [dense, dense],
  gives: dense,
  when: isFloat,
  cost: (signature, rates) => flops(signature) / (0.05 * rates.flops) + rates.launch,
  launch: ({ attrs, inputs: [x, dy], output }) => {
    const s = sizes({ inputs: [x!.operand, dy!.operand], attrs });
    const { stored } = output.operand;
    const shape = [stored, s.b, s.c, s.h, s.w, s.o, s.oh, s.ow, attrs.groups];
    return [
      {
        program: directProgram,
        params: [...shape, ...windowNumbers(s, attrs)],
        buffers: [x!.values, dy!.values, output.values],
        workgroups: grid(stored, size),
      },
    ];
  },
});

/** Sizes of the product of an image and group, and bytes of the patches of an image. */
function patchesOf(s: Sizes, groups: number): { m: number; k: number; n: number; bytes: number } {
  const [m, k, n] = [s.o / groups, s.oh * s.ow, (s.c / groups) * s.kh * s.kw];
  return { m, k, n, bytes: groups * k * Math.ceil(n / 4) * 4 * float };
}

const laid = webgpuKernel<Conv2dFilterAttrs>({
  name: 'patches-conv2dFilter',
  op: conv2dFilter,
  takes: [dense, dense],
  gives: dense,
  when: (signature) => isFloat(signature) && sizes(signature).b > 0,
  scratch: (signature) => {
    const s = sizes(signature);
    const { bytes } = patchesOf(s, (signature.attrs as Conv2dFilterAttrs).groups);
    return bytes * imagesAtOnce(s.b, bytes);
  },
  cost: (signature, rates) => {
    const s = sizes(signature);
    const { n, bytes } = patchesOf(s, (signature.attrs as Conv2dFilterAttrs).groups);
    const share = denseFamily.share(signature.inputs[1]!, n);
    const moved = (3 * s.b * bytes) / rates.bandwidth;
    return flops(signature) / (share * rates.flops) + moved + 2 * rates.launch;
  },
  launch: ({ attrs, inputs: [x, dy], output, scratch }) => {
    const s = sizes({ inputs: [x!.operand, dy!.operand], attrs });
    const { groups } = attrs;
    const { m, k, n, bytes } = patchesOf(s, groups);
    return inParts(s.b, imagesAtOnce(s.b, bytes), (first, count) => {
      const room = scratch(0, count * bytes);
      const pairs = {
        batch: groups,
        m,
        k,
        n,
        turned: false,
        sums: count,
        onto: first > 0,
        stepsA: { start: first * s.o * k, outer: m * k, inner: 0, sum: s.o * k },
        stepsB: { outer: bytes / float / groups, inner: 0, sum: bytes / float },
      };
      return [
        patches(s, attrs, [first, count], x!.values, room),
        batched(pairs, dy!.values, room, output.values),
      ];
    });
  },
});

/** conv2dFilter of dense operands. */
export const conv2dFilterKernels: readonly WebgpuKernel[] = [laid, direct];
