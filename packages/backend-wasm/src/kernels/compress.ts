// Dense to compressed rows, whose pattern is found at every run: the entries of each row are counted, the counts
// summed up, and the entries put where they belong. The output's structure is written, not read.
//
//   count rows   pos _ 1 0 2        sum   pos 0 1 1 3        fill   crd 1 0 2   values 5 7 9
import { dense, type Signature } from '@lacuna/ir';
import { csr } from '@lacuna/layouts';
import { compress } from '@lacuna/ops';
import { wasmKernel, type Stage, type WasmKernel, type WasmOperand } from '../kernel.js';
import { wordBytes } from './change.js';
import { coordinateBytes } from './family.js';

/** The output is a room, which has a place for whatever there is. */
const intoRoom = ({ inputs, output }: Signature): boolean =>
  output.varies === true && [inputs[0]!, output].every(({ dtype }) => dtype === 'float32');

/**
 * The calls that store the numbers of a dense matrix `x` that are not zero as compressed rows, pattern and values.
 * Nothing but `pos` is written where they are more than the output has places for.
 */
function compressRows(x: number, output: WasmOperand, words: number): readonly Stage[] {
  const [rows, columns] = output.operand.shape as [number, number];
  const [pos, crd] = [output.buffer(1, 'pos'), output.buffer(1, 'crd')];
  const to = [pos, crd, coordinateBytes(output, 1), output.values, output.operand.stored];
  const numbers = rows * columns;
  return [
    { name: 'nonzero_count', units: rows, args: [columns, x, pos, words], work: numbers * 2 },
    { name: 'sum_counts', units: 1, args: [rows, pos], work: rows * 4 },
    {
      name: 'nonzero_fill',
      units: rows,
      args: [rows, columns, x, ...to, words],
      work: numbers * 6,
    },
  ];
}

/** compress into csr. */
export const compressKernels: readonly WasmKernel[] = [
  wasmKernel<object>({
    name: 'compress-csr',
    op: compress,
    takes: [dense],
    gives: csr,
    when: intoRoom,
    exact: true,
    scratch: ({ output: { shape } }) => shape[0]! * wordBytes(shape[1]!),
    launch: ({ inputs, output, scratch }) => compressRows(inputs[0]!.values, output, scratch),
  }),
];
