// Rows as streams of entries, each with a coordinate: csr, ell, and n:m along the inputs. One row a thread;
// entries are read in fours where the stream is at a multiple of four, and singly at both ends.
//
//   row i     begin(i) ─┐ single │ four │ four │ … │ single ├─ end(i)
//
//            four entries: one vector of W, one to four words of coordinates, 8 vectors of x, 32
//            multiply-adds a lane. Bound by x: a vector load a vector multiply-add. All threads of a row
//            read the same entries, so that nothing diverges along columns.
import { levelsOf, type IndexType, type OperandType } from '@lacuna/ir';
import { csr, ell, nm } from '@lacuna/layouts';
import { float32, type Arithmetic } from './arithmetic.js';
import { coordinates, widthOf } from './coordinates.js';
import type { Family, Inner } from './family.js';
import { inPairs, pairsInner, placesInPairs } from './nmpairs.js';
import { addTo, each, loadX, settleAt, stride } from './tile.js';
import { countsOf } from './uneven.js';

/** What tells one stream layout from another. */
export interface Stream {
  readonly key: string;
  readonly params: readonly string[];
  readonly width: IndexType;
  /** WGSL of a row's begin and end. */
  readonly bounds: string;
  /** WGSL of the column of entry q, whose stored coordinate is `e`. */
  readonly column: (q: string, e: string) => string;
  /** WGSL of the place of entry q among the values; absent: they lie in the order of the stream. */
  readonly place?: (q: string) => string;
  /** Entries may lie outside of the shape, and count as nothing. */
  readonly ragged: boolean;
}

/** A loop over entries `begin .. end` of a stream. */
export interface Walk extends Pick<Inner, 'key' | 'params' | 'buffers' | 'values' | 'head'> {
  /** WGSL that adds their products to the vectors of a tile. */
  readonly columns: (wide: number) => string;
  /** WGSL for one position: a number of x an entry, gathered into the lanes of one sum. */
  readonly position: string;
}

/** How a loop is written. */
interface Form {
  /** Its lanes share the row. */
  readonly spread?: boolean;
  readonly arithmetic?: Arithmetic;
}

/** The loop over entries of a stream. */
export function walkOf(
  stream: Stream,
  w: OperandType,
  { spread = false, arithmetic = float32 }: Form = {},
): Walk {
  const { key, params, width, column, place, ragged } = stream;
  // A buffer of somebody else's ends with its last value, which a vector would reach past.
  const values = arithmetic.values(w, !place && w.stored % 4 === 0);
  const value = (q: string): string => values.value(place?.(q) ?? q);
  const four = place
    ? `vec4f(${[0, 1, 2, 3].map((i) => value(`q + ${i}u`)).join(', ')})`
    : values.four('q / 4u');
  /** `add` says what an entry does: its column, its value, which of the four it is; `last` ends four. */
  const loop = (add: (j: string, v: string, i: number) => string, last = ''): string => {
    const single = `
let j = ${column('q', 'crd(q)')};
let v = ${value('q')};
${add('j', 'v', 0)}`;
    return `
let first = min(end, (begin + 3u) & ~3u);
for (${stride('var q = begin', 1, 'q < first', spread)}) {${single}}
for (${stride('var q = first', 4, 'q + 4u <= end', spread)}) {
  let v4 = ${four};
  let e4 = crd4(q);
  ${each(4, (i) => `let j${i} = ${column(`q + ${i}u`, `e4[${i}]`)};`)}
  ${each(4, (i) => add(`j${i}`, `v4[${i}]`, i))}${last}
}
for (${stride('var q = max(first, end & ~3u)', 1, 'q < end', spread)}) {${single}}`;
  };
  const guarded = (j: string, code: string): string =>
    ragged ? `if (${j} < p.k) {\n${code}\n}` : code;
  return {
    key: `${key} ${width} ${ragged}`,
    params: ['crd', ...params],
    buffers: [{ name: 's', type: 'array<u32>' }],
    values,
    head: coordinates(width),
    columns: (wide) =>
      loop(
        (j, v, i) => {
          const x = `x${i}_`;
          const add = addTo(0, wide, v, x, arithmetic);
          return guarded(j, `${loadX(wide, j, x, arithmetic)}\n${add}`);
        },
        settleAt('q', 1, wide, arithmetic),
      ),
    position: loop((j, v, i) => guarded(j, `a0[${i}] = fma(${v}, x[${j}], a0[${i}]);`)),
  };
}

