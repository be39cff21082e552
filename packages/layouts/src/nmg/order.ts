// The C(m, n) patterns in STen's order: neighbours differ in one place, so that a kernel going from one
// pattern to the next exchanges one row only.
//
//     P(n, m, s):  n = m or n = 0: the one pattern 0 .. n-1
//                  first  = P(n, m-1, true), backwards if s
//                  second = P(n-1, m-1, not s), each with m-1 appended
//                  first, then second
//
//     2:4   01  02  12  13  03  23

/** m choose n, exact below 2^53, `Infinity` far beyond. */
export function patternCount(n: number, m: number): number {
  let count = 1;
  for (let k = 1; k <= Math.min(n, m - n); k++) count = Math.round((count * (m - k + 1)) / k);
  return count;
}

/**
 * The patterns of n of m, each ascending, in STen's order (`grouped_nm_tensor.make_n_m`).
 *
 * @example
 * ```ts
 * import { patternOrder } from '@lacuna/layouts';
 * patternOrder(1, 4); // [[1], [0], [2], [3]]
 * ```
 */
export function patternOrder(n: number, m: number): number[][] {
  return make(n, m, false);
}

function make(n: number, m: number, backwards: boolean): number[][] {
  if (n === 0 || n === m) return [Array.from({ length: n }, (_, i) => i)];
  const first = make(n, m - 1, true);
  if (backwards) first.reverse();
  for (const pattern of make(n - 1, m - 1, !backwards)) first.push([...pattern, m - 1]);
  return first;
}

const tables = new Map<string, readonly number[]>();

/** {@link patternOrder}, one pattern after the other, made once for each n and m. */
export function patternTable(n: number, m: number): readonly number[] {
  const key = `${n}:${m}`;
  let table = tables.get(key);
  if (!table) tables.set(key, (table = Object.freeze(patternOrder(n, m).flat())));
  return table;
}
