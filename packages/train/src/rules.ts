// Rules say how a model is to be sparse. They are data: JSON beside the weights, or objects.
//
//     { "weights": "layers.*.weight", "sparsifier": "magnitude(fraction=0.9)", "layout": "csr" }
//     { "intermediates": "hidden*", "sparsifier": "threshold(value=0.1)" }
//     { "gradients": "hidden*", "sparsifier": "magnitude(fraction=0.5)" }
import {
  formatOf,
  nearest,
  parseFormat,
  SparseError,
  type Format,
  type FormatLike,
  type Layout,
} from '@lacuna/ir';
import { layouts as ours } from '@lacuna/layouts';
import { parseSchedule, type Allocator, type Schedule } from '@lacuna/sparsifiers';
import type { Words } from './words.js';

/** Weights whose names match, pruned and stored. */
export interface WeightRule extends Words {
  /** A parameter's name, or several; `*` stands for anything. */
  readonly weights: string | readonly string[];
  /** Where what the inline sparsifier keeps would lie; weights go from the host straight into `layout`. */
  readonly temporary?: string | FormatLike;
  /** How they are stored; dense with zeros where nothing is said. */
  readonly layout?: string | FormatLike;
  /** When how much is dropped: replaces the sparsifier's fraction. */
  readonly schedule?: string | Schedule;
  /** Weight after weight: each begins the schedule so many steps after the one before. */
  readonly delay?: number;
  /**
   * `'fixed'`: pruned once, or when a schedule says so, and trained at the places that stayed. `'each-step'`: a
   * dense weight is trained, and pruned anew in each step; it is stored in `layout` by `packed`. By default the
   * first, and the second where the sparsifier's backward is not `'masked'`.
   */
  readonly mask?: 'fixed' | 'each-step';
  /** Spends one budget over all that match: in one order of scores, or divided by an allocator. */
  readonly across?: Allocator | 'global';
  /**
   * Multiplies what stays by 1/√(its share), so that sums of fewer numbers are as large as those of all: for
   * networks that are sparse from the first step on.
   */
  readonly rescale?: boolean;
}

/** Values of the forward pass whose names match, pruned wherever they are used. */
export interface IntermediateRule extends Words {
  readonly intermediates: string;
  readonly temporary?: string | FormatLike;
  readonly layout?: string | FormatLike;
}

/** Gradients of the weights and values whose names match, pruned before they are used. */
export interface GradientRule extends Words {
  readonly gradients: string;
}

export type Rule = WeightRule | IntermediateRule | GradientRule;

/** What a rule is about. */
export function aboutOf(rule: Rule): {
  readonly kind: 'weights' | 'intermediates' | 'gradients';
  readonly patterns: readonly string[];
} {
  if ('weights' in rule) return { kind: 'weights', patterns: [rule.weights].flat() };
  if ('intermediates' in rule) return { kind: 'intermediates', patterns: [rule.intermediates] };
  if ('gradients' in rule) return { kind: 'gradients', patterns: [rule.gradients] };
  throw new SparseError('unsupported', `a rule says nothing it is about: ${JSON.stringify(rule)}`, {
    hint: 'write weights, intermediates or gradients: a name, with * for anything',
  });
}

/** Whether a name matches a pattern, in which `*` stands for anything. */
export function matches(pattern: string, name: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(name);
}

/** The names that a rule catches. Throws `unsupported` where there are none, with the nearest. */
export function caughtBy(rule: Rule, names: readonly string[]): readonly string[] {
  const { kind, patterns } = aboutOf(rule);
  for (const pattern of patterns)
    if (!names.some((name) => matches(pattern, name))) throw unmatched(kind, pattern, names);
  return names.filter((name) => patterns.some((pattern) => matches(pattern, name)));
}

/** The error of a rule that catches nothing. */
export function unmatched(kind: string, pattern: string, names: readonly string[]): SparseError {
  const near = nearest(pattern, names);
  return new SparseError('unsupported', `the rule for ${kind} "${pattern}" matches nothing`, {
    detail: { names },
    hint:
      near === undefined
        ? 'there is nothing of that kind'
        : `the nearest name is "${near}"; there are ${names.join(', ')}`,
  });
}

export const scheduleOf = (when: string | Schedule): Schedule =>
  typeof when === 'string' ? parseSchedule(when) : when;

/** A rule's layout as a format; dense where nothing is said. */
export function layoutOf(
  layout: string | FormatLike | undefined,
  layouts: readonly Layout[] = ours,
): Format | undefined {
  if (layout === undefined || layout === 'dense') return undefined;
  return typeof layout === 'string' ? parseFormat(layout, layouts) : formatOf(layout);
}
