// A value put into panels before several products read it.
import { dense } from '@lacuna/ir';
import { panels } from '@lacuna/layouts';
import { restrict } from '@lacuna/ops';
import { wasmKernel } from '../kernel.js';
import { widthOf } from './lying.js';
import { isWord } from './move.js';
import { moved, packing } from './positions.js';

/** restrict into panels. */
export const packKernel = wasmKernel<object>({
  name: 'pack',
  op: restrict,
  takes: [dense],
  gives: panels,
  when: (signature) => isWord(signature) && signature.output.format.params['w']! % 4 === 0,
  cost: ({ output }, { flops, launch }) => (2 * output.stored * moved) / flops + launch,
  exact: true,
  launch: ({ inputs, output }) => {
    const [rows, columns] = output.operand.shape as [number, number];
    const w = widthOf(output.operand, 1);
    const [from, to] = [inputs[0]!.values, output.values];
    return w !== undefined
      ? [packing({ k: rows, n: columns, rows, transposed: false }, w, from, to)]
      : [
          packing(
            { k: columns, n: rows, rows: columns, transposed: true },
            widthOf(output.operand, 0)!,
            from,
            to,
          ),
        ];
  },
});
