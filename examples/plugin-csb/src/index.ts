// csb: compressed sparse blocks (Buluç et al., SPAA 2009). Square blocks of `size` rows and columns; a block is a list
// of its entries, each with its row and its column inside the block, a byte each.
//
//     1 . | . 2       csb(2)   block    pos  0 2 | 3        which blocks of each row of blocks there are
//     . 3 | . .                         crd  0 1 | 1
//     ----+----                i%2      pos  0 2 3 5        the entries of each block
//     . . | 4 .                         crd  0 1 | 0 | 0 1
//     . . | . 5                j%2      crd  0 1 | 1 | 0 1
//                              values   1 3 | 2 | 4 5
//
// W and Wᵀ are as good to multiply with: what a block reads and what it writes are `size` rows each, which stay in the
// cache.
import { wasmKernel } from '@lacuna/backend-wasm';
import { dense, int, layout, level, type Plugin } from '@lacuna/ir';
import { matmul } from '@lacuna/ops';
import { wasm } from './generated/wasm.js';

/** Blocks of `size` × `size`, each a list of its entries. Any matrix. */
export const csb = layout({
  name: 'csb',
  rank: 2,
  params: { size: int(1, 256) },
  levels: ({ size }) => [
    level.dense(`i/${size}`),
    level.compressed(`j/${size}`, { width: 'uint32' }),
    level.compressed(`i%${size}`, { unique: false, width: 'uint8' }),
    level.singleton(`j%${size}`, { width: 'uint8' }),
  ],
});

/** `matmul` of a matrix in compressed sparse blocks and a dense one: rust/src/lib.rs. */
export const matmulCsb = wasmKernel({
  name: 'csb-matmul',
  op: matmul,
  takes: [csb, dense],
  gives: dense,
  module: Uint8Array.from(atob(wasm), (character) => character.charCodeAt(0)),
  when: ({ attrs, inputs }) =>
    !('transposeA' in attrs && attrs.transposeA) &&
    !('transposeB' in attrs && attrs.transposeB) &&
    inputs.every((input) => !input || input.dtype === 'float32'),
  cost: ({ inputs: [w], output }, { flops, launch }) =>
    (2 * w!.stored * output.shape[1]!) / (0.2 * flops) + launch,
  launch({ attrs: { activation }, inputs: [w, x, bias], output }) {
    const { shape, format, pattern, stored } = w!.operand;
    const [m, n] = [shape[0]!, output.operand.shape[1]!];
    const blocks = [w!.buffer(1, 'pos'), w!.buffer(1, 'crd')];
    const entries = [w!.buffer(2, 'pos'), w!.buffer(2, 'crd'), w!.buffer(3, 'crd'), w!.values];
    const low = activation === 'none' ? -Infinity : 0;
    const high = activation === 'relu6' ? 6 : Infinity;
    const rest = [x!.values, bias?.values ?? 0, low, high, output.values];
    const args = [m, n, format.params['size']!, ...blocks, ...entries, ...rest];
    return [{ name: 'matmul', units: pattern.positions[0]!, args, work: stored * n }];
  },
});

/** The plug-in: `createEngine(wasm(), { plugins: [plugin()] })`. */
export default (): Plugin => ({ name: 'csb', layouts: [csb], kernels: [matmulCsb] });
