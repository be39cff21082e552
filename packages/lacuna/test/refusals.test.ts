// What bad input gets: each an error with a code, what was asked, and what to write instead; and after it everything
// is as it was.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  adam,
  add,
  argmax,
  assemble,
  createEngine,
  crossEntropy,
  csr,
  customSchedule,
  dense,
  gradients,
  linear,
  magnitude,
  makeTensor,
  mlp,
  multiply,
  parseSchedule,
  productOf,
  relu,
  scored,
  sgd,
  SparseError,
  sparseSoftmax,
  sparsifyModel,
  stepwise,
  sum,
  toDense,
  topIndices,
  Trainer,
  valueArray,
  wasm,
  type Engine,
  type Model,
  type Rule,
  type Sparsifier,
  type Tensor,
} from '../src/index.js';

let engine: Engine;
let other: Engine;
beforeAll(async () => {
  [engine, other] = [await createEngine(wasm()), await createEngine(wasm())];
});
afterAll(() => {
  engine.dispose();
  other.dispose();
});

const model = mlp({ sizes: [8, 16, 16, 4], seed: 1 });
const x = assemble(
  dense,
  [6, 8],
  Array.from({ length: 48 }, (_, at) => Math.sin(at)),
);
const targets = assemble(dense, [6], [0, 1, 2, 3, 0, 1]);
const trainerOf = <M extends Model>(of: M): Trainer<M> =>
  new Trainer({ engine, model: of, loss: crossEntropy, optimiser: adam() });

/** What an error says. Anything but an error of ours fails. */
async function refusal(run: () => unknown): Promise<{ code: string; said: string; hint: string }> {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof SparseError)) throw error;
    const { code, hint = '', message } = error;
    return { code, said: message.slice(0, -`; ${hint}`.length), hint };
  }
  throw new Error('nothing was refused');
}

describe('a gradient that does not exist', () => {
  const slope = (f: (a: Tensor) => Tensor): (() => unknown) => {
    const compiled = engine.compile((a) => gradients(sum(f(a)), [a])[0]!);
    return () => compiled(engine.tensor([1, 3, 2], [1, 3]));
  };
  it.each([
    [(a: Tensor) => argmax(a), /^argmax has no gradient: /],
    [(a: Tensor) => topIndices(a, { k: 2 }), /^topIndices has no gradient: /],
  ])('names the op and why', async (f, said) => {
    expect(await refusal(slope(f))).toEqual({
      code: 'unsupported',
      said: expect.stringMatching(said),
      hint: 'take the gradient of something that does not pass through it',
    });
  });
  it('of more than one number says what to take first', async () => {
    const f = engine.compile((a) => gradients(multiply(a, a), [a])[0]!);
    expect(await refusal(() => f(engine.tensor([1, 2], [2])))).toEqual({
      code: 'shape',
      said: 'the gradient of a value of shape [2] was asked for',
      hint: 'take the mean or the sum of it first',
    });
  });
  it('outside a compiled function says where to ask', async () => {
    const a = engine.tensor([1], []);
    expect(await refusal(() => gradients(a, [a]))).toEqual({
      code: 'home',
      said: 'gradients was called outside a traced function',
      hint: 'call it inside the function that you give to engine.compile',
    });
  });
});

describe('a rule that matches nothing', () => {
  it.each([
    [{ weights: 'layer.*.weight' }, 'weights "layer.*.weight"', 'layers.0.weight'],
    [{ intermediates: 'hiden*' }, 'intermediates "hiden*"', 'hidden0'],
    [
      { gradients: ['hidden*', 'layers.9.weight'] },
      'gradients "layers.9.weight"',
      'layers.0.weight',
    ],
  ])('names the nearest: %j', async (about, what, near) => {
    const rule = { ...about, sparsifier: 'magnitude(fraction=0.5)' } as Rule;
    const { code, said, hint } = await refusal(() => sparsifyModel(model, [rule]));
    expect([code, said]).toEqual(['unsupported', `the rule for ${what} matches nothing`]);
    expect(hint).toMatch(new RegExp(`^the nearest name is "${near}"; there are `));
  });
  it.each(['intermediates', 'gradients'])(
    'is found in the first step where a model does not say its values: %s',
    async (kind) => {
      const { values: _, ...unsaid } = model;
      const rule = { [kind]: 'hiden*', sparsifier: 'magnitude(fraction=0.5)' } as unknown as Rule;
      using trainer = trainerOf(sparsifyModel(unsaid, [rule]));
      const before = await numbersOf(trainer);
      expect((await refusal(() => trainer.step(x, targets, 0.1))).hint).toMatch(/"hidden0"/);
      expect(await numbersOf(trainer)).toEqual(before);
    },
  );
  it('and two rules for one weight name both', async () => {
    const rules: Rule[] = [
      { weights: '*.weight', sparsifier: 'keep' },
      { weights: 'layers.1.*', sparsifier: 'keep' },
    ];
    expect(await refusal(() => sparsifyModel(model, rules))).toEqual({
      code: 'unsupported',
      said: 'two rules are for the weight layers.1.weight',
      hint: 'write patterns that do not meet',
    });
  });
});

