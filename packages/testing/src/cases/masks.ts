// Random cases of masks: sparsifiers that are their rule, worked out by sorting.
import {
  flatIndex,
  makePattern,
  outside,
  sizeOf,
  sparsifier,
  type KeepRule,
  type Numbers,
  type Runs,
  type Shape,
  type Sparsifier,
} from '@lacuna/ir';
import { assignColumns, nmg } from '@lacuna/layouts';
import type { CaseMaker, Fill } from '../call.js';
import type { Random } from '../random.js';

/** Runs as lists of places. */
function placesOf(shape: Shape, of: Runs): number[][] {
  const runs = new Map<string, number[]>();
  for (let at = 0; at < sizeOf(shape); at++) {
    const key = keyOf(shape, of, at);
    const run = runs.get(key);
    if (run) run.push(at);
    else runs.set(key, [at]);
  }
  return [...runs.values()];
}

function keyOf(shape: Shape, of: Runs, at: number): string {
  if (of === 'tensor') return '';
  let rest = at;
  const coordinates = shape.map(() => 0);
  for (let dim = shape.length - 1; dim >= 0; dim--) {
    coordinates[dim] = rest % shape[dim]!;
    rest = Math.floor(rest / shape[dim]!);
  }
  if (of === 'columns') return `${coordinates.at(-1)}`;
  const along = of.along < 0 ? of.along + shape.length : of.along;
  if (shape.length > 0)
    coordinates[along] = Math.floor(coordinates[along]! / (of.size ?? Infinity));
  return coordinates.join();
}

/** The block of the last two dimensions that a place is in; in the order of places, blocks come in that of their first. */
function blockOf(shape: Shape, { rows, columns }: KeepRule & { keeps: 'blocks' }, at: number) {
  const [height, width] = shape.slice(-2) as [number, number];
  const row = Math.floor(at / width);
  const parts = [row / height, (row % height) / rows, (at % width) / columns];
  return parts.map(Math.floor).join();
}

/** What a rule keeps, as it says it. */
function kept(rule: KeepRule, numbers: Numbers, shape: Shape): Uint8Array {
  const sizes = Array.from(numbers, (x) => Math.abs(x));
  const out = new Uint8Array(sizes.length);
  switch (rule.keeps) {
    case 'nonzero':
      return Uint8Array.from(sizes, (x) => Number(x !== 0));
    case 'large':
      for (const run of placesOf(shape, rule.of ?? 'tensor')) {
        const most = run.reduce((a, at) => Math.max(a, sizes[at]!), 0);
        const least = rule.of ? rule.least * most : rule.least;
        for (const at of run) out[at] = Number(sizes[at]! > 0 && sizes[at]! >= least);
      }
      return out;
    case 'greatest':
      for (const run of placesOf(shape, rule.of)) {
        const first = rule.ties === 'first' ? -1 : 1;
        const order = run.toSorted((a, b) => sizes[a]! - sizes[b]! || first * (a - b));
        for (const at of order.slice(rule.drop(run.length))) out[at] = 1;
      }
      return out;
    case 'blocks': {
      const sums = new Map<string, number>();
      const keys = sizes.map((_, at) => blockOf(shape, rule, at));
      keys.forEach((key, at) => sums.set(key, (sums.get(key) ?? 0) + sizes[at]!));
      // Sorting keeps the order of equal ones.
      const order = [...sums].toSorted(([, a], [, b]) => a - b).map(([key]) => key);
      const stay = new Set(order.slice(rule.drop(order.length)));
      return Uint8Array.from(keys, (key) => Number(stay.has(key)));
    }
    case 'fixed':
      return rule.of(shape);
    case 'transposable':
      throw new TypeError('the mask of transposable n:m is worked out by its sparsifier');
    case 'greedy': {
      const { params } = rule.format;
      const data = assignColumns(params, shape, Float32Array.from(sizes), 'greedy');
      const level = rule.format.layout.spec.levels(params, shape).length - 2;
      for (const at of flatIndex(makePattern(rule.format, shape, [{ level, role: 'crd', data }])))
        if (at !== outside) out[at] = 1;
      return out;
    }
    default:
      return rule satisfies never;
  }
}

