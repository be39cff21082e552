// Rules say how a model is to be sparse. They are data: JSON beside the weights, or objects.
//
//     { "weights": "layers.*.weight", "sparsifier": "magnitude(fraction=0.9)", "layout": "csr" }
//     { "intermediates": "hidden*", "sparsifier": "threshold(value=0.1)" }
//     { "gradients": "hidden*", "sparsifier": "magnitude(fraction=0.5)" }
import { nearest, SparseError } from '@lacuna/ir';
import { allocators, type Allocator } from '@lacuna/sparsifiers';
import { readWords, type RuleNames, type Said, type Words } from './words.js';

/** Weights whose names match, pruned and stored. */
export interface WeightRule extends Words {
  /** A parameter's name, or several; `*` stands for anything. */
  readonly weights: string | readonly string[];
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
  readonly intermediates: string | readonly string[];
}

/** Gradients of the weights and values whose names match, pruned before they are used. */
export interface GradientRule extends Words {
  readonly gradients: string | readonly string[];
}

export type Rule = WeightRule | IntermediateRule | GradientRule;

/** What a rule is about. */
export function aboutOf(rule: Rule): {
  readonly kind: 'weights' | 'intermediates' | 'gradients';
  readonly patterns: readonly string[];
} {
  if ('weights' in rule) return { kind: 'weights', patterns: [rule.weights].flat() };
  if ('intermediates' in rule)
    return { kind: 'intermediates', patterns: [rule.intermediates].flat() };
  if ('gradients' in rule) return { kind: 'gradients', patterns: [rule.gradients].flat() };
  throw new SparseError('unsupported', `a rule says nothing it is about: ${JSON.stringify(rule)}`, {
    hint: 'write weights, intermediates or gradients: a name, with * for anything',
  });
}

const words = ['sparsifier', 'inline', 'temporary', 'external', 'layout', 'schedule', 'delay'];
const known = {
  weights: [...words, 'mask', 'across', 'rescale'],
  intermediates: words,
  gradients: words,
};

/**
 * Checks a rule, which may come from a file, and reads its words.
 *
 * @throws SparseError `format` for a word that no such rule has, and one that is not what it must be; whatever
 * reading words throws.
 */
export function readRule(rule: Rule, names?: RuleNames): Said {
  const { kind, patterns } = aboutOf(rule);
  const wrong = (word: string, hint: string): never => {
    const said = JSON.stringify((rule as unknown as Record<string, unknown>)[word]);
    throw new SparseError('format', `a rule for ${kind} has ${word}: ${said}`, { hint });
  };
  if (patterns.length === 0 || !patterns.every((pattern) => typeof pattern === 'string'))
    wrong(kind, `write ${kind}: a name, or a list of names, with * for anything`);
  for (const word of Object.keys(rule))
    if (word !== kind && !known[kind].includes(word))
      throw new SparseError('format', `a rule for ${kind} has no word "${word}"`, {
        hint: `the nearest is "${nearest(word, known[kind])}"`,
      });
  const { delay, schedule } = rule;
  if (delay !== undefined && (!Number.isInteger(delay) || delay < 0 || schedule === undefined))
    wrong('delay', 'write a whole number of steps, 0 or more, beside a schedule');
  if ('weights' in rule) {
    const { mask, across, rescale } = rule;
    if (mask !== undefined && mask !== 'fixed' && mask !== 'each-step')
      wrong('mask', "write 'fixed' or 'each-step'");
    if (across !== undefined && across !== 'global' && !allocators.includes(across))
      wrong('across', `write 'global' or an allocator: ${allocators.join(', ')}`);
    if (rescale !== undefined && typeof rescale !== 'boolean')
      wrong('rescale', 'write true or false');
  }
  return readWords(rule, names);
}

/** Whether a name matches one of some patterns, in which `*` stands for anything. */
export function matches(patterns: readonly string[], name: string): boolean {
  return patterns.some((pattern) => {
    const parts = pattern.split('*').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    return new RegExp(`^${parts.join('.*')}$`).test(name);
  });
}

/** The names that a rule catches. Throws `unsupported` where a pattern catches none, with the nearest. */
export function caughtBy(rule: Rule, names: readonly string[]): readonly string[] {
  const { kind, patterns } = aboutOf(rule);
  refuseUnmatched(kind, patterns, names);
  return names.filter((name) => matches(patterns, name));
}

/** Throws `unsupported` where a pattern of a rule catches none of some names, with the nearest. */
export function refuseUnmatched(
  kind: string,
  patterns: readonly string[],
  names: readonly string[],
): void {
  const pattern = patterns.find((one) => !names.some((name) => matches([one], name)));
  if (pattern === undefined) return;
  const near = nearest(pattern, names);
  throw new SparseError('unsupported', `the rule for ${kind} "${pattern}" matches nothing`, {
    detail: { names },
    hint:
      near === undefined
        ? 'there is nothing of that kind'
        : `the nearest name is "${near}"; there are ${names.join(', ')}`,
  });
}
