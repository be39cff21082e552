// The entries of any matrix sorted into compressed rows, by counting: once a pattern, on the host.
import { bufferOf, flatIndex, outside, type Pattern } from '@lacuna/ir';
import { csr } from '@lacuna/layouts';

/** Compressed rows with the place of each entry's value; absent: they are stored so. */
export interface Rows {
  readonly pos: ArrayLike<number>;
  readonly crd: ArrayLike<number>;
  readonly place?: Uint32Array;
}

/** Of a pattern, or of its transpose: columns of a row ascend. */
export function rowsOf(pattern: Pattern, turned: boolean): Rows {
  if (pattern.format.layout === csr && !turned)
    return { pos: bufferOf(pattern, 1, 'pos'), crd: bufferOf(pattern, 1, 'crd') };
  const index = flatIndex(pattern);
  const [rows, columns] = pattern.shape as [number, number];
  const row = (at: number): number => Math.floor(index[at]! / columns);
  const column = (at: number): number => index[at]! % columns;
  const [of, along, m, k] = turned ? [column, row, columns, rows] : [row, column, rows, columns];
  const inside = Uint32Array.from(index.keys()).filter((at) => index[at] !== outside);
  const { order: place, pos } = counted(counted(inside, along, k).order, of, m);
  return { pos, crd: place.map(along), place };
}

/** Entries by a number of each below `count`, equal ones as they come, and where those of each number begin. */
function counted(
  entries: Uint32Array,
  of: (at: number) => number,
  count: number,
): { readonly order: Uint32Array; readonly pos: Uint32Array } {
  const pos = new Uint32Array(count + 1);
  for (const at of entries) pos[of(at) + 1]!++;
  for (let i = 0; i < count; i++) pos[i + 1]! += pos[i]!;
  const [order, next] = [new Uint32Array(entries.length), pos.slice(0, count)];
  for (const at of entries) order[next[of(at)]!++] = at;
  return { order, pos };
}

/** Rows by how many entries they have in the first block of `high` columns, then in the next: the most first. */
export function longestFirst(
  { pos, crd }: Rows,
  m: number,
  blocks: number,
  high: number,
): Uint32Array {
  const counts = Array.from({ length: blocks }, () => new Uint32Array(m));
  for (let i = 0; i < m; i++)
    for (let q = pos[i]!; q < pos[i + 1]!; q++) counts[Math.floor(crd[q]! / high)]![i]!++;
  return Uint32Array.from({ length: m }, (_, i) => i).sort((a, b) => {
    const of = counts.find((count) => count[a] !== count[b]);
    return of ? of[b]! - of[a]! : a - b;
  });
}
