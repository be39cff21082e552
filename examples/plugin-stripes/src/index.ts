// Stripes: whole stripes of columns are kept, each `width` columns wide.
//
//     1 2 | 0 0 | 3 0      stripes(2)   pos     0 2
//     4 5 | 0 0 | 0 6                   crd     0 2
//                                       values  1 2 4 5 | 3 0 0 6
//
// An input that no output wants goes with its whole column, so a kernel reads fewer rows of x, each of
// them from end to end.
import { wasmKernel } from '@lacuna/backend-wasm';
import { dense, int, layout, level, type Plugin } from '@lacuna/ir';
import { matmul } from '@lacuna/ops';
import { wasm } from './generated/wasm.js';

/** Stripes of `width` columns; a stripe is stored when one of its entries is. Any matrix. */
export const stripes = layout({
  name: 'stripes',
  rank: 2,
  params: { width: int(1, 64) },
  levels: ({ width }) => [
    level.compressed(`j/${width}`, { width: 'uint32' }),
    level.dense('i'),
    level.dense(`j%${width}`),
  ],
});

/** `matmul` of a matrix in stripes and a dense one: rust/src/lib.rs. */
export const matmulStripes = wasmKernel({
  name: 'stripes-matmul',
  op: matmul,
  takes: [stripes, dense],
  gives: dense,
  module: Uint8Array.from(atob(wasm), (character) => character.charCodeAt(0)),
  when: ({ attrs, inputs }) =>
    !('transposeA' in attrs && attrs.transposeA) &&
    !('transposeB' in attrs && attrs.transposeB) &&
    inputs.every((input) => !input || input.dtype === 'float32'),
  cost: ({ inputs: [w], output }, { flops, launch }) =>
    (2 * w!.stored * output.shape[1]!) / (0.75 * flops) + launch,
  launch({ exports, attrs: { activation }, inputs: [w, x, bias], output }) {
    const { shape, format, pattern } = w!.operand;
    const [m, k, n] = [shape[0]!, shape[1]!, output.operand.shape[1]!];
    const matrix = [format.params['width']!, pattern.positions[0]!, w!.buffer(0, 'crd'), w!.values];
    const low = activation === 'none' ? -Infinity : 0;
    const high = activation === 'relu6' ? 6 : Infinity;
    const rest = [x!.values, bias?.values ?? 0, low, high, output.values];
    return () => void exports['matmul']!(0, m, m, k, n, ...matrix, ...rest);
  },
});

/** The plug-in: `createEngine(wasm(), { plugins: [plugin()] })`. */
export default (): Plugin => ({
  name: 'stripes',
  layouts: [stripes],
  kernels: [matmulStripes],
});
