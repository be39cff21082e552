import { assemble, dense, makeTensor, toDense, withBackward, type Tensor } from '@lacuna/ir';
import { wasm } from '@lacuna/backend-wasm';
import { createEngine, emit, gradients, type Engine } from '@lacuna/engine';
import { crossEntropy, linear, multiply, sum } from '@lacuna/ops';
import { nm } from '@lacuna/layouts';
import { nmMagnitude, wgsef } from '@lacuna/sparsifiers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digits } from '../../../../test/data/digits.ts';
import {
  averageModels,
  cosineRate,
  deploy,
  evaluate,
  fit,
  mlp,
  packed,
  proximal,
  pruneAndGrow,
  randomOf,
  rewired,
  sgd,
  sparsifyModel,
  spp,
  srSte,
  takeSteps,
  Trainer,
  watchMasks,
} from '../index.ts';

let engine: Engine;
beforeAll(async () => (engine = await createEngine(wasm(), { fallback: 'quiet' })));
afterAll(() => engine.dispose());

const { train, test } = digits();
const net = mlp({ sizes: [64, 128, 128, 10], seed: 1 });
const hidden = ['layers.0.weight', 'layers.1.weight'];
const common = { loss: crossEntropy, data: train, batch: 64, rate: cosineRate(0.05) } as const;
const normal = (shape: number[], name: string): Tensor => {
  const random = randomOf(3, name);
  return assemble(
    dense,
    shape,
    Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => random.normal()),
  );
};

describe('SR-STE', () => {
  it('has the gradient g + λ (1 − M) ⊙ W', async () => {
    const [w, c] = [normal([8, 32], 'w'), normal([8, 32], 'c')];
    const decay = 0.002;
    const how = withBackward(nmMagnitude({ n: 1, m: 16 }), { decay });
    const f = engine.compile(
      (x: Tensor) =>
        gradients(sum(multiply(emit(x, { sparsify: how }), c), { axes: [0, 1] }), [x])[0]!,
    );
    const found = await f(engine.put(w)).read();
    const [numbers, slopes] = [toDense(w), toDense(c)];
    const kept = how.keep(numbers, [8, 32]);
    found.forEach((g, at) =>
      expect(g).toBeCloseTo(slopes[at]! + (kept[at] ? 0 : decay * numbers[at]!), 6),
    );
  });

  it('packs to n:m, and the packed network gives what the masked one gave', async () => {
    const model = sparsifyModel(net, [srSte({ weights: hidden[1]!, n: 1, m: 16 })]);
    const { model: after } = await fit({
      ...common,
      engine,
      model,
      epochs: 1,
      optimiser: sgd({ momentum: 0.9 }),
    });
    const small = packed(after);
    const weight = small.parameters[hidden[1]!]!;
    expect(weight.format.layout).toBe(nm);
    expect(weight.stored).toBe((128 * 128) / 16);
    const [a, b] = [deploy(engine, after), deploy(engine, small)];
    const [y, z] = [toDense(await a.run(test.inputs)), toDense(await b.run(test.inputs))];
    y.forEach((v, at) => expect(Math.abs(v - z[at]!)).toBeLessThan(1e-4));
  });

  it('changes its mask less than straight-through does, and the less the greater λ', async () => {
    const totals: number[] = [];
    for (const decay of [0, 2e-3, 1e-2]) {
      const model = sparsifyModel(
        net,
        hidden.map((weights) => srSte({ weights, n: 1, m: 16, decay })),
      );
      const trainer = new Trainer({
        engine,
        model,
        loss: crossEntropy,
        optimiser: sgd({ momentum: 0.9 }),
      });
      const watch = watchMasks(trainer, hidden, { n: 1, m: 16 });
      await takeSteps(trainer, { ...common, epochs: 6, before: watch.look });
      totals.push(Object.values(watch.log).reduce((all, { total }) => all + total, 0));
      trainer.dispose();
    }
    expect(totals[0]).toBeGreaterThan(totals[1]!);
    expect(totals[1]).toBeGreaterThan(totals[2]!);
  });
});

