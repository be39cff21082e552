// Rules: the four words, text and back, and what is refused.
import { toDense, type Sparsifier } from '@lacuna/ir';
import { csr } from '@lacuna/layouts';
import {
  customSchedule,
  magnitude,
  scored,
  stepwise,
  threshold,
  type ParsedParams,
} from '@lacuna/sparsifiers';
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
      'threshold(value=0.2) -> csr -> magnitude(count=5) -> csr: weights layers.0.weight',
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

test('rules of every kind take every word, go through JSON, and explain themselves', () => {
  const words = {
    inline: threshold({ value: 0.1 }),
    temporary: csr,
    external: magnitude({ fraction: 0 }),
    layout: csr,
    schedule: stepwise([
      [10, 0.5],
      [20, 0.9],
    ]),
    delay: 3,
  };
  const rules: Rule[] = [
    { weights: ['layers.0.weight', 'layers.1.w*'], ...words, across: 'erk' },
    { intermediates: ['hidden*'], ...words },
    { gradients: ['hidden*', 'layers.*.weight'], ...words },
  ];
  const text = writeRules(rules);
  expect(writeRules(readRules(text))).toBe(text);
  const said =
    'threshold(value=0.1) -> csr -> magnitude(fraction=0) -> csr by ' +
    'layerWise(stepwise(10: 0.5, 20: 0.9), delay=3, places=';
  for (const same of [rules, readRules(text)])
    expect(sparsifyModel(model, same).explain()).toBe(
      `${said}2) across erk: weights layers.0.weight, layers.1.weight\n` +
        `${said}1): values hidden0\n` +
        `${said}3): gradients of hidden0, layers.0.weight, layers.1.weight`,
    );
});

test('what a rule cannot do with a weight says which', () => {
  const csrBias: Rule = { weights: 'layers.1.*', sparsifier: 'keep', layout: 'csr' };
  expect(() => sparsifyModel(model, [csrBias])).toThrow(
    'the weight layers.1.bias: layout csr is for 2 dimensions, and the shape is [4]; reshape',
  );
});

test('rules name layouts, sparsifiers and schedules of one’s own', () => {
  const linear = customSchedule({ name: 'linear', end: 10, at: (step) => step / 20 });
  const least = (fraction: number): Sparsifier =>
    scored({ name: 'least', fraction, score: ({ weight }) => -Math.abs(weight) });
  const rules: Rule[] = [
    { weights: '*.weight', sparsifier: least(0), layout: csr, schedule: linear },
  ];
  const text = writeRules(rules);
  expect(() => readRules(text)).toThrow(/no sparsifier is called "least"/);
  const names = {
    layouts: [csr],
    sparsifiers: { least: (p: ParsedParams) => least(p.number('fraction')) },
    schedules: { linear: () => linear },
  };
  const made = [rules, readRules(text, names)].map((same) =>
    sparsifyModel(model, same, names).explain(),
  );
  expect(made[0]).toBe(made[1]);
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
  [
    { intermediates: '*', sparsifier: 'keep', schedule: 'oneShot(fraction=0.5)' },
    /keep has no fraction for oneShot\(fraction=0.5, at=0\) to set; write a sparsifier with/,
  ],
  [{ gradients: '*', sparsifier: 'keep', mask: 'fixed' }, /rule for gradients has no word "mask"/],
  [{ weights: 7, sparsifier: 'keep' }, /has weights: 7; write weights: a name, or a list of names/],
  [{ weights: '*', sparsifier: 'keep', delay: 2 }, /has delay: 2; write .* beside a schedule/],
  [
    { weights: '*', sparsifier: 'keep', mask: 'each' },
    /mask: "each"; write 'fixed' or 'each-step'/,
  ],
  [{ weights: '*', sparsifier: 'keep', across: 'erq' }, /across: "erq"; .* uniform, er, erk/],
  [{ weights: '*', sparsifier: 'keep', rescale: 1 }, /rescale: 1; write true or false/],
  [{ sparsifier: 'keep' }, /says nothing it is about/],
])('a rule that is wrong is refused with what to write: %j', (rule, said) => {
  expect(() => readRules(JSON.stringify([rule]))).toThrow(said);
});

test('text that is no list of rules is refused', () => {
  expect(() => readRules('{')).toThrow(/no JSON/);
  expect(() => readRules('{"weights":"*"}')).toThrow(/no list of rules; write \[\{ "weights"/);
});
