// Two kernels for every layout there is or will be: scatter puts stored values at their row-major places,
// gather takes them from there. Both read the flat index of the pattern.
import { anyLayout, dense } from '@lacuna/ir';
import { densify, restrict } from '@lacuna/ops';
import { wasmKernel, type WasmKernel } from '../kernel.js';
import { isWord } from './move.js';

const scatter = wasmKernel({
  name: 'scatter',
  op: densify,
  takes: [anyLayout],
  gives: dense,
  when: isWord,
  index: [0],
  exact: true,
  launch: ({ exports, inputs, output }) => {
    const [x, y] = [inputs[0]!, output.values];
    const [stored, all] = [x.operand.stored, output.operand.stored];
    if (x.operand.format.layout === dense) return () => exports['copy']!(0, all, x.values, y);
    return () => {
      exports['fill']!(0, all, 0, y);
      exports['scatter']!(0, stored, x.index, x.values, y);
    };
  },
});

const gather = wasmKernel({
  name: 'gather',
  op: restrict,
  takes: [dense],
  gives: anyLayout,
  when: isWord,
  index: ['output'],
  exact: true,
  launch: ({ exports, inputs, output }) => {
    const [x, y] = [inputs[0]!.values, output];
    const { stored } = output.operand;
    return () => exports['gather']!(0, stored, y.index, x, y.values);
  },
});

/** densify and restrict. */
export const convertKernels: readonly WasmKernel[] = [scatter, gather];
