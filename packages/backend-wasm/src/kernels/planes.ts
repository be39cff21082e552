// Ops on planes of pixels [B·C, H, W]: pooling, resizing, depth to space.
import { dense, type Signature } from '@lacuna/ir';
import {
  averagePool,
  depthToSpace,
  maxPool,
  poolIndices,
  resizeBilinear,
  type DepthToSpaceAttrs,
  type PoolAttrs,
  type ResizeBilinearAttrs,
} from '@lacuna/ops';
import { wasmKernel, type WasmKernel } from '../kernel.js';
import { moved } from './positions.js';

const float = 4;
const isFloat = ({ inputs, output }: Signature): boolean =>
  inputs[0]!.dtype === 'float32' && output.dtype === 'float32';

const pools = (
  [
    [maxPool, 'max_pool'],
    [averagePool, 'avg_pool'],
    [poolIndices, 'pool_indices'],
  ] as const
).map(([op, name]) =>
  wasmKernel<PoolAttrs>({
    name: op.opName,
    op,
    takes: [],
    gives: dense,
    when: isFloat,
    launch: ({ attrs, inputs, output }) => {
      const [b, c, h, w] = inputs[0]!.operand.shape as [number, number, number, number];
      const [oh, ow] = output.operand.shape.slice(2) as [number, number];
      const [top, left] = attrs.padding;
      const { size, stride } = attrs;
      const [x, y] = [inputs[0]!.values, output.values];
      const args = [h, w, ...size, ...stride, top, left, oh, ow, x, y];
      return [{ name, units: b * c, args, work: output.operand.stored * size[0] * size[1] * 2 }];
    },
  }),
);

const resizeKernel = wasmKernel<ResizeBilinearAttrs>({
  name: 'resizeBilinear',
  op: resizeBilinear,
  takes: [],
  gives: dense,
  when: isFloat,
  launch: ({ attrs, inputs, output }) => {
    const [b, c, h, w] = inputs[0]!.operand.shape as [number, number, number, number];
    const { height, width, alignCorners, halfPixelCenters } = attrs;
    const how = [Number(alignCorners), Number(halfPixelCenters)];
    const args = [h, w, height, width, ...how, inputs[0]!.values, output.values];
    return [{ name: 'resize', units: b * c, args, work: output.operand.stored * 20 }];
  },
});

const depthToSpaceKernel = wasmKernel<DepthToSpaceAttrs>({
  name: 'depthToSpace',
  op: depthToSpace,
  takes: [],
  gives: dense,
  when: isFloat,
  exact: true,
  launch: ({ attrs, inputs, output }) => {
    const [b, c, h, w] = inputs[0]!.operand.shape as [number, number, number, number];
    const channels = c / attrs.block ** 2;
    const image = c * h * w * float;
    return Array.from({ length: b }, (_, at) => {
      const [x, y] = [inputs[0]!.values + at * image, output.values + at * image];
      const args = [channels, h, w, attrs.block, x, y];
      return { name: 'depth_to_space', units: channels, args, work: c * h * w * moved };
    });
  },
});

/** maxPool, averagePool, poolIndices, resizeBilinear, depthToSpace. */
export const planeKernels: readonly WasmKernel[] = [...pools, resizeKernel, depthToSpaceKernel];
