// Rows brought to one sum or one size: softmax along any axis, layerNorm, rmsNorm, and softmax over the stored
// entries of any layout.
import { anyLayout, dense, sizeOf, type Op, type Signature } from '@lacuna/ir';
import {
  layerNorm,
  logSoftmax,
  rmsNorm,
  softmax,
  sparseSoftmax,
  type NormAttrs,
  type SoftmaxAttrs,
} from '@lacuna/ops';
import { wasmKernel, type Stage, type WasmKernel } from '../kernel.js';
import { permute } from './move.js';
import { moved } from './positions.js';
import { lines } from './reduce.js';

const float = 4;
const isFloat = ({ inputs, output }: Signature): boolean =>
  [...inputs, output].every((t) => t === undefined || t.dtype === 'float32');

/** Softmax of rows of n numbers: an exponential of each, and two sweeps. */
function softmaxRows(rows: number, n: number, x: number, log: number, y: number): Stage {
  return { name: 'softmax_rows', units: rows, args: [n, x, log, y], work: rows * n * 30 };
}

/** Lines that do not lie at the end are moved there and back. */
const softmaxOf = (op: Op<SoftmaxAttrs>, log: number): WasmKernel =>
  wasmKernel<SoftmaxAttrs>({
    name: op.opName,
    op,
    takes: [],
    gives: dense,
    when: isFloat,
    scratch: ({ output }) => output.stored * float,
    launch: ({ attrs, inputs, output, scratch }) => {
      const { outer, extent, inner } = lines(output.operand.shape, attrs.axis);
      const [x, y] = [inputs[0]!.values, output.values];
      if (output.operand.stored === 0) return [];
      if (inner === 1) return [softmaxRows(outer, extent, x, log, y)];
      return [
        ...permute([outer, extent, inner], [0, 2, 1], x, scratch),
        softmaxRows(outer * inner, extent, scratch, log, scratch),
        ...permute([outer, inner, extent], [0, 2, 1], scratch, y),
      ];
    },
  });

const normOf = (op: Op<NormAttrs>, centred: number): WasmKernel =>
  wasmKernel<NormAttrs>({
    name: op.opName,
    op,
    takes: [],
    gives: dense,
    when: isFloat,
    launch: ({ attrs: { dims, epsilon }, inputs, output }) => {
      const { shape } = output.operand;
      const [n, rows] = [sizeOf(shape.slice(-dims)), sizeOf(shape.slice(0, -dims))];
      const operands = [0, 1, 2].map((k) => inputs[k]?.values ?? 0);
      const args = [n, ...operands, epsilon, centred, output.values];
      return [{ name: 'norm_rows', units: rows, args, work: rows * n * 2 * moved }];
    },
  });

const entries = wasmKernel({
  name: 'sparseSoftmax',
  op: sparseSoftmax,
  takes: [anyLayout],
  gives: anyLayout,
  when: (signature) => isFloat(signature) && signature.inputs[0]!.format.layout !== dense,
  index: [0],
  scratch: ({ output }) => 2 * sizeOf(output.shape.slice(0, -1)) * float,
  launch: ({ exports, inputs, output, scratch }) => {
    const [x, { shape }] = [inputs[0]!, output.operand];
    const [rows, n] = [sizeOf(shape.slice(0, -1)), shape.at(-1)!];
    const { stored } = x.operand;
    return () =>
      exports['softmax_entries']!(stored, rows, n, x.index, x.values, scratch, output.values);
  },
});

const whole = wasmKernel({
  name: 'sparseSoftmax-dense',
  op: sparseSoftmax,
  takes: [dense],
  gives: dense,
  when: (signature) => isFloat(signature) && signature.inputs[0]!.format.layout === dense,
  launch: ({ inputs, output }) => {
    const { shape, stored } = output.operand;
    const [rows, n] = [sizeOf(shape.slice(0, -1)), shape.at(-1)!];
    return stored === 0 ? [] : [softmaxRows(rows, n, inputs[0]!.values, 0, output.values)];
  },
});

/** softmax, logSoftmax, sparseSoftmax, layerNorm, rmsNorm. */
export const normKernels: readonly WasmKernel[] = [
  softmaxOf(softmax, 0),
  softmaxOf(logSoftmax, 1),
  entries,
  whole,
  normOf(layerNorm, 1),
  normOf(rmsNorm, 0),
];
