// Any layout on the left, as it is or transposed, by loops that are made of its levels: one row a thread, an entry at a
// time. Nothing lies beside the layout, so that a pattern which a run finds serves too.
//
//            an entry: what its levels take to reach it, 2 vectors of x, 8 multiply-adds. Rows whose lengths are far
//            apart, and layouts whose levels bind the row late, are ordered beforehand instead: see any.ts.
import { anyLayout, isDense, type OperandType } from '@lacuna/ir';
import type { WebgpuOperand } from '../kernel.js';
import type { Family, Inner } from './family.js';
import { loopsOf, type Loops } from './levels.js';
import { addTo, loadX } from './tile.js';
import { countsOf, isUneven } from './uneven.js';
import { valuesOf } from './values.js';

function walkOf(turned: boolean): Family {
  const loops = ({ pattern }: Pick<OperandType, 'pattern'>): Loops =>
    loopsOf(pattern!, turned ? 1 : 0)!;
  const inner = (w: OperandType, key: string, add: (value: string) => Inner['loop']): Inner => {
    const { body, head, params, row, key: own } = loops(w);
    const values = valuesOf(w, false);
    return {
      key: `${own} ${key}`,
      rows: 1,
      items: w.shape[0]!,
      row: () => row,
      params,
      buffers: [{ name: 's', type: 'array<u32>' }],
      values,
      head,
      loop: (wide) => body(add(values.value('q'))(wide, false)),
    };
  };
  return {
    name: turned ? 'levels-turned' : 'levels',
    layout: anyLayout,
    varying: true,
    ...(turned && { turned }),
    takes: ({ format, pattern, varies }) =>
      !isDense(format) &&
      pattern !== undefined &&
      loopsOf(pattern, turned ? 1 : 0) !== undefined &&
      (varies || !isUneven(countsOf(pattern, turned))),
    share: (w, n) => {
      const entries = w.stored / Math.max(1, w.shape[turned ? 1 : 0]!);
      const plain = n === 1 ? 0.04 : 0.4 * Math.min(1, (n + 8) / 40);
      return plain * Math.min(1, (2 * entries + 1) / (loops(w).steps + 1));
    },
    wide: (n) => (n >= 64 ? 4 : 2),
    inner: (w) =>
      inner(
        w,
        '',
        (value) => (wide) => `${loadX(wide, 'j')}\nlet v = ${value};\n${addTo(0, wide, 'v')}`,
      ),
    vector: (w) => ({
      ...inner(w, 'vector', (value) => () => `a0[0] = fma(${value}, x[j], a0[0]);`),
      gathers: true,
    }),
    bind: (w: WebgpuOperand) => ({
      params: loops(w.operand).numbers(w.word),
      buffers: [w.structure, w.values],
    }),
  };
}

/** Products with any layout, read by its levels. */
export const walkFamily = walkOf(false);
/** Products with the transpose of any layout, read by its levels. */
export const walkTurned = walkOf(true);
