// Rules as text: JSON beside the weights, with sparsifiers, layouts and schedules as they print.
import { formatOf, printFormat, SparseError, type FormatLike } from '@lacuna/ir';
import { readRule, type Rule } from './rules.js';
import type { RuleNames } from './words.js';

/**
 * Rules as JSON, which {@link readRules} reads.
 *
 * @example
 * ```ts
 * import { csr } from '@lacuna/layouts';
 * import { cubic, magnitude } from '@lacuna/sparsifiers';
 * import { readRules, writeRules } from '@lacuna/train';
 * const text = writeRules([
 *   { weights: '*', sparsifier: magnitude({ fraction: 0.5 }), layout: csr },
 *   { gradients: '*', sparsifier: magnitude({ fraction: 0 }), schedule: cubic({ to: 0.9, end: 100 }) },
 * ]);
 * readRules(text)[0]; // { weights: '*', sparsifier: 'magnitude(fraction=0.5)', layout: 'csr' }
 * readRules(text)[1]; // { gradients: '*', sparsifier: 'magnitude(fraction=0)', schedule: 'cubic(to=0.9, end=100)' }
 * ```
 */
export function writeRules(rules: readonly Rule[]): string {
  const plain = (value: unknown): unknown => {
    if (typeof value === 'function' || isFormat(value))
      return printFormat(formatOf(value as FormatLike));
    const prints = typeof value === 'object' && value !== null && 'print' in value;
    return prints ? (value as { print: () => string }).print() : value;
  };
  return JSON.stringify(
    rules.map((rule) =>
      Object.fromEntries(Object.entries(rule).map(([word, value]) => [word, plain(value)])),
    ),
  );
}

const isFormat = (x: unknown): boolean => typeof x === 'object' && x !== null && 'layout' in x;

/**
 * Rules from JSON, each checked: words, sparsifiers, layouts, schedules. `names` holds those of one's own.
 *
 * @throws SparseError `format` for what is no list of rules, or a word that no such rule has; whatever parsing throws.
 */
export function readRules(text: string, names?: RuleNames): readonly Rule[] {
  let rules: unknown;
  try {
    rules = JSON.parse(text);
  } catch (cause) {
    throw new SparseError('format', 'the text of rules is no JSON', { cause });
  }
  if (!Array.isArray(rules) || !rules.every((rule) => typeof rule === 'object' && rule !== null))
    throw new SparseError('format', 'the text is no list of rules', {
      hint: 'write [{ "weights": "*", "sparsifier": "magnitude(fraction=0.9)", "layout": "csr" }]',
    });
  for (const rule of rules as readonly Rule[]) readRule(rule, names);
  return rules as readonly Rule[];
}
