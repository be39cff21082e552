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
import { wasmKernel, type WasmKernel } from '../kernel.js';
import { permute } from './move.js';
import { lines } from './reduce.js';

const float = 4;
const isFloat = ({ inputs, output }: Signature): boolean =>
  [...inputs, output].every((t) => t === undefined || t.dtype === 'float32');

/** Lines that do not lie at the end are moved there and back. */
const softmaxOf = (op: Op<SoftmaxAttrs>, log: number): WasmKernel =>
  wasmKernel<SoftmaxAttrs>({
    name: op.opName,
    op,
    takes: [],
    gives: dense,
    when: isFloat,
    scratch: ({ output }) => output.stored * float,
    launch: ({ exports, attrs, inputs, output, scratch }) => {
      const { outer, extent, inner } = lines(output.operand.shape, attrs.axis);
      const [x, y] = [inputs[0]!.values, output.values];
      if (output.operand.stored === 0) return () => {};
      if (inner === 1) return () => exports['softmax_rows']!(0, outer, extent, x, log, y);
      const there = permute(exports, [outer, extent, inner], [0, 2, 1], x, scratch);
      const back = permute(exports, [outer, inner, extent], [0, 2, 1], scratch, y);
      return () => {
        there();
        exports['softmax_rows']!(0, outer * inner, extent, scratch, log, scratch);
        back();
      };
    },
  });

const normOf = (op: Op<NormAttrs>, centred: number): WasmKernel =>
  wasmKernel<NormAttrs>({
    name: op.opName,
    op,
    takes: [],
    gives: dense,
    when: isFloat,
    launch: ({ exports, attrs: { dims, epsilon }, inputs, output }) => {
      const { shape } = output.operand;
      const [n, rows] = [sizeOf(shape.slice(-dims)), sizeOf(shape.slice(0, -dims))];
      const [x, gain, bias] = [0, 1, 2].map((k) => inputs[k]?.values ?? 0);
      const y = output.values;
      return () => exports['norm_rows']!(0, rows, n, x!, gain!, bias!, epsilon, centred, y);
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
  launch: ({ exports, inputs, output }) => {
    const { shape, stored } = output.operand;
    const [rows, n] = [sizeOf(shape.slice(0, -1)), shape.at(-1)!];
    if (stored === 0) return () => {};
    return () => exports['softmax_rows']!(0, rows, n, inputs[0]!.values, 0, output.values);
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