describe('two homes', () => {
  const two = {
    code: 'home',
    said: expect.stringContaining('two engines'),
    hint: 'copy one with engine.put(await other.get(tensor))',
  };
  it('are named, eagerly and in a compiled function', async () => {
    const [a, b] = [engine.tensor([1], [1]), other.tensor([2], [1])];
    expect(await refusal(() => add(a, b))).toEqual(two);
    const f = engine.compile((c) => add(c, b));
    expect(await refusal(() => f(a))).toEqual(two);
    const g = engine.compile((c) => relu(c));
    expect(await refusal(() => g(b))).toEqual(two);
  });
  it('are named where a model in training uses a tensor of another engine', async () => {
    const scale = other.tensor([2], []);
    const mixed: Model = {
      ...model,
      forward: (w, input, pass) => multiply(model.forward(w, input, pass), scale),
    };
    using trainer = trainerOf(mixed);
    const before = await numbersOf(trainer);
    expect(await refusal(() => trainer.step(x, targets, 0.1))).toEqual(two);
    expect(await numbersOf(trainer)).toEqual(before);
  });
});

describe('a composition that cannot be expanded', () => {
  it('says to write it out first', async () => {
    const [l, r] = [engine.tensor([1, 2], [2, 1]), engine.tensor([3, 4], [1, 2])];
    const w = productOf(l, r);
    expect(await refusal(() => sparseSoftmax(w))).toEqual({
      code: 'unsupported',
      said: 'sparseSoftmax reads which entries are stored, and was given a composition, which stores none',
      hint: 'write it out first: engine.put(convert(writtenOut(w), csr))',
    });
    expect(await refusal(() => productOf(r, r))).toEqual({
      code: 'shape',
      said: expect.stringMatching(/^a product of .* was composed$/),
      hint: 'give it matrices, each with as many rows as the one before has columns',
    });
  });
});

describe('a schedule that goes backwards', () => {
  const hint =
    'write fractions and steps that do not fall; let weights return by prune-and-grow instead';
  it.each([
    [
      () => parseSchedule('cubic(from=0.9, to=0.5, end=9)'),
      'cubic goes backwards, from 0.9 to 0.5',
    ],
    [
      () => parseSchedule('stepwise(0: 1:4, 9: 1:2)'),
      'stepwise goes backwards, from 0: 1:4 to 9: 1:2',
    ],
    [
      () =>
        stepwise([
          [9, 0.5],
          [3, 0.9],
        ]),
      'stepwise goes backwards, from 9: 0.5 to 3: 0.9',
    ],
    [
      () => customSchedule({ name: 'mine', end: 3, at: (step) => 0.5 - step / 10 }),
      'mine goes backwards, from 0.5 to 0.4 at step 1',
    ],
  ])('%#', async (make, said) => {
    expect(await refusal(make)).toEqual({
      code: 'unsupported',
      said: `the schedule ${said}`,
      hint,
    });
  });
});