/** A sparsifier that keeps what a rule says; `params` are all that the rule was made from. */
export function byRule(rule: KeepRule, params: Sparsifier['params']): Sparsifier {
  return sparsifier({
    name: rule.keeps,
    kind: 'materialising',
    params,
    rule,
    keep: (numbers, shape) => kept(rule, numbers, shape),
  });
}

function randomRuns(random: Random, shape: Shape): Runs {
  const along = random.whole(-1, shape.length - 1);
  const size = random.pick([1, 2, 3, 4, 8, 16, 65]);
  return random.pick<Runs>(['tensor', 'columns', { along }, { along, size }, { along, size }]);
}

function randomRule(random: Random, shape: Shape): Sparsifier {
  const of = randomRuns(random, shape);
  const said = JSON.stringify(of);
  const share = random.pick([0, 1, 0.5, random.next()]);
  const ties = random.pick(['first', 'last'] as const);
  switch (random.whole(0, shape.length > 1 ? 7 : 5)) {
    case 0:
      return byRule({ keeps: 'nonzero' }, {});
    case 1: {
      const least = random.pick([0, 1, 2 ** -149, 2 ** -150, 1e-40, 4 * random.next(), 1e39]);
      return byRule({ keeps: 'large', least }, { least });
    }
    case 2: {
      const least = random.pick([1, 1, 1.5, 1e-300, 1e300, 0.1, 1 / 3]) * share;
      return byRule({ keeps: 'large', least, of }, { least, of: said });
    }
    case 7: {
      const [rows, columns] = [random.whole(1, 5), random.whole(1, 5)];
      const drop = (count: number): number => Math.floor(share * count);
      return byRule({ keeps: 'blocks', rows, columns, drop }, { rows, columns, share });
    }
    case 6: {
      const [n, m, g] = random.pick<readonly [number, number, number]>([
        [1, 2, 1],
        [1, 4, 2],
        [2, 4, 1],
        [3, 5, 2],
        [1, 8, 3],
      ]);
      const along = random.whole(0, shape.length - 1);
      const group = (along + random.whole(1, shape.length - 1)) % shape.length;
      const params = { n, m, g, along, group };
      return byRule({ keeps: 'greedy', format: nmg(params) }, params);
    }
    case 5: {
      const every = random.whole(1, 5);
      const of = (all: Shape): Uint8Array =>
        Uint8Array.from({ length: sizeOf(all) }, (_, at) => Number(at % every === 0));
      return byRule({ keeps: 'fixed', of }, { every });
    }
    default: {
      const drop = (count: number): number => Math.floor(share * count);
      return byRule({ keeps: 'greatest', of, drop, ties }, { share, ties, of: said });
    }
  }
}

/** Few sizes, so that there are ties; or all sizes, from the smallest that a float32 has. */
const sizes: Fill = (random, count) => {
  const few = random.chance(0.5);
  const scale = 2 ** random.pick([0, 0, 0, -126, -140, 120]);
  return Float32Array.from({ length: count }, () => {
    const x = few ? random.whole(-3, 3) : random.next() * 8 - 4;
    return x === 0 && random.chance(0.5) ? -0 : x * scale;
  });
};

/** A tensor and a sparsifier of any rule. */
export const maskCase: CaseMaker = (random) => {
  const shape = random.pick([
    () => [],
    () => [random.whole(0, 9000)],
    () => [random.extent(0, 33), random.whole(0, 300)],
    () => [random.extent(0, 33), random.extent(0, 33), random.extent(0, 5)],
  ])();
  return { shapes: [shape], attrs: { how: randomRule(random, shape) }, fill: { 0: sizes } };
};
