// The cells of a layout one of whose levels lists what is stored: what it may list, in storage order, each with the
// block of numbers that the levels below it hold.
//
//   bcsr(2,1) [4, 3]   (i/2: dense, j/1: compressed, i%2: dense, …)     cells  0 1 2   a block is two numbers down
//                                                                              3 4 5
//   cell e: coordinates of the levels above are e / size in mixed radix, of the listing level e % size
import { levelsOf, stridesOf, type Format, type Level, type Shape } from '@lacuna/ir';

/** The cells of a format and a shape. */
export interface Cells {
  /** Tells programs apart. */
  readonly key: string;
  /** The level that lists cells. */
  readonly level: number;
  /** Cells under one position of the level above, positions above, and numbers of a block. */
  readonly size: number;
  readonly parents: number;
  readonly block: number;
  readonly params: readonly string[];
  readonly numbers: readonly number[];
  /** WGSL of `place(cell, b)`, the row-major place of number b of a cell, or `outside`. */
  readonly head: string;
}

const product = (levels: readonly Level[]): number => levels.reduce((n, { size }) => n * size, 1);
const isPlain = ({ kind, by, binds }: Level): boolean =>
  kind === 'dense' && !by && binds.length === 1 && binds[0]!.minus === undefined;
const lists = ({ kind, delta, unique, ordered, binds, count }: Level): boolean =>
  (kind === 'compressed' || kind === 'bitmask') &&
  !delta &&
  unique &&
  ordered &&
  binds.length === 1 &&
  count === undefined;

/** The cells; undefined where levels beside the listing one do more than count. */
export function cellsOf(format: Format, shape: Shape): Cells | undefined {
  if (format.codec || shape.length === 0) return undefined;
  const levels = levelsOf(format, shape);
  const level = levels.findIndex(({ kind }) => kind !== 'dense');
  if (level < 0 || !lists(levels[level]!)) return undefined;
  if (!levels.every((each, k) => k === level || isPlain(each))) return undefined;
  const [above, below] = [levels.slice(0, level), levels.slice(level + 1)];
  /** WGSL of each level's coordinate, the last one quickest. */
  const radix = (from: string, ks: readonly number[]): string[] => {
    const lines: string[] = [`var rest${from} = ${from};`];
    for (const k of ks.toReversed())
      lines.push(`let c${k} = rest${from} % p.size${k};`, `rest${from} /= p.size${k};`);
    return lines;
  };
  const at = levels.map((_, k) => k);
  const coordinates = shape.map((_, dim) =>
    levels
      .flatMap(({ binds }, k) => (binds[0]!.dim === dim ? [`c${k} * ${binds[0]!.div}u`] : []))
      .join(' + '),
  );
  return {
    key: levels.map(({ kind, name }) => `${kind} ${name}`).join(),
    level,
    size: levels[level]!.size,
    parents: product(above),
    block: product(below),
    params: [...at.map((k) => `size${k}`), ...shape.flatMap((_, dim) => [`n${dim}`, `by${dim}`])],
    numbers: [
      ...levels.map(({ size }) => size),
      ...stridesOf(shape).flatMap((stride, dim) => [shape[dim]!, stride]),
    ],
    head: `
const outside = 0xffffffffu;
fn place(cell: u32, b: u32) -> u32 {
  ${radix('cell', at.slice(0, level + 1)).join('\n  ')}
  ${radix('b', at.slice(level + 1)).join('\n  ')}
  ${coordinates.map((sum, dim) => `let d${dim} = ${sum || '0u'};`).join('\n  ')}
  if (${shape.map((_, dim) => `d${dim} >= p.n${dim}`).join(' || ')}) { return outside; }
  return ${shape.map((_, dim) => `d${dim} * p.by${dim}`).join(' + ')};
}
`,
  };
}
