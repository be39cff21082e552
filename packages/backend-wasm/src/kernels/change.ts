// Stages that make rows of blocks: of dense numbers, of single entries, of other blocks and of n:m:g.
import { blockRowsOf, isDense, type Format } from '@lacuna/ir';
import type { Stage, WasmOperand } from '../kernel.js';
import { blockArgs, groupedArgs, isGrouped } from './densify.js';
import { lastOf } from './family.js';

/** Where a result goes. */
export interface RowsAt {
  readonly pos: number;
  readonly crd: number;
  /** Bytes of a coordinate. */
  readonly bytes: number;
  readonly values: number;
  readonly scratch: number;
  /** The most entries that there is room for; absent: as many as there are. */
  readonly most?: number;
}

/** Rows of blocks in the making. */
export interface RowsOf {
  /** Rows of blocks. */
  readonly groups: number;
  /** Values of a block. */
  readonly each: number;
  /** Bytes of scratch that counting and filling take. */
  readonly scratch: number;
  /** Writes how many blocks each row has to pos[1..]. */
  readonly count: (pos: number, scratch: number) => readonly Stage[];
  readonly fill: (to: RowsAt) => readonly Stage[];
}

/** Multiply-adds that counting and filling are worth: a number that is looked at, and one that is stored. */
const [looking, moving] = [2, 4];

/** How rows of blocks in a format are made of an operand; undefined where no stages do that. */
export function rowsFrom(w: WasmOperand, format: Format): RowsOf | undefined {
  const { shape, dtype } = w.operand;
  const to = blockRowsOf(format, shape);
  if (!to || to.rows > 1024) return undefined;
  const [v, c] = [to.rows, to.columns];
  const [m, k] = shape as [number, number];
  const groups = Math.ceil(m / v);
  const made = { groups, each: v * c, scratch: 0 };
  if (isDense(w.operand.format))
    return dtype === 'float32' ? { ...made, ...ofNumbers(w, v, c) } : undefined;
  const single = v === 1 && c === 1;
  if (isGrouped(w.operand)) return single ? ofGrouped(w) : undefined;
  const from = blockArgs(w);
  if (!from) return undefined;
  const { stored } = w.operand;
  if (single) {
    const args = [from.v, from.c, m, k, ...from.args];
    const units = Math.ceil(m / from.v);
    const counted = args.slice(0, -1); // without values
    return {
      ...made,
      count: (pos) => [{ name: 'single_count', units, args: [...counted, pos], work: m * looking }],
      fill: ({ pos, crd, bytes, values }) => [
        {
          name: 'single_fill',
          units,
          args: [...args, pos, crd, bytes, values],
          work: stored * moving,
        },
      ],
    };
  }
  if (from.v !== 1 || from.c !== 1) return undefined;
  const [pos, crd, bytes, values] = from.args as [number, number, number, number];
  const list = [v, c, m, pos, crd, bytes];
  return {
    ...made,
    count: (counts) => [
      { name: 'group_count', units: groups, args: [...list, counts], work: stored * looking },
    ],
    fill: (at) => [
      {
        name: 'group_fill',
        units: groups,
        args: [...list, values, at.pos, at.crd, at.bytes, at.values],
        work: stored * moving,
      },
    ],
  };
}

/** Bytes of a row's bits, in words of 64. */
export const wordBytes = (columns: number): number => Math.ceil(columns / 64) * 8;

/** The call that sums counts at pos[1..] up to where rows begin. */
export const sumCounts = (groups: number, pos: number): Stage => ({
  name: 'sum_counts',
  units: 1,
  args: [groups, pos],
  work: groups * 4,
});

/** Of row-major numbers, the blocks that hold one other than zero. */
export function ofNumbers(
  w: WasmOperand,
  v: number,
  c: number,
): Pick<RowsOf, 'count' | 'fill' | 'scratch'> {
  const [m, k] = w.operand.shape as [number, number];
  const [units, all] = [Math.ceil(m / v), m * k];
  const scratch = units * wordBytes(k);
  if (v === 1 && c === 1)
    return {
      scratch,
      count: (pos, words) => [
        { name: 'nonzero_count', units, args: [k, w.values, pos, words], work: all * looking },
      ],
      fill: ({ pos, crd, bytes, values, scratch: words, most = 0xffffffff }) => [
        {
          name: 'nonzero_fill',
          units,
          args: [m, k, w.values, pos, crd, bytes, values, most, words],
          work: all * moving,
        },
      ],
    };
  const args = [v, c, m, k, w.values];
  return {
    scratch,
    count: (pos, words) => [
      { name: 'blocks_count', units, args: [...args, pos, words], work: all * looking },
    ],
    fill: ({ pos, crd, bytes, values, scratch: words }) => [
      {
        name: 'blocks_fill',
        units,
        args: [...args, pos, crd, bytes, values, words],
        work: all * moving,
      },
    ],
  };
}

/** Single entries of an n:m:g. */
function ofGrouped(w: WasmOperand): RowsOf {
  const { blocks, args } = groupedArgs(w);
  const { stored, shape, format } = w.operand;
  const [, , , block, g, patterns] = args as [number, number, number, number, number, number];
  const span = Math.ceil((g * patterns) / 64) * 64;
  const scratch = (block * (1 + span) + 64) * 4 + block * span;
  return {
    groups: shape[0]!,
    each: 1,
    scratch,
    count: (pos) =>
      blocks === 0
        ? [{ name: 'fill', units: shape[0]!, args: [0, pos + 4], work: shape[0]! }]
        : [
            {
              name: 'nmg_rows_count',
              units: blocks,
              args: [...args, pos],
              work: (stored / format.params['n']!) * looking,
            },
          ],
    fill: (at) => {
      const all = [...args, at.pos, at.crd, at.bytes, at.values, at.scratch];
      const own = lastOf(all, scratch);
      const work = stored * moving * 2;
      return [{ name: 'nmg_rows_fill', units: blocks, args: all, work, own }];
    },
  };
}
