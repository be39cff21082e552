// Dense to compressed rows, whose pattern is found at every run: the entries of each row are counted, the counts
// summed up, and the entries put where they belong. The output's structure is written, not read; nothing but `pos` is
// where entries are more than it has places for.
//
//   count rows   pos _ 1 0 2        sum   pos 0 1 1 3        fill   crd 1 0 2   values 5 7 9
import { dense, type Signature } from '@lacuna/ir';
import { csr } from '@lacuna/layouts';
import { compress } from '@lacuna/ops';
import { wasmKernel, type WasmKernel } from '../kernel.js';
import { ofNumbers, sumCounts, wordBytes } from './change.js';
import { coordinateBytes } from './family.js';

/** The output is a room, which has a place for whatever there is. */
const intoRoom = ({ inputs, output }: Signature): boolean =>
  output.varies === true && [inputs[0]!, output].every(({ dtype }) => dtype === 'float32');

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
    launch: ({ inputs, output, scratch }) => {
      const { count, fill } = ofNumbers(inputs[0]!, 1, 1);
      const [pos, crd] = [output.buffer(1, 'pos'), output.buffer(1, 'crd')];
      const { values, operand } = output;
      const at = { pos, crd, bytes: coordinateBytes(output, 1), values, scratch };
      return [
        ...count(pos, scratch),
        sumCounts(operand.shape[0]!, pos),
        ...fill({ ...at, most: operand.stored }),
      ];
    },
  }),
];
