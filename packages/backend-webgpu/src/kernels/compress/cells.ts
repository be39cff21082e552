// The cells of a layout's listing levels: what each may list, in storage order. Levels that only count stand around and
// between them; one that lists coordinates which may repeat lists together with the singletons below it.
//
//   bcsr(2,1) [4, 3]   (i/2: dense, j/1: compressed, i%2: dense, …)     cells  0 1 2   a block is two numbers down
//                                                                              3 4 5
//   dcsr [4, 3]        (i: compressed, j: compressed)                   cells of i: 4 rows, each a block of 3 numbers
//                                                                       cells of j: 12 numbers, 3 under each row
//   coo [4, 3]         (i: compressed, j: singleton)                    cells: 12 numbers, with two coordinates
//
//   cell e: its parent is e / size, coordinates of the levels above in mixed radix; its own are e % size
import {
  levelsOf,
  stridesOf,
  type Format,
  type Level,
  type LevelKind,
  type Shape,
} from '@lacuna/ir';

/** The cells of some listing levels, of a format and a shape. */
export interface Cells {
  /** Tells programs apart. */
  readonly key: string;
  readonly kind: LevelKind;
  /** The first and the last of the levels. */
  readonly level: number;
  readonly last: number;
  /** Coordinates are gaps. */
  readonly delta: boolean;
  /** For `fixed`: cells that are stored under a parent. */
  readonly fixed: number;
  /** Cells under one parent, parents, and numbers of a cell. */
  readonly size: number;
  readonly parents: number;
  readonly block: number;
  /** Parents of these cells under one of the listing levels above, if there are any. */
  readonly between: number | undefined;
  readonly params: readonly string[];
  readonly numbers: readonly number[];
  /** WGSL of `place(cell, b)`, the row-major place of number b of a cell, or `outside`. */
  readonly head: string;
  /** WGSL of a cell's coordinate at a level. */
  readonly coordinate: (level: number) => string;
}

const product = (levels: readonly Level[]): number => levels.reduce((n, { size }) => n * size, 1);
const describe = ({ kind, name, count, delta }: Level): string =>
  `${kind} ${name} ${count ?? ''} ${delta ?? ''}`;
const isSingle = ({ by, binds }: Level): boolean =>
  !by && binds.length === 1 && binds[0]!.minus === undefined;

/** One past the last level that lists together with level k; undefined where a level does what has no kernel. */
function endOf(levels: readonly Level[], k: number): number | undefined {
  const { kind, ordered, unique, delta } = levels[k]!;
  let end = k + 1;
  switch (kind) {
    case 'bitmask':
    case 'masked':
    case 'fixed':
      return end;
    case 'compressed':
      if (!ordered) return undefined;
      while (levels[end]?.kind === 'singleton') end++;
      return (end === k + 1) === unique && !(delta && !unique) ? end : undefined;
    default:
      return undefined;
  }
}

/**
 * The cells of each listing level, the outermost first; undefined where there are none, or levels beside them do more
 * than count.
 */
export function cellsOf(format: Format, shape: Shape): readonly Cells[] | undefined {
  if (format.codec || shape.length === 0) return undefined;
  const levels = levelsOf(format, shape);
  if (!levels.every(isSingle)) return undefined;
  const runs: (readonly [from: number, end: number])[] = [];
  for (let k = 0; k < levels.length; k++) {
    if (levels[k]!.kind === 'dense') continue;
    const end = endOf(levels, k);
    if (end === undefined) return undefined;
    runs.push([k, end]);
    k = end - 1;
  }
  // What is listed is what the levels below it hang on: each one that is there, once.
  const chains = runs.every(([k, end], at) => {
    const { kind, delta } = levels[k]!;
    const plain = kind === 'compressed' && end === k + 1 && !delta;
    return runs.length === 1 || plain || (at === runs.length - 1 && kind === 'compressed');
  });
  if (runs.length === 0 || !chains) return undefined;
  return runs.map(([from, end], at) => {
    const above = at > 0 ? runs[at - 1]![1] : undefined;
    return cells(levels, shape, from, end, above);
  });
}

function cells(
  levels: readonly Level[],
  shape: Shape,
  from: number,
  end: number,
  above: number | undefined,
): Cells {
  const [level, block] = [levels[from]!, product(levels.slice(end))];
  const at = levels.map((_, k) => k);
  /** WGSL of each level's coordinate, the last one quickest. */
  const radix = (name: string, ks: readonly number[]): string[] => {
    const lines: string[] = [`var rest${name} = ${name};`];
    for (const k of ks.toReversed())
      lines.push(`let c${k} = rest${name} % p.size${k};`, `rest${name} /= p.size${k};`);
    return lines;
  };
  const coordinates = shape.map((_, dim) =>
    levels
      .flatMap(({ binds }, k) => (binds[0]!.dim === dim ? [`c${k} * ${binds[0]!.div}u`] : []))
      .join(' + '),
  );
  return {
    key: `${from} ${end} ${block} ${levels.map(describe).join()}`,
    kind: level.kind,
    level: from,
    last: end - 1,
    delta: level.delta ?? false,
    fixed: level.count ?? 0,
    size: product(levels.slice(from, end)),
    parents: product(levels.slice(0, from)),
    block,
    between: above === undefined ? undefined : product(levels.slice(above, from)),
    params: [...at.map((k) => `size${k}`), ...shape.flatMap((_, dim) => [`n${dim}`, `by${dim}`])],
    numbers: [
      ...levels.map(({ size }) => size),
      ...stridesOf(shape).flatMap((stride, dim) => [shape[dim]!, stride]),
    ],
    head: `
const outside = 0xffffffffu;
fn place(cell: u32, b: u32) -> u32 {
  ${radix('cell', at.slice(0, end)).join('\n  ')}
  ${radix('b', at.slice(end)).join('\n  ')}
  ${coordinates.map((sum, dim) => `let d${dim} = ${sum || '0u'};`).join('\n  ')}
  if (${shape.map((_, dim) => `d${dim} >= p.n${dim}`).join(' || ')}) { return outside; }
  return ${shape.map((_, dim) => `d${dim} * p.by${dim}`).join(' + ')};
}
`,
    coordinate: (k) =>
      `cell${at
        .slice(k + 1, end)
        .map((below) => ` / p.size${below}`)
        .join('')} % p.size${k}`,
  };
}
