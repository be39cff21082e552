// The words of rules in training: each acts where it stands, at the step that its schedule says.
import { wasm } from '@lacuna/backend-wasm';
import { createEngine, type Engine } from '@lacuna/engine';
import { assemble, dense, SparseError, toDense, type Tensor } from '@lacuna/ir';
import { csr } from '@lacuna/layouts';
import { crossEntropy } from '@lacuna/ops';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adam } from './adam.js';
import { mlp } from './mlp.js';
import type { Model } from './model.js';
import { randomOf } from './random.js';
import type { Rule } from './rules.js';
import { sgd } from './sgd.js';
import { packed, sparsifyModel } from './sparsify.js';
import { Trainer } from './trainer.js';

const random = randomOf(1, 'words');
const inputs = assemble(
  dense,
  [6, 8],
  Array.from({ length: 48 }, () => random.normal()),
);
const targets = assemble(dense, [6], [0, 1, 2, 3, 0, 1]);
const net = mlp({ sizes: [8, 16, 16, 4], seed: 1 });

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine(wasm());
});
afterAll(() => engine.dispose());

/** A model after some steps, with what its plans said. */
async function trained<M extends Model>(
  model: M,
  steps: number,
  from = 0,
): Promise<{ model: M; said: string; output: Tensor }> {
  using trainer = new Trainer({
    engine,
    model,
    loss: crossEntropy,
    optimiser: sgd(),
    step: from,
  });
  while (trainer.steps < steps) await trainer.step(inputs, targets, 0.1);
  return {
    model: await trainer.model(),
    said: trainer.explain(),
    output: await trainer.predict(inputs),
  };
}
const numbersOf = ({ parameters }: Model): Record<string, Float32Array> =>
  Object.fromEntries(
    Object.entries(parameters).map(([name, t]) => [name, Float32Array.from(toDense(t))]),
  );
const bare = (model: Model): Model => {
  const { sparsity: _, ...rest } = model;
  return rest;
};

describe('a schedule', () => {
  const about = [
    ['values', { intermediates: 'hidden*' }],
    ['gradients of values', { gradients: 'hidden*' }],
    ['gradients of weights', { gradients: 'layers.*.weight' }],
  ] as const;
  it.each(about)('on %s acts from its step on', async (_, what) => {
    const how = (fraction: number): Rule => ({
      ...what,
      sparsifier: `magnitude(fraction=${fraction})`,
    });
    const schedule = 'stepwise(2: 0.5, 4: 0.75)';
    const whole = await trained(sparsifyModel(net, [{ ...how(0), schedule }]), 6);
    let part: Model = net;
    for (const [k, fraction] of [0, 0.5, 0.75].entries())
      part = (await trained(sparsifyModel(bare(part), [how(fraction)]), 2 * k + 2, 2 * k)).model;
    expect(numbersOf(whole.model)).toEqual(numbersOf(part));
    expect(whole.said).toContain('magnitude(fraction=0.75)');
    const constant = await trained(sparsifyModel(net, [how(0)]), 6);
    expect(numbersOf(whole.model)).not.toEqual(numbersOf(constant.model));
  });
  it('goes by the order in which a model names its values, where there is a delay', async () => {
    const rule = {
      intermediates: 'hidden*',
      sparsifier: 'magnitude(fraction=0)',
      schedule: 'oneShot(fraction=0.5, at=1)',
    };
    const delayed = await trained(sparsifyModel(net, [{ ...rule, delay: 2 }]), 3);
    const first = await trained(sparsifyModel(net, [{ ...rule, intermediates: 'hidden0' }]), 3);
    expect(numbersOf(delayed.model)).toEqual(numbersOf(first.model));
    const { values: _, ...unsaid } = net;
    expect(() => sparsifyModel(unsaid, [{ ...rule, delay: 2 }])).toThrow(
      /has a delay, and what it catches is not known yet; write .*values: \['hidden0', …\]/,
    );
  });
  it.each(['fixed', 'each-step'] as const)(
    'goes over n:m, and the layout follows: %s',
    async (mask) => {
      const model = sparsifyModel(net, [
        {
          weights: 'layers.1.weight',
          sparsifier: 'nmMagnitude(n=1, m=2)',
          layout: 'nm(1,2)',
          schedule: 'stepwise(0: 1:2, 2: 1:4, 4: 1:8)',
          mask,
        },
      ]);
      using trainer = new Trainer({ engine, model, loss: crossEntropy, optimiser: adam() });
      const stored: string[] = [];
      const zeros: number[] = [];
      for (let step = 0; step < 6; step++) {
        await trainer.step(inputs, targets, 0.1);
        const weight = await trainer.parameter('layers.1.weight');
        stored.push(weight.toString());
        zeros.push(toDense(weight).filter((x) => x === 0).length);
        const { 'layers.1.weight': moments } = await trainer.moments();
        for (const moment of Object.values(moments!)) expect(moment.stored).toBe(weight.stored);
      }
      const after = packed(await trainer.model()).parameters['layers.1.weight']!;
      expect(after.toString()).toBe('nm(1,8) [16, 16] float32, 32 stored');
      if (mask === 'each-step')
        return expect(new Set(stored)).toEqual(new Set(['dense [16, 16] float32, 256 stored']));
      expect(stored).toEqual(
        [2, 2, 4, 4, 8, 8].map((m) => `nm(1,${m}) [16, 16] float32, ${256 / m} stored`),
      );
      expect(zeros).toEqual([128, 128, 192, 192, 224, 224]);
    },
  );
});

