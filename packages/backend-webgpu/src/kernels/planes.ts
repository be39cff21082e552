// Pools and resizing of images in planes: a thread makes one pixel, neighbours along a row.
//
//            bytes: a window read and a pixel written, 4 each; windows overlap, and caches keep them.
//            Workgroups: pixels / 64, which fills a card from some 100,000 pixels on.
import { dense, type Op } from '@lacuna/ir';
import {
  averagePool,
  maxPool,
  poolIndices,
  resizeBilinear,
  type PoolAttrs,
  type ResizeBilinearAttrs,
} from '@lacuna/ops';
import { webgpuKernel, type WebgpuKernel } from '../kernel.js';
import { grid, item, program, variants } from '../program.js';
import { isFloat } from './dims.js';
import { absent } from './math.js';

const size = 64;
const buffers = [
  { name: 'x', type: 'array<f32>' },
  { name: 'y', type: 'array<f32>', write: true },
] as const;

/** A pool's WGSL: what a window starts from, what a pixel v at (i, j) does to it, what it comes to. */
interface Fold {
  readonly name: string;
  readonly start: string;
  readonly step: string;
  readonly finish: string;
}

const poolProgram = variants(({ name, start, step, finish }: Fold) =>
  program({
    name,
    params: ['count', 'h', 'w', 'oh', 'ow', 'kh', 'kw', 'sh', 'sw', 'top: i32', 'left: i32'],
    buffers,
    workgroup: [size, 1, 1],
    head: absent,
    body: `
let at = ${item(size)};
if (at >= p.count) { return; }
let column = at % p.ow;
let row = at / p.ow % p.oh;
let plane = at / (p.ow * p.oh) * p.h * p.w;
let i0 = i32(row * p.sh) - p.top;
let j0 = i32(column * p.sw) - p.left;
let i1 = u32(min(i0 + i32(p.kh), i32(p.h)));
let j1 = u32(min(j0 + i32(p.kw), i32(p.w)));
${start}
for (var i = u32(max(i0, 0)); i < i1; i++) {
  for (var j = u32(max(j0, 0)); j < j1; j++) {
    let v = x[plane + i * p.w + j];
    ${step}
  }
}
let pixels = f32((i1 - u32(max(i0, 0))) * (j1 - u32(max(j0, 0))));
y[at] = ${finish};`,
  }),
);

function pool(op: Op<PoolAttrs>, fold: Omit<Fold, 'name'>): WebgpuKernel {
  return webgpuKernel<PoolAttrs>({
    name: op.opName,
    op,
    takes: [],
    gives: dense,
    when: isFloat,
    launch: ({ attrs, inputs: [x], output }) => {
      const [h, w] = x!.operand.shape.slice(2) as [number, number];
      const { shape, stored } = output.operand;
      const [top, left] = attrs.padding;
      return [
        {
          program: poolProgram({ ...fold, name: op.opName }),
          params: [stored, h, w, shape[2]!, shape[3]!, ...attrs.size, ...attrs.stride, top, left],
          buffers: [x!.values, output.values],
          workgroups: grid(stored, size),
        },
      ];
    },
  });
}

// Places are exact: from = (2·i + 1)·n − d over 2·d, or i·n over d, in whole numbers.
const resizeProgram = program({
  name: 'resizeBilinear',
  params: ['count', 'h', 'w', 'oh', 'ow', 'half', 'hn', 'hd', 'wn', 'wd'],
  buffers,
  workgroup: [size, 1, 1],
  head: `
struct Tap { low: u32, high: u32, t: f32 }
fn tap(i: u32, n: u32, d: u32, extent: u32) -> Tap {
  var a = i32(i * n);
  var b = i32(d);
  if (p.half == 1u) {
    a = i32((2u * i + 1u) * n) - b;
    b = 2 * b;
  }
  let low = select(a / b, -1, a < 0);
  let rest = a - low * b;
  let high = low + select(0, 1, rest > 0);
  return Tap(u32(max(low, 0)), u32(min(high, i32(extent) - 1)), f32(rest) / f32(b));
}
// A pixel with no share is not read, so that its Inf or NaN stays where it is.
fn mix2(a: f32, b: f32, t: f32) -> f32 {
  if (t == 0.0) { return a; }
  return a * (1.0 - t) + b * t;
}`,
  body: `
let at = ${item(size)};
if (at >= p.count) { return; }
let v = tap(at / p.ow % p.oh, p.hn, p.hd, p.h);
let h = tap(at % p.ow, p.wn, p.wd, p.w);
let plane = at / (p.ow * p.oh) * p.h * p.w;
let a = plane + v.low * p.w;
let b = plane + v.high * p.w;
let upper = mix2(x[a + h.low], x[a + h.high], h.t);
let lower = mix2(x[b + h.low], x[b + h.high], h.t);
y[at] = mix2(upper, lower, v.t);`,
});

const resize = webgpuKernel<ResizeBilinearAttrs>({
  name: 'resizeBilinear',
  op: resizeBilinear,
  takes: [],
  gives: dense,
  when: isFloat,
  launch: ({ attrs, inputs: [x], output }) => {
    const [h, w] = x!.operand.shape.slice(2) as [number, number];
    const { stored } = output.operand;
    const { height, width, alignCorners, halfPixelCenters } = attrs;
    const ratio = (extent: number, wanted: number): [number, number] =>
      alignCorners && wanted > 1 ? [extent - 1, wanted - 1] : [extent, wanted];
    const ratios = [...ratio(h, height), ...ratio(w, width)];
    return [
      {
        program: resizeProgram,
        params: [stored, h, w, height, width, halfPixelCenters ? 1 : 0, ...ratios],
        buffers: [x!.values, output.values],
        workgroups: grid(stored, size),
      },
    ];
  },
});

/** maxPool, poolIndices, averagePool, resizeBilinear. */
export const planeKernels: readonly WebgpuKernel[] = [
  pool(maxPool, {
    start: 'var fold = x[plane + u32(max(i0, 0)) * p.w + u32(max(j0, 0))];',
    step: 'if (v > fold || absent(v)) { fold = v; }',
    finish: 'fold',
  }),
  pool(poolIndices, {
    start: 'var found = u32(max(i0, 0)) * p.w + u32(max(j0, 0));\nvar fold = x[plane + found];',
    step: 'if (v > fold || (absent(v) && !absent(fold))) {\nfold = v;\nfound = i * p.w + j;\n}',
    finish: 'f32(found)',
  }),
  pool(averagePool, { start: 'var fold = 0.0;', step: 'fold += v;', finish: 'fold / pixels' }),
  resize,
];
