// Which of some numbers are among the least: by ascending value, equal ones by ascending index.
import type { Numbers } from '@lacuna/ir';

/**
 * How many of `count` numbers a fraction drops. The product is rounded to float32 and a number dropped
 * when its rank is below it, as in STen.
 */
export function dropCount(fraction: number, count: number): number {
  return Math.min(count, Math.ceil(Math.fround(fraction * count)));
}

/** Marks in `kept[begin..end)` all but the `drop` least of `sizes[begin..end)`; no size is NaN. */
export function keepGreatest(
  sizes: Numbers,
  begin: number,
  end: number,
  drop: number,
  kept: Uint8Array,
): void {
  if (drop <= 0) return void kept.fill(1, begin, end);
  const limit = nth(sizes.slice(begin, end), drop - 1); // the greatest size that is dropped
  let equal = drop; // how many of that size are dropped, the first ones
  for (let at = begin; at < end; at++) if (sizes[at]! < limit) equal--;
  for (let at = begin; at < end; at++) {
    const x = sizes[at]!;
    if (x > limit) kept[at] = 1;
    else if (x === limit && equal-- <= 0) kept[at] = 1;
  }
}

/** The n-th least of some numbers, which it reorders: Hoare's selection, middle of three as pivot. */
function nth(a: Numbers, n: number): number {
  let [left, right] = [0, a.length - 1];
  while (left < right) {
    const [x, y, z] = [a[left]!, a[(left + right) >> 1]!, a[right]!];
    const pivot = Math.max(Math.min(x, y), Math.min(Math.max(x, y), z));
    let [i, j] = [left, right];
    while (i <= j) {
      while (a[i]! < pivot) i++;
      while (a[j]! > pivot) j--;
      if (i > j) break;
      const swap = a[i]!;
      a[i++] = a[j]!;
      a[j--] = swap;
    }
    if (n <= j) right = j;
    else if (n >= i) left = i;
    else return pivot;
  }
  return a[left]!;
}