describe('the temporary layout', () => {
  const rule = { weights: 'layers.1.weight', layout: 'csr' };
  it('holds what the inline sparsifier keeps, or says that it cannot', () => {
    const words = { inline: 'threshold(value=0.1)', external: 'magnitude(count=9)' };
    const plain = sparsifyModel(net, [{ ...rule, ...words }]);
    const held = sparsifyModel(net, [{ ...rule, ...words, temporary: 'csr' }]);
    expect(numbersOf(held)).toEqual(numbersOf(plain));
    const wrong: Rule = { ...rule, ...words, temporary: 'nm(1,16)' };
    expect(() => sparsifyModel(net, [wrong])).toThrow(SparseError);
    expect(() => sparsifyModel(net, [wrong])).toThrow(
      /what threshold\(value=0.1\) keeps does not fit nm\(1,16\)/,
    );
  });
  it('decides what the external one sees, where one budget is spent across weights', () => {
    const words = { inline: 'threshold(value=0.3)', external: 'magnitude(fraction=0.5)' };
    const all: Rule = { weights: 'layers.*.weight', ...words, layout: 'csr', across: 'global' };
    const [plain, held] = [all, { ...all, temporary: 'csr' }].map((r) => sparsifyModel(net, [r]));
    expect(numbersOf(held!)).toEqual(numbersOf(plain!));
  });
});

describe('gradients', () => {
  it.each([
    ['of a value', { gradients: 'hidden1' }],
    ['of a dense weight', { gradients: 'layers.1.weight' }],
    ['of a sparse weight', { gradients: 'layers.0.weight' }],
  ])('%s take the four words', async (_, what) => {
    const model = sparsifyModel(net, [
      { weights: 'layers.0.weight', sparsifier: 'magnitude(fraction=0.5)', layout: csr },
    ]);
    const words = { inline: 'threshold(value=0.0001)', external: 'magnitude(fraction=0.5)' };
    const plain = await trained(sparsifyModel(model, [{ ...what, ...words }]), 3);
    const stored = await trained(
      sparsifyModel(model, [{ ...what, ...words, temporary: 'csr', layout: 'csr' }]),
      3,
    );
    expect(numbersOf(stored.model)).toEqual(numbersOf(plain.model));
    expect(stored.said).toContain('emits threshold(value=0.0001) -> dense -> keep -> dense');
    expect(stored.said).toMatch(
      /emits keep -> \[?csr\]? -> magnitude\(fraction=0.5\) -> \[?csr\]?/,
    );
  });
});
