// Rows that are not alike, cut by work: entries and ends of rows are one list, and each thread takes a piece of it,
// wherever rows begin. What a piece has of a row that goes beyond it is a part; a second kernel adds parts in the
// order of the pieces, so that the bits are always the same, without atomics.
//
//   row 0    e e ]                  list     e e ] e e e e e e ] ] e ]
//   row 1    e e e e e e ]          pieces   └──0──┘ └──1──┘ └──2──┘      place of an end: pos[row + 1] + row
//   row 2    ]
//   row 3    e ]                    row 1 = tail of 0 + head of 1 + head of 2
//
//            bytes: as csr, and two rows of parts a piece, written and read once: 2/piece of the work of an entry.
//            A search of log2 M steps starts a piece. Workgroups: (M + entries)/piece/(64/across).
// Source: Merrill and Garland, Merge-based parallel sparse matrix-vector multiplication, SC 2016.
import { bufferOf, flatIndex, outside, type OperandType, type Pattern } from '@lacuna/ir';
import { csr } from '@lacuna/layouts';
import { item, program, variants, type Program, type ProgramSpec } from '../program.js';
import { activate } from './activation.js';
import { shellParams, storeRow, threads, type Shell } from './family.js';
import type { Walk } from './streams.js';
import { storeNumber } from './vector.js';

/** How a layout with streams of entries is cut. */
export interface Uneven {
  readonly walk: (w: OperandType) => Walk;
  /** Entries of the longest row, and of all. */
  readonly counts: (pattern: Pattern) => Counts;
}

/** Entries of a pattern, as its rows have them. */
export interface Counts {
  readonly longest: number;
  readonly rows: number;
  readonly stored: number;
}

const known: readonly WeakMap<Pattern, Counts>[] = [new WeakMap(), new WeakMap()];

/** Counts of a matrix's rows, or of its columns where it is turned. */
export function countsOf(pattern: Pattern, turned: boolean): Counts {
  const seen = known[Number(turned)]!;
  let found = seen.get(pattern);
  if (!found) seen.set(pattern, (found = count(pattern, turned)));
  return found;
}

function count(pattern: Pattern, turned: boolean): Counts {
  const [m, k] = pattern.shape as [number, number];
  const lengths = new Uint32Array(turned ? k : m);
  if (!turned && pattern.format.layout === csr) {
    const pos = bufferOf(pattern, 1, 'pos');
    for (let row = 0; row < m; row++) lengths[row] = pos[row + 1]! - pos[row]!;
  } else
    for (const flat of flatIndex(pattern))
      if (flat !== outside) lengths[turned ? flat % k : Math.floor(flat / k)]!++;
  return lengths.reduce<Counts>(
    ({ longest, rows, stored }, length) => ({
      longest: Math.max(longest, length),
      rows,
      stored: stored + length,
    }),
    { longest: 0, rows: lengths.length, stored: 0 },
  );
}

/** Entries of a row that a thread may as well do alone. */
const short = 64;

/** Whether rows are so far from alike that the longest would be waited for. */
export function isUneven({ longest, rows, stored }: Counts): boolean {
  return longest > short && longest * rows > 4 * stored;
}

/** Places of the list in a piece, for a product of n positions: enough pieces to fill a card, and few parts. */
export function pieceOf({ rows, stored }: Counts, n: number): number {
  const threadsAcross = Math.ceil(n / 8);
  const wanted = ((rows + stored) * threadsAcross) / 16384;
  return Math.min(1024, Math.max(128, 2 ** Math.ceil(Math.log2(Math.max(1, wanted)))));
}

/** Numbers of a part: a row of whole vectors, or one. */
const partSize = (n: number): number => (n === 1 ? 1 : Math.ceil(n / 4) * 4);

/** Bytes of the parts of a product. */
export function partBytes(counts: Counts, n: number): number {
  const pieces = Math.ceil((counts.rows + counts.stored) / pieceOf(counts, n));
  return pieces * 2 * partSize(n) * 4;
}

const head = `
fn rowEnd(row: u32) -> u32 { return s[p.pos + row + 1u] + row; }
// How many rows end before a place of the list.
fn rowAt(place: u32) -> u32 {
  var low = 0u;
  var high = p.m;
  while (low < high) {
    let middle = (low + high) / 2u;
    if (rowEnd(middle) < place) { low = middle + 1u; } else { high = middle; }
  }
  return low;
}
fn listEnd(item: u32) -> u32 { return min((item + 1u) * p.piece, p.m + s[p.pos + p.m]); }
`;

/** What both programs are compiled for. */
export interface Variant extends Shell {
  readonly one: boolean;
  /** x lies in the buffer that parts are written to. */
  readonly beside: boolean;
}