/** One row a thread. */
function inner(stream: Stream, w: OperandType, arithmetic = float32): Inner {
  const { columns, position: _, ...walk } = walkOf(stream, w, { arithmetic });
  return {
    ...walk,
    arithmetic,
    rows: 1,
    items: w.shape[0]!,
    row: () => 'item',
    loop: (wide) => `${stream.bounds}\n${columns(wide)}`,
  };
}

function vector(stream: Stream, w: OperandType, spread: boolean): Inner {
  const shared = inner(stream, w);
  return {
    ...shared,
    spread,
    key: `${shared.key} vector`,
    gathers: true,
    loop: () => `${stream.bounds}\n${walkOf(stream, w, { spread }).position}`,
  };
}

/** Short rows have more of their time in the thread's beginning and end: wider tiles. */
const wide = (n: number, { stored, shape }: OperandType): number =>
  n >= 64 && stored < 24 * shape[0]! ? 4 : 2;
const plain = (_: string, e: string): string => e;
const perRow = 'let begin = item * p.entries; let end = begin + p.entries;';
const share = (_: OperandType, n: number): number =>
  n === 1 ? 0.05 : 0.5 * Math.min(1, (n + 8) / 40);

const csrStream = (w: OperandType): Stream => ({
  key: 'csr',
  params: ['pos'],
  width: widthOf(w, 1),
  bounds: 'let begin = s[p.pos + item]; let end = s[p.pos + item + 1u];',
  column: plain,
  ragged: false,
});

const ellStream = (w: OperandType): Stream => ({
  key: 'ell',
  params: ['entries'],
  width: widthOf(w, 1),
  bounds: perRow,
  column: plain,
  ragged: false,
});

const nmStream = (w: OperandType): Stream => {
  const { n, m } = w.format.params as { n: number; m: number };
  return {
    key: `nm ${n} ${m}`,
    params: ['entries'],
    width: widthOf(w, 2),
    bounds: perRow,
    column: (q, e) => `(${q} - begin) / ${n}u * ${m}u + ${e}`,
    ragged: w.shape[1]! % m !== 0,
  };
};

/** What streams have in common, for any number of columns. */
export const streams = (of: (w: OperandType) => Stream) =>
  ({
    share,
    wide,
    inner: (w: OperandType) => inner(of(w), w),
    half: (w: OperandType, arithmetic: Arithmetic) => inner(of(w), w, arithmetic),
    vector: (w: OperandType, spread: boolean) => vector(of(w), w, spread),
  }) satisfies Partial<Family>;

/** Products with a CSR left-hand side. */
export const csrFamily: Family = {
  ...streams(csrStream),
  uneven: { walk: (w) => walkOf(csrStream(w), w), counts: (pattern) => countsOf(pattern, false) },
  name: 'csr',
  layout: csr,
  takes: () => true,
  bind: (w) => ({
    params: [w.word(1, 'crd'), w.word(1, 'pos')],
    buffers: [w.structure, w.values],
  }),
};

/** Products with rows of equal width on the left. */
export const ellFamily: Family = {
  name: 'ell',
  layout: ell,
  ...streams(ellStream),
  takes: () => true,
  bind: (w) => ({
    params: [w.word(1, 'crd'), levelsOf(w.operand.format, w.operand.shape)[1]!.count!],
    buffers: [w.structure, w.values],
  }),
};

/** Products with n of m along the inputs on the left, every row by itself. */
export const nmFamily: Family = {
  name: 'nm',
  layout: nm,
  takes: ({ format, shape }) => format.params['along'] === 1 && shape.length === 2,
  ...streams(nmStream),
  share: (w, n) => (n === 1 && inPairs(w) ? 0.18 : share(w, n)),
  vector: (w, spread) => (inPairs(w) ? pairsInner(w, spread) : vector(nmStream(w), w, spread)),
  derive: placesInPairs,
  bind: (w, columns) => {
    if (columns === 1 && inPairs(w.operand)) return { params: [], buffers: [w.derived, w.values] };
    const { n, m } = w.operand.format.params as { n: number; m: number };
    const blocks = Math.ceil(w.operand.shape[1]! / m);
    return { params: [w.word(2, 'crd'), blocks * n], buffers: [w.structure, w.values] };
  },
};
