// Pruning by a score: a formula over the numbers and whatever else is known of them says what matters, and a
// budget how much of it stays. The methods of the field are a line each:
//
//     movement   −w ⊙ g            weights that training drives from zero    (Sanh et al., 2020)
//     snip       |w ⊙ g|           what the loss would miss, to first order  (Lee et al., 2019)
//     wanda      |w| · ‖xⱼ‖        what the output would miss                (Sun et al., 2024)
//     snr        |w| / σ           what is certain
import { SparseError, sparsifier, coordinatesOf, type Numbers, type Sparsifier } from '@lacuna/ir';
import { checkBudget, countBudget, keepBudget, type Budget } from './budget.js';

/** What a score sees of one number: itself, and what is given beside it. */
export type Scoring<K extends string> = Readonly<Record<'weight' | K, number>>;

/** What {@link scored} is told. */
export interface ScoredOptions<K extends string = never> extends Budget {
  readonly name: string;
  /** What must be given beside the numbers: arrays of their shape, or of one number a column. */
  readonly needs?: readonly K[];
  /** The score of one number; the greatest stay. */
  readonly score: (of: Scoring<K>) => number;
}

/**
 * A sparsifier from a score. Equal scores are dropped from the left.
 *
 * @throws SparseError `unsupported` where something that it needs is not given or does not fit, or a score is NaN.
 * @example
 * ```ts
 * import { scored } from '@lacuna/sparsifiers';
 * const product = scored({
 *   name: 'product', fraction: 0.5, needs: ['gradient'],
 *   score: ({ weight, gradient }) => Math.abs(weight * gradient),
 * });
 * product.keep(Float32Array.of(9, 1), [2], { gradient: Float32Array.of(0, 1) }); // Uint8Array [0, 1]
 * ```
 */
export function scored<K extends string = never>(options: ScoredOptions<K>): Sparsifier {
  const { name, needs = [], score } = options;
  const scores: NonNullable<Sparsifier['score']> = (numbers, shape, auxiliary = {}) => {
    const columns = shape.at(-1) ?? 1;
    const beside = needs.map((need) => fitted(name, need, auxiliary[need], numbers, columns));
    const of: Record<string, number> = {};
    return Float64Array.from(numbers, (weight, at) => {
      of['weight'] = weight;
      for (let k = 0; k < needs.length; k++) {
        const given = beside[k]!;
        of[needs[k]!] = given[given.length === numbers.length ? at : at % columns]!;
      }
      const value = score(of as Scoring<K>);
      if (!Number.isNaN(value)) return value;
      throw new SparseError(
        'unsupported',
        `${name} scores the number at [${coordinatesOf(at, shape).join(', ')}] as NaN`,
        {
          hint: 'score with numbers that have an order',
        },
      );
    });
  };
  return sparsifier({
    name,
    kind: options.per === undefined || options.per === 'tensor' ? 'materialising' : 'blocking',
    params: checkBudget(name, options),
    needs,
    score: scores,
    keep: (numbers, shape, auxiliary) =>
      keepBudget(scores(numbers, shape, auxiliary), shape, options),
    at: (fraction) => {
      const { count: _, ...rest } = options;
      return scored({ ...rest, fraction });
    },
    count: (shape) => countBudget(shape, options),
  });
}

function fitted(
  name: string,
  need: string,
  given: Numbers | undefined,
  { length }: Numbers,
  columns: number,
): Numbers {
  if (given && (given.length === length || given.length === columns)) return given;
  throw new SparseError(
    'unsupported',
    `${name} needs ${need}, ${length} numbers or ${columns}, and was given ${given ? given.length : 'none'}`,
    {
      hint: `pass { ${need} } beside what is pruned`,
    },
  );
}

/** Keeps weights that training drives from zero: −w·g, summed over steps by whoever gives `gradient`. */
export const movement = (budget: Budget): Sparsifier =>
  scored({
    ...budget,
    name: 'movement',
    needs: ['gradient'],
    score: ({ weight, gradient }) => -weight * gradient,
  });

/** Keeps weights whose removal changes the loss most, to first order: |w·g|. */
export const snip = (budget: Budget): Sparsifier =>
  scored({
    ...budget,
    name: 'snip',
    needs: ['gradient'],
    score: ({ weight, gradient }) => Math.abs(weight * gradient),
  });

/** Keeps weights whose removal changes outputs most: |w|·‖xⱼ‖, `norm` one number a column; by row as published. */
export const wanda = (budget: Budget): Sparsifier =>
  scored({
    per: 'row',
    ...budget,
    name: 'wanda',
    needs: ['norm'],
    score: ({ weight, norm }) => Math.abs(weight) * norm,
  });

/** Keeps weights that are certain: |w| over their `deviation`. */
export const snr = (budget: Budget): Sparsifier =>
  scored({
    ...budget,
    name: 'snr',
    needs: ['deviation'],
    score: ({ weight, deviation }) => Math.abs(weight) / Math.max(deviation, 1e-38),
  });