describe('prune and grow', () => {
  it('drops the smallest and grows the steepest, never what it dropped', () => {
    const mask = rewired(
      [5, 1, 3, 0, 0, 0],
      Uint8Array.of(1, 1, 1, 0, 0, 0),
      [9, 9, 9, 1, 3, 2],
      0.4,
    );
    expect([...mask]).toEqual([1, 0, 1, 0, 1, 0]);
  });

  it.each(['csr', 'dense'])(
    'keeps the count, and what is new is zero with moments of zero: %s',
    async (layout) => {
      const rules = [
        {
          weights: 'layers.*.weight',
          sparsifier: 'random(fraction=0.95, seed=1)',
          layout,
          across: 'erk',
        },
      ] as const;
      const model = sparsifyModel(net, rules);
      const trainer = new Trainer({
        engine,
        model,
        loss: crossEntropy,
        optimiser: sgd({ momentum: 0.9 }),
      });
      const grow = pruneAndGrow(trainer, { names: hidden, every: 5 });
      const count = async (name: string): Promise<number> => {
        const mask = await trainer.mask(name);
        return mask
          ? [...toDense(mask)].reduce((a, b) => a + b, 0)
          : (await trainer.parameter(name)).stored;
      };
      for (let step = 0; step < 12; step++) {
        const before = await Promise.all(hidden.map((name) => trainer.parameter(name)));
        const counts = await Promise.all(hidden.map(count));
        await grow({ step, steps: 100, ...train });
        expect(await Promise.all(hidden.map(count))).toEqual(counts);
        if (step % 5 === 0 && step > 0)
          for (const [k, name] of hidden.entries()) {
            const [old, now] = [toDense(before[k]!), toDense(await trainer.parameter(name))];
            const { momentum } = (await trainer.moments())[name]!;
            const moment = toDense(momentum!);
            expect(now.some((x, at) => x === 0 && old[at] !== 0)).toBe(true);
            now.forEach((x, at) => old[at] === 0 && expect([x, moment[at]]).toEqual([0, 0]));
          }
        await trainer.step(train.inputs, train.targets, 0.05);
      }
      trainer.dispose();
    },
  );
});

describe('SPP', () => {
  const sparse = sparsifyModel(net, [
    { weights: 'layers.*.weight', sparsifier: 'magnitude(fraction=0.9)', layout: 'csr' },
  ]);
  const adapted = spp(sparse, { weights: 'layers.1.weight', rank: 4, seed: 1 });

  it('changes nothing at first, and trains r·I + O numbers', async () => {
    const [a, b] = [deploy(engine, sparse), deploy(engine, adapted)];
    expect(toDense(await b.run(test.inputs))).toEqual(toDense(await a.run(test.inputs)));
    const count = Object.values(adapted.parameters).reduce((n, t) => n + t.stored, 0);
    expect(count).toBe(4 * 128 + 128);
    expect(() => spp(net, { weights: 'layers.2.weight', seed: 1 })).toThrow(
      /10 rows, and the rank is 16/,
    );
  });

  it('drops inputs of adapters by chance in training, and never in what is deployed', async () => {
    const some = spp(sparse, { weights: 'layers.1.weight', rank: 4, dropout: 0.5, seed: 1 });
    const parameters = { ...some.parameters, 'layers.1.weight.b': normal([128, 1], 'b') };
    const losses: number[] = [];
    for (const model of [
      { ...adapted, parameters },
      { ...some, parameters },
    ]) {
      const trainer = new Trainer({ engine, model, loss: crossEntropy, optimiser: sgd() });
      for (let k = 0; k < 2; k++) losses.push(await trainer.step(train.inputs, train.targets, 0));
      trainer.dispose();
    }
    expect(losses[1]).toBe(losses[0]);
    expect(losses[2]).not.toBe(losses[0]);
    expect(losses[3]).not.toBe(losses[2]);
    const [a, b] = [adapted, some].map((model) => deploy(engine, { ...model, parameters }));
    expect(toDense(await b!.run(test.inputs))).toEqual(toDense(await a!.run(test.inputs)));
  });

  it('merges into the places that were there, and gives the same outputs', async () => {
    const adapters = { ...adapted.parameters, 'layers.1.weight.b': normal([128, 1], 'b') };
    const merged = await adapted.merged(engine, adapters);
    const weight = merged.parameters['layers.1.weight']!;
    expect(weight.pattern).toBe(sparse.parameters['layers.1.weight']!.pattern);
    const [a, b] = [deploy(engine, merged), deploy(engine, { ...adapted, parameters: adapters })];
    const [y, z] = [toDense(await a.run(test.inputs)), toDense(await b.run(test.inputs))];
    y.forEach((v, at) => expect(Math.abs(v - z[at]!)).toBeLessThan(1e-4 * (1 + Math.abs(v))));
  });

  it('has the gradients of its formula, by differences', async () => {
    const w = assemble(dense, [4, 3], [1, 0, 2, 0, 3, 0, 1, 1, 0, 0, 0, 2]);
    const one = sparsifyModel({ parameters: { w }, forward: (p, x) => linear(x, p['w']) }, [
      { weights: 'w', sparsifier: 'keep', layout: 'csr' },
    ]);
    const small = spp(one, { weights: 'w', rank: 2, seed: 2 });
    const parameters = { ...small.parameters, 'w.b': normal([4, 1], 'b') };
    const data = { inputs: normal([5, 3], 'x'), targets: assemble(dense, [5], [0, 1, 2, 3, 0]) };
    const trainer = new Trainer({
      engine,
      model: { ...small, parameters },
      loss: crossEntropy,
      optimiser: sgd(),
    });
    const found = await trainer.gradients(data.inputs, data.targets);
    for (const [name, value] of Object.entries(parameters)) {
      const slope = toDense(found[name]!);
      for (let at = 0; at < value.stored; at++) {
        const [up, down] = await Promise.all(
          [1e-2, -1e-2].map(async (by) => {
            const moved = toDense(value);
            moved[at]! += by;
            const other = { ...parameters, [name]: makeTensor(value.pattern, 'float32', moved) };
            const at1 = new Trainer({
              engine,
              model: { ...small, parameters: other },
              loss: crossEntropy,
              optimiser: sgd(),
            });
            return at1.step(data.inputs, data.targets, 0);
          }),
        );
        expect((up! - down!) / 2e-2).toBeCloseTo(slope[at]!, 2);
      }
    }
  });

  it('tunes a network that was pruned to a tenth at once: 15 points and more', async () => {
    const { model: trained } = await fit({
      ...common,
      engine,
      model: net,
      epochs: 10,
      optimiser: sgd({ momentum: 0.9 }),
    });
    const pruned = sparsifyModel(trained, [
      { weights: 'layers.*.weight', sparsifier: 'magnitude(fraction=0.9)', layout: 'csr' },
    ]);
    const before = await evaluate(engine, pruned, test);
    const tuned = await fit({
      ...common,
      engine,
      model: spp(pruned, { weights: hidden[0]!.replace('0', '*'), rank: 2, seed: 1 }),
      epochs: 10,
      optimiser: sgd({ momentum: 0.9 }),
    });
    const after = await evaluate(engine, tuned.model, test);
    expect(after).toBeGreaterThan(before + 0.15);
  });
});

