import { SparseError, assemble, check, levelsOf, makePattern, toDense, walkFlat } from '@lacuna/ir';
import { describe, expect, it } from 'vitest';
import { assignColumns, nmg, patternCount, patternOrder, type NmgParams } from '../index.ts';

/** A generator of numbers in 0..1. */
function generator(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

/** The README's rule, word for word: all pairs, sorted, scanned. `x[q][r]` are magnitudes of a block. */
function slowGreedy(x: number[][], { n, m, g }: NmgParams): number[] {
  const order = patternOrder(n, m);
  const pairs: [number, number, number][] = [];
  x.forEach((column, q) =>
    order.forEach((pattern, p) => {
      let score = 0;
      for (const r of pattern) score = Math.fround(score + column[r]!);
      pairs.push([score, q, p]);
    }),
  );
  pairs.sort((a, b) => b[0] - a[0] || b[1] - a[1] || b[2] - a[2]);
  const places = Array.from<number>({ length: x.length }).fill(-1);
  const used = order.map(() => 0);
  const free = x.map(() => true);
  for (const [, q, p] of pairs) {
    if (!free[q] || used[p]! >= g) continue;
    free[q] = false;
    places[p * g + used[p]!++] = q;
  }
  return places;
}

const params = (n: number, m: number, g: number): NmgParams => ({ n, m, g, along: 0, group: 1 });
const small = [
  [1, 1, 1],
  [1, 2, 1],
  [1, 3, 2],
  [2, 3, 5],
  [2, 4, 3],
  [4, 4, 3],
  [3, 5, 1],
  [3, 6, 2],
  [1, 40, 1],
] as const;

describe('patterns', () => {
  it('neighbours in the order differ in one place, and each of m choose n comes once', () => {
    for (const [n, m] of [...small, [5, 12], [2, 9]] as const) {
      const order = patternOrder(n, m);
      expect(new Set(order.map(String)).size).toBe(patternCount(n, m));
      for (let p = 1; p < order.length; p++)
        expect(order[p]!.filter((row) => !order[p - 1]!.includes(row)).length).toBe(1);
    }
    expect(patternCount(5, 12)).toBe(792);
    expect(patternOrder(2, 4).join(' ')).toBe('0,1 0,2 1,2 1,3 0,3 2,3');
  });
});

describe('assignment', () => {
  it('the greedy is that of the sorted scan, with ties and zeros', () => {
    for (const [n, m, g] of small) {
      for (const levels of [2, 3, 1e6]) {
        const columns = patternCount(n, m) * g;
        const next = generator(n + 10 * m + 100 * g + levels);
        const magnitude = Float32Array.from(
          { length: m * columns },
          () => Math.floor(next() * levels) / 7,
        );
        const x = Array.from({ length: columns }, (_, q) =>
          Array.from({ length: m }, (_, r) => magnitude[r * columns + q]!),
        );
        const ours = assignColumns(params(n, m, g), [m, columns], magnitude, 'greedy');
        expect([...ours]).toEqual(slowGreedy(x, params(n, m, g)));
      }
    }
  });

  it('swaps keep at least what the greedy keeps, and no swap of two columns helps any more', () => {
    for (const [n, m, g] of small) {
      const { along, group } = params(n, m, g);
      const order = patternOrder(n, m);
      const columns = order.length * g;
      const next = generator(n + 7 * m + g);
      const magnitude = Float32Array.from({ length: m * columns }, next);
      const score = (q: number, p: number): number =>
        order[p]!.reduce((sum, r) => sum + magnitude[r * columns + q]!, 0);
      const kept = (places: Uint32Array): number =>
        places.reduce((sum, q, t) => sum + score(q, Math.floor(t / g)), 0);
      const [greedy, swaps] = (['greedy', 'swaps'] as const).map((mode) =>
        assignColumns({ n, m, g, along, group }, [m, columns], magnitude, mode),
      );
      expect([...swaps!].sort((a, b) => a - b)).toEqual([...greedy!].sort((a, b) => a - b));
      const best = kept(swaps!);
      expect(best).toBeGreaterThanOrEqual(kept(greedy!) - 1e-5);
      for (let s = 0; s < columns; s++) {
        for (let t = 0; t < s; t++) {
          const other = swaps!.slice();
          [other[s], other[t]] = [other[t]!, other[s]!];
          expect(kept(other)).toBeLessThanOrEqual(best + 1e-4);
        }
      }
    }
  });

  it('what fits some assignment is stored without loss, where the greedy would drop entries', () => {
    let rescued = 0;
    for (const [n, m, g] of small) {
      for (let round = 0; round < 20; round++) {
        const next = generator(1000 * n + 100 * m + 10 * g + round);
        const order = patternOrder(n, m);
        const columns = order.length * g;
        const shuffled = Array.from({ length: columns }, (_, q) => q)
          .map((q) => [next(), q] as const)
          .sort(([a], [b]) => a - b);
        const numbers = new Float32Array(m * columns);
        shuffled.forEach(([, q], t) => {
          for (const r of order[Math.floor(t / g)]!)
            if (next() < 0.6) numbers[r * columns + q] = next() - 0.5;
        });
        const tensor = assemble(nmg(n, m, g), [m, columns], numbers);
        check(tensor.pattern);
        expect(toDense(tensor)).toEqual(numbers);
        const greedy = assignColumns(
          params(n, m, g),
          [m, columns],
          numbers.map(Math.abs),
          'greedy',
        );
        const lost = greedy.some((q, t) =>
          Array.from({ length: m }, (_, r) => r).some(
            (r) => numbers[r * columns + q] !== 0 && !order[Math.floor(t / g)]!.includes(r),
          ),
        );
        if (lost) rescued++;
      }
    }
    expect(rescued).toBeGreaterThan(20);
  });

  it('what fits no assignment is refused, with the entry and what to do', () => {
    const both = [1, 2, 0, 0]; // two columns that need the same one of two patterns
    expect(() => assemble(nmg(1, 2, 1), [2, 2], both)).toThrow(SparseError);
    expect(() => assemble(nmg(1, 2, 1), [2, 2], both)).toThrow(
      /nmg\(1,2,1\) cannot hold the entry at \[0, \d\]: it has no place in the pattern; prune with/,
    );
  });

  it('an explicit zero and a number that is none have their places', () => {
    const tensor = assemble(nmg(1, 2, 1), [2, 2], [0, Number.NaN, 0, 0], {
      kept: Uint8Array.of(0, 1, 1, 0),
    });
    expect([...tensor.values]).toEqual([Number.NaN, 0]);
  });
});

describe('storage', () => {
  it('levels are batches, chunks, blocks, patterns, columns, rows, along any two dimensions', () => {
    const names = (shape: number[], along: number, group: number): string =>
      levelsOf(nmg(2, 4, 8, along, group), shape)
        .map((l) => l.name)
        .join(' ');
    expect(names([768, 768], 0, 1)).toBe('j/48 i/4 p j%48 i%4');
    expect(names([8, 3, 96], 0, 2)).toBe('j k/48 i/4 p k%48 i%4');
    expect(names([2, 96, 3, 8, 2], 3, 1)).toBe('i k d4 j/48 l/4 p j%48 l%4');
    expect(levelsOf(nmg(2, 4, 8), [4, 48]).at(-2)!.width).toBe('uint16');
  });

  it('holds tensors of any rank and ragged shapes, along any two dimensions', () => {
    const shape = [3, 5, 2, 7];
    for (let along = 0; along < 4; along++) {
      for (let group = 0; group < 4; group++) {
        if (along === group) continue;
        const format = nmg(1, 2, 2, along, group);
        const next = generator(along * 4 + group + 1);
        const magnitude = Float32Array.from({ length: 210 }, next);
        const crd = assignColumns({ ...params(1, 2, 2), along, group }, shape, magnitude, 'swaps');
        const level = levelsOf(format, shape).length - 2;
        const pattern = makePattern(format, shape, [{ level, role: 'crd', data: crd }]);
        check(pattern);
        const kept = new Float32Array(210);
        walkFlat(pattern, (flat) => void (kept[flat] = magnitude[flat]!));
        expect(kept.filter((x) => x > 0).length).toBeGreaterThanOrEqual(90);
        expect(toDense(assemble(format, shape, kept))).toEqual(kept);
      }
    }
  });

  it('an empty tensor has no columns to assign', () => {
    expect(assemble(nmg(2, 4, 1), [0, 6], []).stored).toBe(0);
    expect(assemble(nmg(2, 4, 1), [4, 0], []).stored).toBe(0);
    expect(assemble(nmg(2, 4, 1), [0, 4, 6], [])).toBeDefined();
  });
});
