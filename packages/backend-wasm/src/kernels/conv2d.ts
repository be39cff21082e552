// Convolutions on planes. Depthwise: every channel by itself, bound by multiply-adds. Others read windows in
// place, from a bordered copy of the image; where planes are small, windows are laid out as columns (im2col),
// and one dense product a group does the rest.
import { dense, type Signature } from '@lacuna/ir';
import { conv2d, type Conv2dAttrs } from '@lacuna/ops';
import { wasmKernel, type Stage, type WasmKernel } from '../kernel.js';
import { registers } from './dense.js';
import { activationCode, moved } from './positions.js';

const float = 4;

interface Sizes {
  readonly b: number;
  readonly c: number;
  readonly h: number;
  readonly w: number;
  readonly o: number;
  readonly kh: number;
  readonly kw: number;
  readonly oh: number;
  readonly ow: number;
}

function sizes({ inputs, output }: Pick<Signature, 'inputs' | 'output'>): Sizes {
  const [b, c, h, w] = inputs[0]!.shape as [number, number, number, number];
  const [o, , kh, kw] = inputs[1]!.shape as [number, number, number, number];
  const [oh, ow] = output.shape.slice(2) as [number, number];
  return { b, c, h, w, o, kh, kw, oh, ow };
}

const isDepthwise = ({ inputs, attrs }: Signature): boolean =>
  (attrs as Conv2dAttrs).groups === inputs[0]!.shape[1] && inputs[1]!.shape[1] === 1;
const isFloat = ({ inputs, output }: Signature): boolean =>
  [...inputs, output].every((t) => t === undefined || t.dtype === 'float32');

/** Square windows of 3 or 5, one stride, no dilation, one output a channel: the tiled kernel's case. */
function isTiled({ c, o, kh, kw }: Sizes, { stride, dilation }: Conv2dAttrs): boolean {
  return (
    c === o &&
    kh === kw &&
    (kh === 3 || kh === 5) &&
    stride[0] === stride[1] &&
    stride[0] <= 2 &&
    dilation.every((d) => d === 1)
  );
}

/** Up to a multiple of a vector. */
const vectors = (n: number): number => Math.ceil(n / 4) * 4;

/** The bordered copy of one plane, as the export `depthwise_scratch` counts it. */
function borderFloats({ kh: k, oh, ow }: Sizes, stride: number): number {
  const wide = Math.max(ow, 4);
  if (stride === 2) return (2 * (oh - 1) + k) * 2 * vectors(wide + (k >> 1));
  return (oh - 1 + k) * vectors(wide - 1 + k) * (ow + k <= 12 ? 2 : 1);
}

const depthwise = wasmKernel<Conv2dAttrs>({
  name: 'depthwise',
  op: conv2d,
  takes: [dense, dense],
  gives: dense,
  when: (signature) => isDepthwise(signature) && isFloat(signature),
  scratch: (signature) => {
    const [s, attrs] = [sizes(signature), signature.attrs as Conv2dAttrs];
    return isTiled(s, attrs) ? borderFloats(s, attrs.stride[0]) * float : 0;
  },
  cost: (signature, { flops, launch }) => {
    const { b, o, kh, kw, oh, ow } = sizes(signature);
    return (2 * b * o * kh * kw * oh * ow) / (0.5 * flops) + launch;
  },
  launch: ({ attrs, inputs, output, scratch }) => {
    const s = sizes({ inputs: inputs.map((x) => x?.operand), output: output.operand });
    const { stride, dilation, activation } = attrs;
    const [top, left] = attrs.padding;
    const [weights, bias, act] = [
      inputs[1]!.values,
      inputs[2]?.values ?? 0,
      activationCode[activation],
    ];
    const tiled = isTiled(s, attrs);
    const window = [s.kh, s.kw, ...stride, ...dilation];
    const work = (s.o * s.kh * s.kw * s.oh * s.ow) / (tiled ? 0.7 : 0.1);
    return Array.from({ length: s.b }, (_, at): Stage => {
      const x = inputs[0]!.values + at * s.c * s.h * s.w * float;
      const y = output.values + at * s.o * s.oh * s.ow * float;
      const rest = [top, left, s.oh, s.ow, x, weights, bias, act, y];
      if (!tiled)
        return {
          name: 'depthwise_any',
          units: s.o,
          args: [s.o / s.c, s.h, s.w, ...window, ...rest],
          work,
        };
      const args = [s.h, s.w, s.kh, stride[0], ...rest, scratch];
      const own = { arg: args.length - 1, bytes: borderFloats(s, stride[0]) * float };
      return { name: 'depthwise', units: s.c, args, work, own };
    });
  },
});

/** Windows as columns lie row-major; fewer positions than a vector want a panel. */
const columns = (n: number): number => (n < 4 ? 4 : n);