/** The tile of a thread as WGSL. */
function tile(variant: Variant) {
  const { one, wide, across } = variant;
  const sums = one ? ['a0'] : Array.from({ length: wide }, (_, v) => `a0_${v}`);
  const part = (at: string, v: number): string =>
    one ? `parts[${at}]` : `parts[(${at}) * p.ldx + c + ${v}u]`;
  const workgroup: ProgramSpec['workgroup'] = one ? [threads, 1, 1] : [across, threads / across, 1];
  const inside = (v: number): string => (v > 0 ? `if ((c + ${v}u) * 4u < p.n) ` : '');
  return {
    start: `${one ? '' : `let c = id.x * ${wide}u;`}
let item = ${one ? item(threads) : `(group.y + group.z * groups.y) * ${threads / across}u + local.y`};
if (${one ? '' : 'c * 4u >= p.n || '}item >= p.items) { return; }`,
    sums: sums.map((sum) => `var ${sum} = vec4f();`).join('\n'),
    keep: (at: string): string =>
      sums
        .map((sum, v) =>
          one
            ? `${part(at, v)} = dot(${sum}, vec4f(1.0));`
            : `${inside(v)}{ ${part(at, v)} = ${sum}; }`,
        )
        .join('\n'),
    add: (at: string): string =>
      sums
        .map((sum, v) => `${inside(v)}{ ${one ? `${sum}[0]` : sum} += ${part(at, v)}; }`)
        .join('\n'),
    store: one ? storeNumber(0) : storeRow(0, variant),
    workgroup,
    parts: one ? 'array<f32>' : 'array<vec4f>',
    y: !one && variant.lies === 'whole' ? 'array<vec4f>' : 'array<f32>',
  };
}

function piecesProgram(name: string, walk: Walk, variant: Variant): Program {
  const { one, wide, beside } = variant;
  const t = tile(variant);
  return program({
    name: `${name}-pieces`,
    params: [...shellParams, ...walk.params, 'piece', ...walk.values.params],
    buffers: [
      ...walk.buffers,
      walk.values.buffer,
      { name: 'x', type: one ? 'array<f32>' : 'array<vec4f>', write: beside },
      { name: 'bias', type: 'array<f32>' },
      { name: 'y', type: t.y, write: true },
      { name: 'parts', type: t.parts, write: true },
    ],
    workgroup: t.workgroup,
    head: activate('vec4f') + walk.values.head + walk.head + head,
    body: `
${t.start}
let place = item * p.piece;
let to = listEnd(item);
var row = rowAt(place);
let last = rowAt(to);
let rest = to - last;
var at = place - row;
var begun = at == s[p.pos + row];
loop {
  let ends = row < last;
  if (!ends && at == rest) { break; }
  let begin = at;
  var end = rest;
  if (ends) { end = s[p.pos + row + 1u]; }
  ${t.sums}
  ${one ? walk.position : walk.columns(wide)}
  if (ends && begun) {${t.store}
  } else {
    let part = item * 2u + u32(begun);
    ${t.keep('part')}
  }
  if (!ends) { break; }
  at = end;
  row++;
  begun = true;
}`,
  });
}

/** Adds the parts of each row, in the order of the pieces. The piece that a row begins in does it. */
function joinProgram(variant: Variant): Program {
  const t = tile(variant);
  return program({
    name: 'join-pieces',
    params: [...shellParams, 'pos', 'piece'],
    buffers: [
      { name: 's', type: 'array<u32>' },
      { name: 'parts', type: t.parts },
      { name: 'bias', type: 'array<f32>' },
      { name: 'y', type: t.y, write: true },
    ],
    workgroup: t.workgroup,
    head: activate('vec4f') + head,
    body: `
${t.start}
let to = listEnd(item);
let row = rowAt(to);
if (row >= p.m) { return; }
let start = s[p.pos + row];
if (start + row < item * p.piece || to - row == start) { return; }
${t.sums}
${t.add('item * 2u + 1u')}
let stop = rowEnd(row) / p.piece;
for (var next = item + 1u; next <= stop; next++) { ${t.add('next * 2u')} }
${t.store}`,
  });
}

const joins = variants(joinProgram);
const pieces = new Map<string, Program>();

/** The two programs of a product in pieces. */
export function piecePrograms(
  name: string,
  walk: Walk,
  variant: Variant,
): { readonly first: Program; readonly join: Program } {
  const key = `${name} ${walk.key} ${walk.values.key} ${JSON.stringify(variant)}`;
  let first = pieces.get(key);
  if (!first) pieces.set(key, (first = piecesProgram(name, walk, variant)));
  return { first, join: joins({ ...variant, beside: false }) };
}
