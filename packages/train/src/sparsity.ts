// What rules decided about a model, and pruning as they say.
import {
  assemble,
  dense,
  denseFormat,
  isDense,
  sparsify,
  SparseError,
  toDense,
  type Auxiliary,
  type Format,
  type Sparsifier,
  type Tensor,
} from '@lacuna/ir';
import { across, fixedMask, keep, type Allocator } from '@lacuna/sparsifiers';
import type { Rule } from './rules.js';
import { emitAt, printWords, sparsifierOf, type Said } from './words.js';

/** What was decided about one weight. */
export interface SparseWeight extends Said {
  /** The rule, by its place in the list. */
  readonly rule: number;
  /** Which of the rule's weights it is. */
  readonly place: number;
  readonly mask: 'fixed' | 'each-step';
  readonly across?: Allocator | 'global';
}

/** What was decided about values or gradients: by patterns, since a name is known when it is met. */
export interface SparseValue extends Said {
  readonly rule: number;
  readonly patterns: readonly string[];
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

/** A weight of the host, in any layout, that is to be pruned. */
export interface Prunable {
  readonly name: string;
  readonly about: SparseWeight;
  readonly weight: Tensor;
  readonly auxiliary?: Auxiliary;
}

/**
 * Prunes the weights of one rule as they are to be at a step.
 *
 * @throws SparseError `lossy` where a layout, or a temporary one, cannot hold what is kept; whatever sparsifiers
 * and layouts throw. It names the weight.
 */
export function pruneAt(step: number, weights: readonly Prunable[]): readonly Pruned[] {
  const [first] = weights;
  if (!first) return [];
  const emits = weights.map(({ about }) => emitAt(about, step, about.place));
  const hows = emits.map(sparsifierOf);
  const between = weights.map(({ name, weight, auxiliary }, k) => {
    const { inline = keep(), temporary = dense, external } = emits[k]!;
    if (!emits[k]!.temporary && !(emits[k]!.inline && external)) return weight;
    return saying(name, () => sparsify(weight, inline, temporary, auxiliary));
  });
  const by = first.about.across;
  const masks =
    by &&
    across(
      hows[0]!,
      weights.map(({ auxiliary }, k) => ({
        numbers: toDense(between[k]!),
        shape: between[k]!.shape,
        ...(auxiliary && { auxiliary }),
      })),
      by,
    );
  return weights.map(({ name, auxiliary }, k) => {
    const { inline, external } = emits[k]!;
    const mask = masks && fixedMask(masks[k]!, hows[k]!.name);
    const how = mask
      ? sparsifierOf({ ...(inline && external && { inline }), external: mask })
      : hows[k]!;
    const { layout = denseFormat } = emits[k]!;
    return saying(name, () => stored(between[k]!, how, layout, auxiliary));
  });
}

/** Makes something of a weight; what is refused says which. */
function saying<T>(name: string, make: () => T): T {
  try {
    return make();
  } catch (cause) {
    if (!(cause instanceof SparseError)) throw cause;
    const { code, message, hint, detail } = cause;
    const what = hint === undefined ? message : message.slice(0, -`; ${hint}`.length);
    throw new SparseError(code, `the weight ${name}: ${what}`, {
      cause,
      detail,
      ...(hint !== undefined && { hint }),
    });
  }
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
        const layout = about.emit.layout ?? denseFormat;
        const each = !about.schedule && !isFixed(about) ? ' each step' : '';
        const shared = about.across ? ` across ${about.across}` : '';
        const names = mine.map(([name]) => name).join(', ');
        return `${said({ ...about, emit: { ...about.emit, layout } })}${each}${shared}: weights ${names}`;
      }
      const value = values.find((v) => v.rule === at);
      const some = value ?? gradients.find((v) => v.rule === at)!;
      const names = (some.caught ?? some.patterns).join(', ');
      return `${said(some)}: ${value ? 'values' : 'gradients of'} ${names}`;
    })
    .join('\n');
}

const said = ({ emit, schedule }: Said): string =>
  printWords(emit) + (schedule ? ` by ${schedule.print()}` : '');