const im2col = wasmKernel<Conv2dAttrs>({
  name: 'im2col-conv2d',
  op: conv2d,
  takes: [dense, dense],
  gives: dense,
  when: (signature) => !isDepthwise(signature) && isFloat(signature),
  scratch: (signature) => {
    const { c, kh, kw, oh, ow } = sizes(signature);
    const { groups } = signature.attrs as Conv2dAttrs;
    return (c / groups) * kh * kw * columns(oh * ow) * float;
  },
  cost: (signature, { flops, bandwidth, launch }) => {
    const { b, c, o, kh, kw, oh, ow } = sizes(signature);
    const window = (c / (signature.attrs as Conv2dAttrs).groups) * kh * kw;
    return (
      (2 * b * o * window * oh * ow) / (0.8 * flops) +
      (b * window * oh * ow * 32) / bandwidth +
      launch
    );
  },
  launch: ({ exports, attrs, inputs, output, scratch }) => {
    const s = sizes({ inputs: inputs.map((x) => x?.operand), output: output.operand });
    const { stride, dilation, groups, activation } = attrs;
    const [top, left] = attrs.padding;
    const [c, o, n] = [s.c / groups, s.o / groups, s.oh * s.ow];
    const k = c * s.kh * s.kw;
    const [act, regs] = [activationCode[activation], registers(exports)];
    const parts = Array.from({ length: s.b * groups }, (_, at) => {
      const g = at % groups;
      return {
        x: inputs[0]!.values + at * c * s.h * s.w * float,
        w: inputs[1]!.values + g * o * k * float,
        bias: inputs[2] ? inputs[2].values + g * o * float : 0,
        y: output.values + at * o * n * float,
      };
    });
    const panel = columns(n);
    const step = n < 4 ? k * panel : 0;
    const shape = [s.h, s.w, s.kh, s.kw, ...stride, ...dilation, top, left, s.oh, s.ow];
    return parts.flatMap(({ x, w, bias, y }): Stage[] => [
      {
        name: 'im2col',
        units: c,
        args: [...shape, x, scratch, panel, panel, step],
        work: k * n * moved,
      },
      {
        name: 'dense',
        units: o,
        args: [k, n, w, k, scratch, panel, panel, step, bias, act, y, n, panel, regs],
        work: (o * k * n) / 0.9,
        grain: 6,
      },
    ]);
  },
});

/** The bordered copy of an image: its rows, the floats of a phase of a row, and of the whole. */
function bordered(s: Sizes, { stride, dilation, groups }: Conv2dAttrs) {
  const high = Math.max(0, s.oh - 1) * stride[0] + (s.kh - 1) * dilation[0] + 1;
  const half = s.ow + Math.floor(((s.kw - 1) * dilation[1]) / stride[1]);
  const c = s.c / groups;
  return { high, half, floats: c * high * half * stride[1] + 32, windows: c * s.kh * s.kw };
}

const direct = wasmKernel<Conv2dAttrs>({
  name: 'direct-conv2d',
  op: conv2d,
  takes: [dense, dense],
  gives: dense,
  when: (signature) => !isDepthwise(signature) && isFloat(signature),
  scratch: (signature) => {
    const { floats, windows } = bordered(sizes(signature), signature.attrs as Conv2dAttrs);
    return (floats + windows) * float;
  },
  cost: (signature, { flops, bandwidth, launch }) => {
    const s = sizes(signature);
    const { groups } = signature.attrs as Conv2dAttrs;
    const { floats, windows } = bordered(s, signature.attrs as Conv2dAttrs);
    const sums = (2 * s.b * s.o * windows * s.oh * vectors(s.ow)) / (0.85 * flops);
    return sums + (s.b * groups * floats * 16) / bandwidth + launch;
  },
  launch: ({ exports, attrs, inputs, output, scratch }) => {
    const s = sizes({ inputs: inputs.map((x) => x?.operand), output: output.operand });
    const { stride, dilation, groups, activation } = attrs;
    const { high, half, floats, windows } = bordered(s, attrs);
    const [c, o] = [s.c / groups, s.o / groups];
    const [act, regs] = [activationCode[activation], registers(exports)];
    const offsets = scratch + floats * float;
    const listed: Stage = {
      name: 'window_offsets',
      units: 1,
      args: [c, s.kh, s.kw, stride[1], ...dilation, high, half, offsets],
      work: windows * moved,
    };
    const image = [...attrs.padding.slice(0, 2), high, half, stride[1]];
    const step = stride[0] * stride[1] * half;
    const parts = Array.from({ length: s.b * groups }, (_, at): Stage[] => {
      const g = at % groups;
      const x = inputs[0]!.values + at * c * s.h * s.w * float;
      const w = inputs[1]!.values + g * o * windows * float;
      const bias = inputs[2] ? inputs[2].values + g * o * float : 0;
      const y = output.values + at * o * s.oh * s.ow * float;
      const product = [o, windows, s.oh, s.ow, offsets, step, scratch, w, bias, act, y, regs];
      const work = (o * windows * s.oh * s.ow) / 0.85;
      return [
        { name: 'border', units: c, args: [s.h, s.w, ...image, x, scratch], work: floats * moved },
        { name: 'direct', units: s.oh, args: product, work },
      ];
    });
    return [listed, ...parts.flat()];
  },
});

/** conv2d, depthwise and not. */
export const conv2dKernels: readonly WasmKernel[] = [depthwise, direct, im2col];
