// `npm run digits -- --claims [TEXT]`: what the literature's methods are said to reach on the digits, and what they
// reach here. Each claim says its threshold before it is run; one that does not hold is printed as such.
import type { Engine } from '@lacuna/engine';
import { crossEntropy } from '@lacuna/ops';
import {
  cosineRate,
  evaluate,
  fit,
  mlp,
  sgd,
  sparsifyModel,
  spp,
  srSte,
  type Rule,
} from '@lacuna/train';
import { digits } from '../../test/data/digits.js';
import { popularity } from './popularity.js';
import { runDigits, type DigitsResult } from './run.js';
import type { DigitsRun } from './runs.js';

/** What is said of a method, and how it is tried. */
export interface Claim {
  /** Where the claim is from, and its words. */
  readonly name: string;
  readonly run: (engine: Engine) => Promise<{ readonly found: string; readonly holds: boolean }>;
}

const hidden = ['layers.0.weight', 'layers.1.weight'];
const mean = (numbers: readonly number[]): number =>
  numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
const points = (x: number): string => x.toFixed(2);

/** Means over seeds 1, 2, … of networks 64-H-H-10. */
async function tried(
  engine: Engine,
  {
    width,
    epochs,
    seeds,
  }: { readonly width: number; readonly epochs: number; readonly seeds: number },
  rules: DigitsRun['rules'],
  more: Pick<DigitsRun, 'grow' | 'watch'> = {},
): Promise<{ readonly accuracy: number; readonly changes: number }> {
  const run: DigitsRun = {
    name: '',
    model: (seed) => mlp({ sizes: [64, width, width, 10], seed }),
    optimiser: sgd({ momentum: 0.9 }),
    rate: cosineRate(0.05),
    rules,
    ...more,
  };
  const results: DigitsResult[] = [];
  for (let seed = 1; seed <= seeds; seed++)
    results.push(await runDigits(engine, run, { seed, epochs, data: digits(seed) }));
  return {
    accuracy: 100 * mean(results.map((r) => r.accuracy)),
    changes: mean(results.map((r) => r.changes ?? 0)),
  };
}

const large = { width: 256, epochs: 60, seeds: 3 } as const;
const nm = (engine: Engine, n: number, m: number, decay: number): ReturnType<typeof tried> =>
  tried(engine, large, () => hidden.map((weights) => srSte({ weights, n, m, decay })), {
    watch: { n, m },
  });

/** SR-STE above plain straight-through, by so many points. */
const above = (m: number, margin: number): Claim => ({
  name: `SR-STE, 1:${m}: ${margin} points above straight-through`,
  async run(engine) {
    const [plain, shrunk] = [await nm(engine, 1, m, 0), await nm(engine, 1, m, 2e-3)];
    return {
      found: `${points(shrunk.accuracy)} and ${points(plain.accuracy)}`,
      holds: shrunk.accuracy - plain.accuracy >= margin,
    };
  },
});

const random = (fraction: number, seed: number): Rule[] => [
  {
    weights: hidden,
    rescale: true,
    sparsifier: `random(fraction=${fraction}, seed=${seed})`,
    across: 'erk',
    layout: 'csr',
  },
];

/** Prune and grow above the mask that it began with, by so many points. */
const grown = (fraction: number, margin: number): Claim => ({
  name: `prune and grow, ERK ${100 * fraction} %: ${margin} points above the same static mask`,
  async run(engine) {
    const about = { width: 128, epochs: 40, seeds: 4 };
    const rules = (seed: number): Rule[] => random(fraction, seed);
    const still = await tried(engine, about, rules);
    const moving = await tried(engine, about, rules, { grow: { every: 40 } });
    return {
      found: `${points(moving.accuracy)} and ${points(still.accuracy)}`,
      holds: moving.accuracy - still.accuracy >= margin,
    };
  },
});

/** A network pruned to a tenth at once, and tuned by adapters alone. */
const tuned: Claim = {
  name: 'SPP, a tenth at once, 10 epochs: 15 points above what pruning left',
  async run(engine) {
    const [left, reached]: [number[], number[]] = [[], []];
    for (let seed = 1; seed <= 3; seed++) {
      const { train, test } = digits(seed);
      const options = { engine, loss: crossEntropy, data: train, batch: 64, seed } as const;
      const how = { ...options, rate: cosineRate(0.05), optimiser: sgd({ momentum: 0.9 }) };
      const model = mlp({ sizes: [64, 128, 128, 10], seed });
      const whole = await fit({ ...how, model, epochs: 40 });
      const pruned = sparsifyModel(whole.model, [
        { weights: hidden, sparsifier: 'magnitude(fraction=0.9)', layout: 'csr' },
      ]);
      const before = await evaluate(engine, pruned, test);
      const adapted = spp(pruned, { weights: 'layers.*.weight', rank: 2, seed });
      const after = await fit({ ...how, model: adapted, epochs: 10 });
      left.push(100 * before);
      reached.push(100 * (await evaluate(engine, after.model, test)));
    }
    return {
      found: `${points(mean(reached))} from ${points(mean(left))}`,
      holds: mean(reached) - mean(left) >= 15,
    };
  },
};

/** Every claim, in the order of the methods. */
const claims: readonly Claim[] = [
  above(32, 2),
  above(16, 0.3),
  {
    name: 'SR-STE, 1:16: at most half the mask changes of straight-through, and fewer the greater λ',
    async run(engine) {
      const changes: number[] = [];
      for (const decay of [0, 2e-4, 2e-3, 1e-2])
        changes.push((await nm(engine, 1, 16, decay)).changes);
      return {
        found: changes.map((c) => c.toFixed(0)).join(' > '),
        holds:
          changes[2]! <= changes[0]! / 2 && changes.every((c, k) => k === 0 || c < changes[k - 1]!),
      };
    },
  },
  {
    name: 'SR-STE, 2:4: within 0.8 points of dense',
    async run(engine) {
      const whole = await tried(engine, large, () => []);
      const half = await nm(engine, 2, 4, 2e-4);
      return {
        found: `${points(half.accuracy)} and ${points(whole.accuracy)}`,
        holds: whole.accuracy - half.accuracy <= 0.8,
      };
    },
  },
  tuned,
  grown(0.98, 1.5),
  grown(0.95, 0.5),
  popularity,
];

/** Tries claims and prints one line each; how many do not hold. */
export async function tryClaims(
  engine: Engine,
  only: string,
  print: (line: string) => void,
): Promise<number> {
  let open = 0;
  for (const { name, run } of claims.filter((claim) => claim.name.includes(only))) {
    const { found, holds } = await run(engine);
    if (!holds) open++;
    print(`${holds ? 'holds        ' : 'does not hold'}  ${name}: ${found}`);
  }
  return open;
}
