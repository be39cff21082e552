// Convolutions the other way, by way of columns:
//
//   convTranspose2d   columns = wᵀ·x, then added up into the image (col2im)
//   conv2dFilter      columns of the image (im2col), then dw = Σ images dy·columnsᵀ
import { dense, type Signature } from '@lacuna/ir';
import {
  conv2dFilter,
  convTranspose2d,
  type Conv2dFilterAttrs,
  type ConvTranspose2dAttrs,
} from '@lacuna/ops';
import { wasmKernel, type Stage, type WasmKernel } from '../kernel.js';
import { product, productSeconds, type ProductSizes } from './batch.js';
import { moved } from './positions.js';

const float = 4;
const isFloat = ({ inputs, output }: Signature): boolean =>
  [...inputs, output].every((t) => t === undefined || t.dtype === 'float32');
type Four = readonly [number, number, number, number];

/** Per group: channels that are multiplied, columns, positions. */
function transposeSizes({ inputs, attrs }: Pick<Signature, 'inputs' | 'attrs'>): ProductSizes {
  const { groups } = attrs as ConvTranspose2dAttrs;
  const [, channels, height, width] = inputs[0]!.shape as Four;
  const [, outputs, kh, kw] = inputs[1]!.shape as Four;
  return {
    m: outputs * kh * kw,
    k: channels / groups,
    n: height * width,
    transposeA: true,
    transposeB: false,
  };
}

const transposeKernel = wasmKernel<ConvTranspose2dAttrs>({
  name: 'col2im-convTranspose2d',
  op: convTranspose2d,
  takes: [dense, dense],
  gives: dense,
  when: isFloat,
  scratch: (signature) => {
    const sizes = transposeSizes(signature);
    return (sizes.m * sizes.n + product(sizes).floats) * float;
  },
  cost: (signature, rates) =>
    productSeconds(
      transposeSizes(signature),
      signature.inputs[0]!.shape[0]! * (signature.attrs as ConvTranspose2dAttrs).groups,
      rates,
    ),
  launch: ({ exports, attrs, inputs, output, scratch }) => {
    const { stride, dilation, groups } = attrs;
    const [top, left] = attrs.padding;
    const [x, w, bias] = inputs;
    const sizes = transposeSizes({ inputs: [x!.operand, w!.operand], attrs });
    const { m, k, n } = sizes;
    const [batch, , h, width] = x!.operand.shape as Four;
    const [, outputs, kh, kw] = w!.operand.shape as Four;
    const [oh, ow] = output.operand.shape.slice(2) as [number, number];
    const one = product(sizes);
    const shape = [oh, ow, kh, kw, ...stride, ...dilation, top, left, h, width];
    return Array.from({ length: batch * groups }, (_, at): Stage[] => {
      const g = at % groups;
      const multiply = one.bind(exports, {
        a: w!.values + g * k * m * float,
        b: x!.values + at * k * n * float,
        y: scratch,
        scratch: scratch + m * n * float,
      });
      const start = bias ? bias.values + g * outputs * float : 0;
      const y = output.values + at * outputs * oh * ow * float;
      const args = [...shape, scratch, start, y];
      return [...multiply, { name: 'col2im', units: outputs, args, work: m * n * moved }];
    }).flat();
  },
});

/** Per group: outputs, positions that are summed over, columns. */
function filterSizes({ inputs, attrs }: Pick<Signature, 'inputs' | 'attrs'>): ProductSizes {
  const { groups, size } = attrs as Conv2dFilterAttrs;
  const [, outputs, rows, columns] = inputs[1]!.shape as Four;
  return {
    m: outputs / groups,
    k: rows * columns,
    n: (inputs[0]!.shape[1]! / groups) * size[0] * size[1],
    transposeA: false,
    transposeB: true,
  };
}

const filterKernel = wasmKernel<Conv2dFilterAttrs>({
  name: 'im2col-conv2dFilter',
  op: conv2dFilter,
  takes: [dense, dense],
  gives: dense,
  when: isFloat,
  scratch: (signature) => {
    const sizes = filterSizes(signature);
    return (sizes.n * sizes.k + sizes.m * sizes.n + product(sizes).floats) * float;
  },
  cost: (signature, rates) =>
    productSeconds(
      filterSizes(signature),
      signature.inputs[0]!.shape[0]! * (signature.attrs as Conv2dFilterAttrs).groups,
      rates,
    ),
  launch: ({ exports, attrs, inputs, output, scratch }) => {
    const { stride, dilation, groups, size } = attrs;
    const [top, left] = attrs.padding;
    const [x, dy] = [inputs[0]!, inputs[1]!];
    const sizes = filterSizes({ inputs: [x.operand, dy.operand], attrs });
    const { m, k, n } = sizes;
    const [batch, channels, h, w] = x.operand.shape as Four;
    const [oh, ow] = dy.operand.shape.slice(2) as [number, number];
    const inner = channels / groups;
    const one = product(sizes);
    const share = scratch + n * k * float; // of one image
    const shape = [h, w, ...size, ...stride, ...dilation, top, left, oh, ow];
    const clear: Stage = {
      name: 'fill',
      units: output.operand.stored,
      args: [0, output.values],
      work: output.operand.stored * moved,
    };
    const parts = Array.from({ length: batch * groups }, (_, at): Stage[] => {
      const image = x.values + at * inner * h * w * float;
      const y = output.values + (at % groups) * m * n * float;
      const multiply = one.bind(exports, {
        a: dy.values + at * m * k * float,
        b: scratch,
        y: share,
        scratch: share + m * n * float,
      });
      const windows = [...shape, image, scratch, k, k, 0];
      return [
        { name: 'im2col', units: inner, args: windows, work: n * k * moved },
        ...multiply,
        { name: 'add_planes', units: m, args: [n, y, share, n, 1, 0, y], work: m * n * moved },
      ];
    });
    return [clear, ...parts.flat()];
  },
});

/** convTranspose2d, conv2dFilter. */
export const columnKernels: readonly WasmKernel[] = [transposeKernel, filterKernel];