describe('soups', () => {
  it.each(['csr', 'dense'])(
    'of copies of one pruned model keep its places, and are refused otherwise: %s',
    async (layout) => {
      const rule = { weights: hidden, sparsifier: 'magnitude(fraction=0.9)', layout };
      const model = sparsifyModel(net, [rule]);
      const options = { ...common, engine, model, epochs: 1, optimiser: sgd({ momentum: 0.9 }) };
      const [a, b] = [await fit({ ...options, seed: 1 }), await fit({ ...options, seed: 2 })];
      const soup = averageModels([a.model, b.model]);
      const [x, y, z] = [a.model, b.model, soup].map(({ parameters }) =>
        toDense(parameters[hidden[0]!]!),
      );
      z!.forEach((v, at) => expect(v).toBeCloseTo((x![at]! + y![at]!) / 2, 6));
      expect(z!.filter((v) => v !== 0).length).toBeLessThanOrEqual(820);
      const other = sparsifyModel(net, [{ ...rule, sparsifier: 'random(fraction=0.9, seed=1)' }]);
      expect(() => averageModels([a.model, other])).toThrow(/different (places|masks)/);
    },
  );
});

describe('proximal training', () => {
  it('with the sparse envelope leaves no more than k neurons of a layer', async () => {
    const trainer = new Trainer({
      engine,
      model: net,
      loss: crossEntropy,
      optimiser: sgd({ momentum: 0.9 }),
    });
    const after = proximal(trainer, {
      names: [hidden[0]!],
      prox: wgsef({ k: 32, per: 'row' }),
      weight: () => 0.05,
    });
    await takeSteps(trainer, { ...common, epochs: 5, after });
    const weight = toDense(await trainer.parameter(hidden[0]!));
    const alive = Array.from({ length: 128 }, (_, row) =>
      weight.slice(row * 64, row * 64 + 64).some((x) => x !== 0),
    );
    expect(alive.filter(Boolean).length).toBeLessThan(64);
    expect(alive.filter(Boolean).length).toBeGreaterThan(8);
    trainer.dispose();
  });
});
