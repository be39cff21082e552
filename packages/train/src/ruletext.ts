// Rules as text: JSON beside the weights, with sparsifiers, layouts and schedules as they print.
import {
  formatOf,
  nearest,
  printFormat,
  SparseError,
  type FormatLike,
  type Layout,
} from '@lacuna/ir';
import { aboutOf, layoutOf, scheduleOf, type Rule } from './rules.js';
import { sparsifierOfWords } from './words.js';

const shared = ['sparsifier', 'inline', 'temporary', 'external', 'layout'];
const known = {
  weights: [...shared, 'schedule', 'delay', 'mask', 'across', 'rescale'],
  intermediates: shared,
  gradients: ['sparsifier', 'inline', 'external'],
};

/**
 * Rules as JSON, which {@link readRules} reads.
 *
 * @example
 * ```ts
 * import { csr } from '@lacuna/layouts';
 * import { magnitude } from '@lacuna/sparsifiers';
 * import { readRules, writeRules } from '@lacuna/train';
 * const text = writeRules([{ weights: '*', sparsifier: magnitude({ fraction: 0.5 }), layout: csr }]);
 * readRules(text); // [{ weights: '*', sparsifier: 'magnitude(fraction=0.5)', layout: 'csr' }]
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
 * Rules from JSON, each checked: words, sparsifiers, layouts, schedules.
 *
 * @throws SparseError `format` for what is no list of rules, or a word that no such rule has; whatever parsing throws.
 */
export function readRules(text: string, layouts?: readonly Layout[]): readonly Rule[] {
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
  for (const rule of rules as readonly Rule[]) {
    const { kind } = aboutOf(rule);
    for (const word of Object.keys(rule)) {
      if (word === kind || known[kind].includes(word)) continue;
      throw new SparseError('format', `a rule for ${kind} has no word "${word}"`, {
        hint: `the nearest is "${nearest(word, known[kind])}"`,
      });
    }
    sparsifierOfWords(rule);
    if ('temporary' in rule) layoutOf(rule.temporary, layouts);
    if ('layout' in rule) layoutOf(rule.layout, layouts);
    if ('schedule' in rule && rule.schedule !== undefined) scheduleOf(rule.schedule);
  }
  return rules as readonly Rule[];
}
