// Two kernels for every layout there is or will be: scatter puts stored values at their row-major places,
// gather takes them from there. Both read the flat index of the pattern.
import { anyLayout, dense } from '@lacuna/ir';
import { densify, restrict } from '@lacuna/ops';
import { wasmKernel, type WasmKernel } from '../kernel.js';
import { copy, isWord } from './move.js';
import { moved } from './positions.js';

const scatter = wasmKernel({
  name: 'scatter',
  op: densify,
  takes: [anyLayout],
  gives: dense,
  when: isWord,
  index: [0],
  exact: true,
  launch: ({ inputs, output }) => {
    const [x, y] = [inputs[0]!, output.values];
    const [stored, all] = [x.operand.stored, output.operand.stored];
    if (x.operand.format.layout === dense) return [copy(all, x.values, y)];
    const args = [x.index, x.values, y];
    return [
      { name: 'fill', units: all, args: [0, y], work: all * 2, grain: 1024 },
      { name: 'scatter', units: stored, args, work: stored * moved, grain: 256 },
    ];
  },
});

const gather = wasmKernel({
  name: 'gather',
  op: restrict,
  takes: [dense],
  gives: anyLayout,
  when: isWord,
  index: ['output'],
  cost: ({ output }, { flops, launch }) => (2 * output.stored * moved) / flops + launch,
  exact: true,
  launch: ({ inputs, output }) => {
    const { stored } = output.operand;
    const args = [output.index, inputs[0]!.values, output.values];
    return [{ name: 'gather', units: stored, args, work: stored * moved, grain: 256 }];
  },
});

/** densify and restrict. */
export const convertKernels: readonly WasmKernel[] = [scatter, gather];
