// What is said of repeated timings. Contenders take turns, so that repetition i of one and of another saw
// the same machine: their ratio is taken repetition by repetition, and the median of those is reported.
//
//   ours     2.0  2.2  9.0        best ratio     min(theirs) / min(ours)       4.0 / 2.0
//   theirs   4.0  4.4  18         median ratio   median(theirs[i] / ours[i])   2.0, whatever disturbed both

/** Two views of one thing: at its best, and as it usually is. */
export interface Summary {
  readonly best: number;
  readonly median: number;
}

/** The middle number; of an even count, the mean of the middle two. NaN of none. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle]!;
  return (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Least and middle time. */
export function summarize(times: readonly number[]): Summary {
  return { best: Math.min(...times), median: median(times) };
}

/** How many times faster `times` is than `base`, over the repetitions that both have. */
export function speedUp(base: readonly number[], times: readonly number[]): Summary {
  const rounds = Math.min(base.length, times.length);
  const ratios = Array.from({ length: rounds }, (_, at) => base[at]! / times[at]!);
  return { best: Math.min(...base) / Math.min(...times), median: median(ratios) };
}

/** Gigaflops a second of `flops` operations in `ms`. */
export function gflops(flops: number, ms: number): number {
  return flops / ms / 1e6;
}
