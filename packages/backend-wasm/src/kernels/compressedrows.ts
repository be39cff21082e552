// The entries of any matrix sorted into compressed rows, by counting: once a pattern, on the host.
import { bufferOf, flatIndex, outside, type Pattern } from '@lacuna/ir';
import { csr } from '@lacuna/layouts';

/** Compressed rows with the place of each entry's value; absent: they are stored so. */
export interface Rows {
  readonly pos: ArrayLike<number>;
  readonly crd: ArrayLike<number>;
  readonly place?: Uint32Array;
}

/** Of a pattern, or of its transpose: entries of a row keep the order in which they are stored. */
export function rowsOf(pattern: Pattern, turned: boolean): Rows {
  if (pattern.format.layout === csr && !turned)
    return { pos: bufferOf(pattern, 1, 'pos'), crd: bufferOf(pattern, 1, 'crd') };
  const index = flatIndex(pattern);
  const columns = pattern.shape[1]!;
  const m = pattern.shape[turned ? 1 : 0]!;
  const pos = new Uint32Array(m + 1);
  const row = (flat: number): number => (turned ? flat % columns : Math.floor(flat / columns));
  for (const flat of index) if (flat !== outside) pos[row(flat) + 1]!++;
  for (let i = 0; i < m; i++) pos[i + 1]! += pos[i]!;
  const [crd, place] = [new Uint32Array(index.length), new Uint32Array(index.length)];
  const next = pos.slice(0, m);
  index.forEach((flat, at) => {
    if (flat === outside) return;
    const q = next[row(flat)]!++;
    [crd[q], place[q]] = [turned ? Math.floor(flat / columns) : flat % columns, at];
  });
  return { pos, crd, place };
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
