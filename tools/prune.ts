// How long pruning to n:m:g takes (CPU time, so that a busy machine matters less), and what it keeps:
// node --conditions=@lacuna/source --import tsx tools/prune.ts
import { assemble, dense, preservedMagnitude, sparsify, type Tensor } from '@lacuna/ir';
import { nmg } from '@lacuna/layouts';
import { nmgMagnitude } from '@lacuna/sparsifiers';

/** Numbers that are about normal: sums of four from a small generator. */
function weights(rows: number, columns: number): Tensor {
  let state = 1;
  const next = (): number => (state = (state * 48271) % 2147483647) / 2147483647 - 0.5;
  const numbers = Float32Array.from(
    { length: rows * columns },
    () => next() + next() + next() + next(),
  );
  return assemble(dense(), [rows, columns], numbers);
}

const cases = [
  [2, 4, 8, 768, 768, 25],
  [1, 4, 16, 768, 768, 25],
  [1, 10, 16, 768, 768, 25],
  [3, 6, 4, 768, 768, 25],
  [5, 12, 1, 768, 768, 3],
  [5, 12, 4, 768, 3168, 2],
] as const;

for (const [n, m, g, rows, columns, times] of cases) {
  const weight = weights(rows, columns);
  for (const mode of ['greedy', 'swaps'] as const) {
    const ms: number[] = [];
    let pruned = weight;
    for (let run = 0; run < times; run++) {
      const start = process.cpuUsage();
      pruned = sparsify(weight, nmgMagnitude({ n, m, g, mode }), nmg(n, m, g));
      const { user, system } = process.cpuUsage(start);
      ms.push((user + system) / 1000);
    }
    ms.sort((a, b) => a - b);
    const kept = preservedMagnitude(weight, pruned).toFixed(4);
    console.log(
      `${rows}×${columns} to ${n}:${m}:${g}, ${mode}: best ${ms[0]!.toFixed(1)} ms, median ${ms[times >> 1]!.toFixed(1)} ms, keeps ${kept}`,
    );
  }
}