it('an optimiser’s state of another pattern says how to carry it over', async () => {
  const [one, two] = ['0.5', '0.6'].map((fraction) =>
    sparsifyModel(model, [
      { weights: 'layers.1.weight', sparsifier: `magnitude(fraction=${fraction})`, layout: csr },
    ]),
  );
  const { pattern, stored } = two!.parameters['layers.1.weight']!;
  const momentum = makeTensor(pattern, 'float32', valueArray('float32', stored));
  const make = (): unknown =>
    new Trainer({
      engine,
      model: one!,
      loss: crossEntropy,
      optimiser: sgd({ momentum: 0.9 }),
      moments: { 'layers.1.weight': { momentum } },
    });
  expect(await refusal(make)).toEqual({
    code: 'format',
    said: expect.stringMatching(/^the momentum of layers.1.weight is stored at other places/),
    hint: 'carry it over with restricted(moment, weight.pattern)',
  });
});

describe('a step that fails leaves parameters, masks and moments as they were', () => {
  const nan = assemble(dense, [6, 8], new Float32Array(48).fill(NaN));
  const failing = scored({
    name: 'failing',
    fraction: 0.5,
    score: ({ weight }) => (weight > 0 ? NaN : weight),
  });
  const sure: Sparsifier = {
    ...magnitude({ fraction: 0 }),
    at: (f: number) => (f > 0 ? failing : sure),
  };
  const at1 = { schedule: 'oneShot(fraction=0.5, at=1)' };
  it.each<[string, readonly Rule[], Tensor, RegExp, string]>([
    ['a loss that is not finite', [], nan, /is NaN, and nothing was assigned/, 'unsupported'],
    [
      'after its schedule pruned',
      [{ weights: 'layers.*.weight', sparsifier: 'magnitude(fraction=0)', layout: csr, ...at1 }],
      nan,
      /is NaN/,
      'unsupported',
    ],
    [
      'a sparsifier that fails when its schedule prunes',
      [{ weights: 'layers.1.weight', sparsifier: sure, ...at1 }],
      x,
      /scores the number at/,
      'unsupported',
    ],
    [
      'a sparsifier that fails on a value',
      [{ intermediates: 'hidden0', sparsifier: failing }],
      x,
      /failing scores the number at/,
      'unsupported',
    ],
    [
      'a sparsifier that fails on a gradient',
      [{ gradients: 'layers.1.weight', sparsifier: failing }],
      x,
      /failing scores the number at/,
      'unsupported',
    ],
    [
      'a layout that cannot hold what is kept of a value',
      [{ intermediates: 'hidden0', sparsifier: 'magnitude(fraction=0.1)', layout: 'nm(1,8)' }],
      x,
      /nm\(1,8\)/,
      'lossy',
    ],
  ])('%s', async (_, rules, inputs, said, code) => {
    using trainer = trainerOf(sparsifyModel(model, rules));
    if (rules.some((rule) => rule.schedule)) await trainer.step(x, targets, 0.1);
    const before = await numbersOf(trainer);
    const refused = await refusal(() => trainer.step(inputs, targets, 0.1));
    expect(refused.code).toBe(code);
    expect(refused.said).toMatch(said);
    expect(refused.hint).not.toBe('');
    expect(await numbersOf(trainer)).toEqual(before);
  });
});

/** All that a trainer holds, number by number. */
async function numbersOf(trainer: Trainer): Promise<unknown> {
  const { parameters, sparsity } = await trainer.model();
  const moments = Object.values(await trainer.moments()).flatMap((kinds) => Object.values(kinds));
  const all = [...Object.values(parameters), ...Object.values(sparsity?.masks ?? {}), ...moments];
  return [trainer.steps, ...all.map((t) => [t.stored, ...toDense(t)])];
}

it('names the weight that a layout is not for', async () => {
  const rule: Rule = { weights: 'layers.0.bias', sparsifier: 'keep', layout: csr };
  const { code, said } = await refusal(() => sparsifyModel(model, [rule]));
  expect(code).toBe('shape');
  expect(said).toBe(
    'the weight layers.0.bias: layout csr is for 2 dimensions, and the shape is [16]',
  );
});

it('a weight of another shape says what linear was given', async () => {
  const wrong: Model = { ...model, forward: (w, input) => linear(input, w['layers.1.weight']) };
  using trainer = trainerOf(wrong);
  const { code, said } = await refusal(() => trainer.step(x, targets, 0.1));
  expect(code).toBe('shape');
  expect(said).toMatch(/linear/);
});
