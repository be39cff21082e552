// What rules decided about a model, and pruning as they say.
import {
  assemble,
  dense,
  isDense,
  printFormat,
  SparseError,
  sparsify,
  toDense,
  type Auxiliary,
  type Format,
  type Sparsifier,
  type Tensor,
} from '@lacuna/ir';
import { across, fixedMask, type Allocator, type Schedule } from '@lacuna/sparsifiers';
import type { Rule } from './rules.js';

/** What was decided about one weight. */
export interface SparseWeight {
  /** The rule, by its place in the list. */
  readonly rule: number;
  /** Which of the rule's weights it is. */
  readonly place: number;
  readonly sparsifier: Sparsifier;
  readonly layout: Format;
  readonly schedule?: Schedule;
  readonly mask: 'fixed' | 'each-step';
  readonly across?: Allocator | 'global';
}

/** What was decided about values or gradients: by pattern, since a name is known when it is met. */
export interface SparseValue {
  readonly rule: number;
  readonly pattern: string;
  readonly sparsifier: Sparsifier;
  readonly layout?: Format;
  /** What the rule catches, where the model says its names beforehand. */
  readonly caught?: readonly string[];
}

/** What rules decided about a model. */
export interface Sparsity {
  readonly rules: readonly Rule[];
  readonly weights: Readonly<Record<string, SparseWeight>>;
  readonly values: readonly SparseValue[];
  readonly gradients: readonly SparseValue[];
  /** 1 where a dense weight is trained, 0 where it is not. */
  readonly masks: Readonly<Record<string, Tensor>>;
}

/** A weight as it is stored after pruning, and its mask where it is dense. */
export interface Pruned {
  readonly weight: Tensor;
  readonly mask?: Tensor;
}

/** Whether a weight's mask or pattern is part of the model, as opposed to made anew each step. */
export const isFixed = ({ mask }: SparseWeight): boolean => mask === 'fixed';

/**
 * Prunes the weights of one rule as they are to be at a step. `numbers` are weights of the host in any layout.
 *
 * @throws SparseError `unsupported` where a schedule meets a sparsifier without a fraction.
 */
export function pruneAt(
  step: number,
  weights: readonly {
    readonly about: SparseWeight;
    readonly weight: Tensor;
    readonly auxiliary?: Auxiliary;
  }[],
): readonly Pruned[] {
  const [first] = weights;
  if (!first) return [];
  const hows = weights.map(({ about }) => sparsifierAt(about, step));
  const by = first.about.across;
  const masks =
    by &&
    across(
      hows[0]!,
      weights.map(({ weight, auxiliary }) => ({
        numbers: toDense(weight),
        shape: weight.shape,
        ...(auxiliary && { auxiliary }),
      })),
      by,
    );
  return weights.map(({ about, weight, auxiliary }, k) =>
    stored(weight, masks ? fixedMask(masks[k]!, hows[k]!.name) : hows[k]!, about.layout, auxiliary),
  );
}

/** The sparsifier as a schedule wants it at a step. */
export function sparsifierAt(
  { sparsifier: how, schedule, place }: SparseWeight,
  step: number,
): Sparsifier {
  if (!schedule) return how;
  if (how.at) return how.at(schedule.at(step, place));
  throw new SparseError(
    'unsupported',
    `${how.print()} has no fraction for ${schedule.print()} to set`,
    {
      hint: 'write a sparsifier with a fraction, such as magnitude(fraction=0)',
    },
  );
}

/** A weight in its layout; dense ones with a mask. */
function stored(weight: Tensor, how: Sparsifier, layout: Format, auxiliary?: Auxiliary): Pruned {
  if (!isDense(layout)) return { weight: sparsify(weight, how, layout, auxiliary) };
  const numbers = toDense(weight);
  const kept = how.keep(numbers, weight.shape, auxiliary);
  return {
    weight: assemble(
      dense,
      weight.shape,
      numbers.map((x, at) => (kept[at] ? x : 0)),
      { dtype: weight.dtype },
    ),
    mask: assemble(dense, weight.shape, kept, { dtype: weight.dtype }),
  };
}

/** One line a rule: what it does, and what it caught. */
export function explainSparsity({ rules, weights, values, gradients }: Sparsity): string {
  return rules
    .map((_, at) => {
      const mine = Object.entries(weights).filter(([, about]) => about.rule === at);
      const [, about] = mine[0] ?? [];
      if (about) {
        const when = about.schedule
          ? ` by ${about.schedule.print()}`
          : about.mask === 'each-step'
            ? ' each step'
            : '';
        const shared = about.across ? ` across ${about.across}` : '';
        return `${about.sparsifier.print()} -> ${printFormat(about.layout)}${when}${shared}: weights ${mine.map(([name]) => name).join(', ')}`;
      }
      const value = values.find((v) => v.rule === at);
      const some = value ?? gradients.find((v) => v.rule === at)!;
      return `${some.sparsifier.print()}${some.layout ? ` -> ${printFormat(some.layout)}` : ''}: ${value ? 'values' : 'gradients of'} ${some.caught?.join(', ') ?? some.pattern}`;
    })
    .join('\n');
}
