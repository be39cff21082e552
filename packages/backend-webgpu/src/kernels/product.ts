// One product of a family as dispatches: over tiles of its rows, or in pieces where rows are not alike.
import type { OperandType } from '@lacuna/ir';
import type { Activation } from '@lacuna/ops';
import type { Binding, Dispatch, Tuning } from '../kernel.js';
import { grid } from '../program.js';
import { rangeOf } from './activation.js';
import { shell, threads, type Family, type Shell } from './family.js';
import { pieceOf, piecePrograms, type Counts } from './uneven.js';
import { valueParams } from './values.js';
import { vectorShell } from './vector.js';

/** The tile of a thread, of `wide` vectors at most, and how threads lie along columns. */
function tileOf(n: number, wide: number): Omit<Shell, 'lies'> {
  const own = n > 4 ? wide : 1;
  return { wide: own, across: [1, 2, 4, 8].find((a) => a * own * 4 >= n) ?? 16 };
}

/** A right-hand side in rows of whole vectors, and where the output goes. */
export interface Right {
  readonly k: number;
  readonly n: number;
  readonly x: Binding | undefined;
  readonly bias: Binding | undefined;
  readonly activation: Activation;
  readonly y: Binding;
  readonly lies: Shell['lies'];
  readonly tuning: Tuning;
  /** Rows of all of y, where W is a part of them. */
  readonly rows?: number;
}

/** One product of a family: W of `type`, bound as `left`. */
export function product(
  family: Family,
  type: OperandType,
  left: ReturnType<Family['bind']>,
  { k, n, x, bias, activation, y, lies, tuning, rows }: Right,
): Dispatch {
  const m = type.shape[0]!;
  const all = rows ?? m;
  const vector = n === 1;
  const inner = vector ? family.vector(type, tuning.subgroup > 0) : family.inner(type, tuning, n);
  const { items } = inner;
  const ends = [items, ...rangeOf(activation), ...left.params, ...valueParams(type)];
  const params = [m, k, n, Math.ceil(n / 4), all, ...ends];
  const buffers = [...left.buffers, x, bias, y];
  if (vector) {
    const program = vectorShell(`${family.name}-vector`, inner, tuning.subgroup);
    const together = inner.spread ? threads / tuning.subgroup : threads;
    return { program, params, buffers, workgroups: grid(items, together) };
  }
  const tile = inner.together ?? tileOf(n, family.wide?.(n, type) ?? 2);
  const tiled = inner.tiles && k > 0 && tile.wide > 1 && Math.ceil(n / 4) % tile.wide === 0;
  const program = shell(family.name, inner)({ ...tile, lies, ...(tiled && { tiled }) });
  return { program, params, buffers, workgroups: tiles(n, items, tile) };
}

/** Workgroups for tiles: columns along the first dimension, items along the others. */
function tiles(
  n: number,
  items: number,
  { wide, across }: Omit<Shell, 'lies'>,
): Dispatch['workgroups'] {
  const down = Math.ceil(items / (threads / across));
  const deep = Math.max(1, Math.ceil(down / 65535));
  return [Math.ceil(n / (across * wide * 4)), Math.ceil(down / deep), deep];
}

/** The same with rows cut by work: the pieces, and what joins their parts. */
export function inPieces({
  family,
  type,
  left,
  counts,
  parts,
  k,
  n,
  x,
  bias,
  activation,
  y,
  lies,
}: Omit<Right, 'tuning'> & {
  readonly family: Family;
  readonly type: OperandType;
  readonly left: ReturnType<Family['bind']>;
  readonly counts: Counts;
  readonly parts: Binding;
}): readonly Dispatch[] {
  const walk = family.uneven!.walk(type);
  const tile = tileOf(n, family.wide?.(n, type) ?? 2);
  const beside = x?.block.buffer === parts.block.buffer;
  const { first, join } = piecePrograms(family.name, walk, { ...tile, lies, one: n === 1, beside });
  const piece = pieceOf(counts, n);
  const items = Math.ceil((counts.rows + counts.stored) / piece);
  const m = type.shape[0]!;
  const params = [m, k, n, Math.ceil(n / 4), m, items, ...rangeOf(activation)];
  const workgroups = n === 1 ? grid(items, threads) : tiles(n, items, tile);
  const [structure] = left.buffers;
  const pos = left.params[walk.params.indexOf('pos')]!;
  return [
    {
      program: first,
      params: [...params, ...left.params, piece, ...valueParams(type)],
      buffers: [...left.buffers, x, bias, y, parts],
      workgroups,
    },
    {
      program: join,
      params: [...params, pos, piece],
      buffers: [structure, parts, bias, y],
      workgroups,
    },
  ];
}
