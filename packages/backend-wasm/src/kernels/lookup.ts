// Looking places up, and finding the largest.
import { dense, type OperandType, type Signature } from '@lacuna/ir';
import {
  argmax,
  embedding,
  gather,
  scatterAdd,
  topIndices,
  type ArgmaxAttrs,
  type GatherAttrs,
  type ScatterAddAttrs,
  type TopIndicesAttrs,
} from '@lacuna/ops';
import { wasmKernel, type WasmKernel, type WasmOperand } from '../kernel.js';
import { lines } from './reduce.js';

/** Numbers are floats, and indices floats or integers of four bytes. */
const indexed = ({ inputs, output }: Signature): boolean =>
  [...inputs, output].every((type, k) => isFloat(type!) || (k === 1 && type!.dtype === 'int32'));
const isFloat = ({ dtype }: OperandType): boolean => dtype === 'float32';
const kindOf = ({ operand }: WasmOperand): number => Number(operand.dtype === 'int32');

const gatherKernel = wasmKernel<GatherAttrs>({
  name: 'gather',
  op: gather,
  takes: [],
  gives: dense,
  when: indexed,
  exact: true,
  launch: ({ exports, attrs: { axis, missing }, inputs, output }) => {
    const [x, indices] = [inputs[0]!, inputs[1]!];
    const { outer, extent, inner } = lines(x.operand.shape, axis);
    const { extent: count } = lines(indices.operand.shape, axis);
    const [from, places, int, y] = [x.values, indices.values, kindOf(indices), output.values];
    return () => exports['take']!(0, outer, count, extent, inner, from, places, int, missing, y);
  },
});

const scatterAddKernel = wasmKernel<ScatterAddAttrs>({
  name: 'scatterAdd',
  op: scatterAdd,
  takes: [],
  gives: dense,
  when: indexed,
  exact: true,
  launch: ({ exports, attrs: { axis }, inputs, output }) => {
    const [x, indices, updates] = [inputs[0]!, inputs[1]!, inputs[2]!];
    const { outer, extent, inner } = lines(x.operand.shape, axis);
    const { extent: count } = lines(indices.operand.shape, axis);
    const [places, int, more, y] = [indices.values, kindOf(indices), updates.values, output.values];
    return () => {
      exports['copy']!(0, output.operand.stored, x.values, y);
      exports['scatter_add']!(0, outer, count, extent, inner, places, int, more, y);
    };
  },
});

const embeddingKernel = wasmKernel({
  name: 'embedding',
  op: embedding,
  takes: [],
  gives: dense,
  when: indexed,
  exact: true,
  launch: ({ exports, inputs, output }) => {
    const [table, indices] = [inputs[0]!, inputs[1]!];
    const [rows, width] = table.operand.shape as [number, number];
    const [count, int] = [indices.operand.stored, kindOf(indices)];
    const [from, places, y] = [table.values, indices.values, output.values];
    return () => exports['take_rows']!(0, count, rows, width, from, places, int, NaN, y);
  },
});

const topIndicesKernel = wasmKernel<TopIndicesAttrs>({
  name: 'topIndices',
  op: topIndices,
  takes: [],
  gives: dense,
  when: indexed,
  exact: true,
  launch: ({ exports, attrs: { axis, k }, inputs, output }) => {
    const { outer, extent, inner } = lines(inputs[0]!.operand.shape, axis);
    const [x, y] = [inputs[0]!.values, output.values];
    return () => exports['top_indices']!(0, outer, extent, inner, k, x, y);
  },
});

const argmaxKernel = wasmKernel<ArgmaxAttrs>({
  name: 'argmax',
  op: argmax,
  takes: [],
  gives: dense,
  when: indexed,
  exact: true,
  launch: ({ exports, attrs: { axis }, inputs, output }) => {
    const { outer, extent, inner } = lines(inputs[0]!.operand.shape, axis);
    const [x, y] = [inputs[0]!.values, output.values];
    return () => exports['top_indices']!(0, outer, extent, inner, 1, x, y);
  },
});

/** gather, scatterAdd, embedding, topIndices, argmax. */
export const lookupKernels: readonly WasmKernel[] = [
  gatherKernel,
  scatterAddKernel,
  embeddingKernel,
  topIndicesKernel,
  argmaxKernel,
];
