// Rules: the four words, text and back, and what is refused.
import { toDense } from '@lacuna/ir';
import { csr } from '@lacuna/layouts';
import { magnitude, threshold } from '@lacuna/sparsifiers';
import { expect, test } from 'vitest';
import { mlp } from './mlp.js';
import { readRules, writeRules } from './ruletext.js';
import type { Rule } from './rules.js';
import { sparsifyModel } from './sparsify.js';

const model = mlp({ sizes: [8, 6, 4], seed: 1 });
const four: Rule = {
  weights: 'layers.0.weight',
  inline: threshold({ value: 0.2 }),
  temporary: csr,
  external: magnitude({ count: 5 }),
  layout: csr,
};

test('a rule takes the four words: the external sparsifier sees what the inline one left', () => {
  const before = toDense(model.parameters['layers.0.weight']!);
  const [rule] = readRules(writeRules([four]));
  for (const same of [four, rule!]) {
    const made = sparsifyModel(model, [same]);
    const weight = made.parameters['layers.0.weight']!;
    expect(weight.format.layout).toBe(csr);
    const sizes = [...before].map(Math.abs).filter((x) => x >= 0.2);
    const least = sizes.sort((a, b) => b - a)[Math.min(5, sizes.length) - 1]!;
    toDense(weight).forEach((x, at) => {
      expect(x).toBe(Math.abs(before[at]!) >= least ? before[at] : 0);
    });
    expect(made.explain()).toBe(
      'threshold(value=0.2) -> magnitude(count=5) -> csr: weights layers.0.weight',
    );
  }
});

test('explain names what each rule caught', () => {
  const rules: Rule[] = [
    { intermediates: 'hidden*', inline: 'threshold(value=0.1)', layout: 'csr' },
    { gradients: 'layers.*.weight', external: 'magnitude(fraction=0.5)' },
  ];
  expect(sparsifyModel(model, rules).explain()).toBe(
    'threshold(value=0.1) -> csr: values hidden0\n' +
      'magnitude(fraction=0.5): gradients of layers.0.weight, layers.1.weight',
  );
  expect(readRules(writeRules(rules))).toEqual(rules);
});

test.each([
  [{ weights: '*' }, /does not say what is kept; write \{ sparsifier, layout \}, or the words/],
  [
    { weights: '*', sparsifier: 'keep', inline: 'keep' },
    /sparsifier and a word that it stands for/,
  ],
  [
    { weights: '*', inline: 'magnitude(fraction=0.5)' },
    /is materialising, and an inline .* write external: 'magnitude\(fraction=0.5\)'/,
  ],
  [{ weights: '*', sparsifer: 'keep' }, /has no word "sparsifer"; the nearest is "sparsifier"/],
  [
    { weights: '*', sparsifier: 'keep', layout: 'crs' },
    /no layout is called "crs"; did you mean csr/,
  ],
  [
    { weights: '*', sparsifier: 'keep', schedule: 'cubic(from=0.9, to=0.5, end=10)' },
    /goes backwards, from 0.9 to 0.5/,
  ],
])('a rule that is wrong is refused with what to write: %j', (rule, said) => {
  expect(() => readRules(JSON.stringify([rule]))).toThrow(said);
});

test('text that is no list of rules is refused', () => {
  expect(() => readRules('{')).toThrow(/no JSON/);
  expect(() => readRules('{"weights":"*"}')).toThrow(/no list of rules; write \[\{ "weights"/);
});
