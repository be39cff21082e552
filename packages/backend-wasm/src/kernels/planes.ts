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

const float = 4;
const isFloat = ({ output }: Signature): boolean => output.dtype === 'float32';

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
    launch: ({ exports, attrs, inputs, output }) => {
      const [b, c, h, w] = inputs[0]!.operand.shape as [number, number, number, number];
      const [oh, ow] = output.operand.shape.slice(2) as [number, number];
      const [top, left] = attrs.padding;
      return () =>
        exports[name]!(
          0,
          b * c,
          h,
          w,
          ...attrs.size,
          ...attrs.stride,
          top,
          left,
          oh,
          ow,
          inputs[0]!.values,
          output.values,
        );
    },
  }),
);

const resizeKernel = wasmKernel<ResizeBilinearAttrs>({
  name: 'resizeBilinear',
  op: resizeBilinear,
  takes: [],
  gives: dense,
  when: isFloat,
  launch: ({ exports, attrs, inputs, output }) => {
    const [b, c, h, w] = inputs[0]!.operand.shape as [number, number, number, number];
    const { height, width, alignCorners, halfPixelCenters } = attrs;
    return () =>
      exports['resize']!(
        0,
        b * c,
        h,
        w,
        height,
        width,
        Number(alignCorners),
        Number(halfPixelCenters),
        inputs[0]!.values,
        output.values,
      );
  },
});

const depthToSpaceKernel = wasmKernel<DepthToSpaceAttrs>({
  name: 'depthToSpace',
  op: depthToSpace,
  takes: [],
  gives: dense,
  when: isFloat,
  exact: true,
  launch: ({ exports, attrs, inputs, output }) => {
    const [b, c, h, w] = inputs[0]!.operand.shape as [number, number, number, number];
    const channels = c / attrs.block ** 2;
    const image = c * h * w * float;
    const starts = Array.from({ length: b }, (_, at) => at * image);
    return () =>
      starts.forEach((at) =>
        exports['depth_to_space']!(
          0,
          channels,
          channels,
          h,
          w,
          attrs.block,
          inputs[0]!.values + at,
          output.values + at,
        ),
      );
  },
});

/** maxPool, averagePool, poolIndices, resizeBilinear, depthToSpace. */
export const planeKernels: readonly WasmKernel[] = [...pools, resizeKernel, depthToSpaceKernel];
