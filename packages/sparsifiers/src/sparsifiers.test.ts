import {
  SparseError,
  assemble,
  check,
  dense,
  preservedMagnitude,
  sparsify,
  toDense,
  type Sparsifier,
} from '@lacuna/ir';
import { bcsr, csr, nm, nmg } from '@lacuna/layouts';
import { describe, expect, it } from 'vitest';
import {
  blocks,
  keep,
  magnitude,
  nmMagnitude,
  nmgMagnitude,
  random,
  threshold,
  sampled,
  scored,
  snip,
} from './index.ts';

/** Numbers in -1..1, the same for the same seed. */
function numbers(count: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (state * 48271) % 2147483647;
    return state / 1073741823.5 - 1;
  });
}

const kept = (how: Sparsifier, values: readonly number[], shape: readonly number[]): number[] => [
  ...how.keep(Float32Array.from(values), shape),
];
const sum = (bytes: Uint8Array): number => bytes.reduce((a, b) => a + b, 0);

function refusal(call: () => unknown): SparseError {
  try {
    call();
  } catch (error) {
    if (error instanceof SparseError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('keep', () => {
  it('keeps what is not zero', () => {
    expect(kept(keep(), [0, 2, -1, Number.NaN], [4])).toEqual([0, 1, 1, 1]);
  });
});

describe('magnitude', () => {
  it('drops the smallest first, equal ones from the left', () => {
    expect(kept(magnitude({ fraction: 0.5 }), [3, 1, -4, 1, 5], [5])).toEqual([0, 0, 1, 0, 1]);
    expect(kept(magnitude({ fraction: 0.5 }), [1, 1, -1, 1], [4])).toEqual([0, 0, 1, 1]);
    expect(kept(magnitude({ fraction: 0 }), [0, 1], [2])).toEqual([1, 1]);
    expect(kept(magnitude({ fraction: 1 }), [0, 1], [2])).toEqual([0, 0]);
  });

  it('agrees with ranks from a sort, with and without ties, for every number type', () => {
    for (let seed = 1; seed < 40; seed++) {
      const size = seed % 13;
      const ties = seed % 3 === 0 ? 3 : 1e6;
      const x = numbers(size, seed).map((v) => Math.round(v * ties));
      const rank = [...x.keys()].sort((a, b) => Math.abs(x[a]!) - Math.abs(x[b]!) || a - b);
      for (const fraction of [0, 0.1, 0.3, 0.5, 0.9, 1]) {
        const how = magnitude({ fraction });
        const theirs = new Uint8Array(size);
        rank.forEach((at, r) => (theirs[at] = Number(r >= Math.fround(fraction * size))));
        for (const typed of [x, Float64Array.from(x), Int32Array.from(x)])
          expect(how.keep(typed, [size])).toEqual(theirs);
        expect(how.count?.([size])).toBe(sum(theirs));
      }
    }
  });

  it('compares within each row when told to', () => {
    const how = magnitude({ fraction: 0.5, per: 'row' });
    expect(kept(how, [1, 2, 30, 40], [2, 2])).toEqual([0, 1, 0, 1]);
    expect(how.count?.([2, 2])).toBe(2);
    expect(how.count?.([2, 0])).toBe(0);
    expect(how.print()).toBe('magnitude(fraction=0.5, per=row)');
  });

  it.each([-0.1, 1.1, Number.NaN])('refuses fraction %d', (fraction) => {
    const error = refusal(() => magnitude({ fraction }));
    expect(error.code).toBe('unsupported');
    expect(error.message).toBe(
      `magnitude was given fraction = ${fraction}; write the share to drop as a number from 0 to 1`,
    );
  });
});

describe('numbers that are not finite', () => {
  it.each([
    magnitude({ fraction: 0.5 }),
    threshold({ value: 1 }),
    blocks({ rows: 1, columns: 2, fraction: 0.5 }),
    nmMagnitude({ n: 1, m: 2 }),
    nmgMagnitude({ n: 1, m: 2, g: 1 }),
  ])('are refused where magnitudes are compared, naming the first place (%#)', (how) => {
    for (const bad of [Number.NaN, Infinity, -Infinity]) {
      const error = refusal(() => how.keep(Float32Array.of(1, 2, 3, bad, bad, 0), [2, 3]));
      expect(error.code).toBe('unsupported');
      expect(error.message).toMatch(
        /orders by magnitude, and the number at \[1, 0\] is (NaN|-?Infinity); replace numbers/,
      );
    }
  });
});

describe('threshold', () => {
  it('keeps what is at least the value, and never a zero', () => {
    expect(kept(threshold({ value: 2 }), [1, -2, 3, 0], [4])).toEqual([0, 1, 1, 0]);
    expect(kept(threshold({ value: 0 }), [1, 0], [2])).toEqual([1, 0]);
  });
  it('may be a share of the largest magnitude of the tensor or of each row', () => {
    const x = [1, 4, -2, 1];
    expect(kept(threshold({ value: 0.5, per: 'tensor' }), x, [2, 2])).toEqual([0, 1, 1, 0]);
    expect(kept(threshold({ value: 0.5, per: 'row' }), x, [2, 2])).toEqual([0, 1, 1, 1]);
  });
  it('refuses a negative value', () => {
    expect(refusal(() => threshold({ value: -1 })).message).toMatch(/value = -1; write the least/);
  });
});

describe('random', () => {
  it('keeps exactly as many as it says, the same for the same seed', () => {
    for (const fraction of [0, 0.25, 0.5, 0.9, 1]) {
      const how = random({ fraction, seed: 7 });
      const mask = how.keep(numbers(35, 1), [5, 7]);
      expect(sum(mask)).toBe(how.count?.([5, 7]));
      expect(how.keep(numbers(35, 2), [5, 7])).toEqual(mask);
    }
    const of = (seed: number): string =>
      String(random({ fraction: 0.5, seed }).keep(numbers(64, 1), [64]));
    expect(of(1)).not.toBe(of(2));
  });
  it('gives every place about the same chance', () => {
    const count = new Float64Array(10);
    for (let seed = 0; seed < 4000; seed++)
      random({ fraction: 0.7, seed })
        .keep(numbers(10, 1), [10])
        .forEach((k, at) => (count[at]! += k));
    for (const times of count) expect(Math.abs(times / 4000 - 0.3)).toBeLessThan(0.04);
  });
  it('refuses a seed that is no whole number', () => {
    expect(refusal(() => random({ fraction: 0.5, seed: 0.5 })).message).toMatch(
      /random was given seed = 0.5; write a whole number, 0\.\.4294967295/,
    );
  });
});

describe('blocks', () => {
  it('drops the blocks of the smallest sums, ragged ones at the edge included', () => {
    const how = blocks({ rows: 2, columns: 2, fraction: 0.5 });
    const x = [1, 1, 9, 0, 1, 1, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0];
    expect(kept(how, x, [4, 4])).toEqual([0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1]);
    expect(kept(how, [1, 1, 3, 1, 1, 0, 0, 0, 0], [3, 3])).toEqual([1, 1, 1, 1, 1, 1, 0, 0, 0]);
  });
  it('go by the sum of another score', () => {
    const by = scored({ name: 'squares', fraction: 0, score: ({ weight }) => weight ** 2 });
    const how = blocks({ rows: 1, columns: 2, fraction: 0.5, by });
    expect(how.print()).toBe('blocks(rows=1, columns=2, fraction=0.5, by=squares)');
    expect([...how.keep(Float32Array.of(2, 2, 3, 0), [1, 4])]).toEqual([0, 0, 1, 1]);
    const steep = blocks({ rows: 1, columns: 2, fraction: 0, by: snip({ fraction: 0 }) }).at!(0.5);
    const gradient = Float32Array.of(1, 1, 0, 0);
    expect([...steep.keep(Float32Array.of(1, 1, 9, 9), [1, 4], { gradient })]).toEqual([
      1, 1, 0, 0,
    ]);
    expect(() => steep.keep(Float32Array.of(1, 1, 9, 9), [1, 4])).toThrow(/blocks needs gradient/);
    expect(() => blocks({ rows: 1, columns: 2, fraction: 0.5, by: keep() })).toThrow(
      /keep has no score to add up over blocks; write one that has/,
    );
  });
  it('fits bcsr of the same blocks', () => {
    const weight = assemble(dense(), [5, 7], numbers(35, 3));
    const pruned = sparsify(weight, blocks({ rows: 2, columns: 3, fraction: 0.5 }), bcsr(2, 3));
    check(pruned.pattern);
    expect(pruned.pattern.positions[1]).toBe(4); // 9 blocks, rank >= 4.5 stays
  });
  it('cuts each matrix of a batch, and refuses a vector', () => {
    const how = blocks({ rows: 1, columns: 2, fraction: 0.5 });
    expect(kept(how, [1, 1, 3, 3], [2, 1, 2])).toEqual([0, 0, 1, 1]);
    expect(refusal(() => kept(how, [1], [1])).code).toBe('shape');
    expect(refusal(() => blocks({ rows: 0, columns: 1, fraction: 0 })).message).toMatch(/rows = 0/);
  });
});

describe('nmMagnitude', () => {
  it('keeps the largest of each block, the lower index first, also at the edge', () => {
    const how = nmMagnitude({ n: 2, m: 4 });
    expect(kept(how, [1, -3, 2, 0, 5, 5, 5, 5], [1, 8])).toEqual([0, 1, 1, 0, 1, 1, 0, 0]);
    expect(kept(how, [1, 3, 2, 4, 9, 1], [1, 6])).toEqual([0, 1, 0, 1, 1, 1]);
    expect(kept(nmMagnitude({ n: 1, m: 2, along: 0 }), [1, 4, 3, 2], [2, 2])).toEqual([0, 1, 1, 0]);
  });
  it('fits nm along the same dimension, for any rank', () => {
    for (const along of [0, 1, 2]) {
      const weight = assemble(dense(), [3, 5, 7], numbers(105, along + 1));
      const pruned = sparsify(weight, nmMagnitude({ n: 2, m: 4, along }), nm(2, 4, along));
      check(pruned.pattern);
      const mask = nmMagnitude({ n: 2, m: 4, along }).keep(numbers(105, along + 1), [3, 5, 7]);
      expect(toDense(pruned)).toEqual(numbers(105, along + 1).map((x, at) => (mask[at] ? x : 0)));
    }
  });
  it('refuses n > m, and a dimension that is not there', () => {
    expect(refusal(() => nmMagnitude({ n: 5, m: 4 })).code).toBe('format');
    expect(refusal(() => kept(nmMagnitude({ n: 1, m: 2, along: 2 }), [1], [1, 1])).code).toBe(
      'shape',
    );
  });
});

describe('nmgMagnitude', () => {
  const weight = assemble(dense(), [9, 26], numbers(234, 5));

  it('fills nmg of the same parameters, by swaps more than by the greedy', () => {
    const of = (mode: 'greedy' | 'swaps'): number => {
      const pruned = sparsify(weight, nmgMagnitude({ n: 2, m: 4, g: 2, mode }), nmg(2, 4, 2));
      check(pruned.pattern);
      return preservedMagnitude(weight, pruned);
    };
    const [greedy, swaps] = [of('greedy'), of('swaps')];
    expect(swaps).toBeGreaterThan(greedy);
    expect(greedy).toBeGreaterThan(0.6);
  });

  it('its mask, stored as csr, is the same entries', () => {
    const how = nmgMagnitude({ n: 1, m: 3, g: 2, along: 1, group: 0 });
    const grouped = toDense(sparsify(weight, how, nmg(1, 3, 2, 1, 0)));
    expect(toDense(sparsify(weight, how, csr))).toEqual(grouped);
  });

  it('is refused by n:m:g of other parameters, naming both', () => {
    const error = refusal(() => sparsify(weight, nmgMagnitude({ n: 2, m: 4, g: 2 }), nmg(1, 4, 2)));
    expect(error.code).toBe('lossy');
    expect(error.message).toMatch(
      /what nmgMagnitude\(n=2, m=4, g=2, along=0, group=1, mode=swaps\) keeps does not fit nmg\(1,4,2\)/,
    );
  });

  it('keeps values of other number types exactly', () => {
    const doubles = assemble(dense(), [2, 2], [0.1, 5.3, 7.7, 0.2], { dtype: 'float64' });
    const pruned = sparsify(doubles, nmgMagnitude({ n: 1, m: 2, g: 1 }), nmg(1, 2, 1));
    expect([...pruned.values]).toEqual([5.3, 7.7]);
  });

  it('5:12 works', () => {
    const wide = assemble(dense(), [13, 800], numbers(10400, 9));
    const pruned = sparsify(wide, nmgMagnitude({ n: 5, m: 12, g: 1 }), nmg(5, 12, 1));
    expect(preservedMagnitude(wide, pruned)).toBeGreaterThan(0.6);
  });

  it('refuses g = 0 and a shape without the dimension', () => {
    expect(refusal(() => nmgMagnitude({ n: 1, m: 2, g: 0 })).code).toBe('format');
    expect(refusal(() => kept(nmgMagnitude({ n: 1, m: 2, g: 1 }), [1, 2], [2])).code).toBe('shape');
  });
});

describe('sampled', () => {
  it('draws by score: twice the score is kept about twice as often, zeros last', () => {
    const counts = [0, 0, 0];
    for (let seed = 0; seed < 3000; seed++)
      sampled(magnitude({ fraction: 2 / 3 }), { seed })
        .keep(Float32Array.of(1, 2, 0), [3])
        .forEach((k, at) => (counts[at]! += k));
    expect(counts[2]).toBe(0);
    expect(counts[0]! + counts[1]!).toBe(3000);
    // Six deviations of a binomial of 3000 at 2/3.
    expect(Math.abs(counts[1]! - 2000)).toBeLessThan(6 * Math.sqrt((3000 * 2) / 9));
  });

  it('refuses what has no score, and scores below zero', () => {
    expect(() => sampled(random({ fraction: 0.5, seed: 1 }), { seed: 1 })).toThrow(
      'random(fraction=0.5, seed=1) has no score and fraction',
    );
    const negative = scored({ name: 'negative', fraction: 0.5, score: () => -1 });
    expect(() => sampled(negative, { seed: 1 }).keep(Float32Array.of(1, 2), [2])).toThrow(
      'scores a number -1',
    );
  });
});
