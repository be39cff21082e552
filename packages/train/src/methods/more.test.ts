import { toDense, withBackward } from '@lacuna/ir';
import { wasm } from '@lacuna/backend-wasm';
import { createEngine, type Engine } from '@lacuna/engine';
import { crossEntropy } from '@lacuna/ops';
import { csr } from '@lacuna/layouts';
import { nmMagnitude } from '@lacuna/sparsifiers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digits } from '../../../../test/data/digits.ts';
import {
  autoSparse,
  cosineRate,
  evaluate,
  fit,
  halvings,
  maskDecay,
  mlp,
  packed,
  sgd,
  shrinkSmallest,
  softShrinkage,
  sparsifyModel,
  structureDecay,
  takeSteps,
  Trainer,
  type Model,
} from '../index.ts';

let engine: Engine;
beforeAll(async () => (engine = await createEngine(wasm(), { fallback: 'quiet' })));
afterAll(() => engine.dispose());

const { train, test } = digits();
const net = mlp({ sizes: [64, 128, 128, 10], seed: 1 });
const hidden = ['layers.0.weight', 'layers.1.weight'];
const optimiser = sgd({ momentum: 0.9 });
const common = { loss: crossEntropy, data: train, batch: 64, optimiser } as const;
const epoch = Math.ceil(1347 / 64);

describe('soft shrinkage', () => {
  const shrunk = (factor: number): number[] => [
    ...shrinkSmallest({ fraction: 0.5, factor }).step(Float32Array.of(4, -1, 2, -3), [4], 1),
  ];

  it('with α = 0 is hard thresholding, and with α = 1 nothing', () => {
    expect(shrunk(0)).toEqual([4, -0, 0, -3]);
    expect(shrunk(0.5)).toEqual([4, -0.5, 1, -3]);
    expect(shrunk(1)).toEqual([4, -1, 2, -3]);
    expect(() => shrunk(2)).toThrow(/factor = 2/);
  });

  it('makes digits hold after a cut to 2 %, where a gentler one does not', async () => {
    const found: number[] = [];
    for (const factor of [0.9, 0.999]) {
      const trainer = new Trainer({ engine, model: net, ...common });
      const after = softShrinkage(trainer, { names: hidden, fraction: 0.98, factor });
      await takeSteps(trainer, { ...common, epochs: 5, rate: 0.05, after });
      const model = sparsifyModel(await trainer.model(), [
        { weights: hidden, sparsifier: 'magnitude(fraction=0.98)', layout: 'csr' },
      ]);
      trainer.dispose();
      found.push(await evaluate(engine, model, test));
    }
    expect(found[0]).toBeGreaterThan(found[1]! + 0.15);
  });
});

describe('progressive gradient flow', () => {
  const run = async (model: Model, epochs = 2): Promise<Model> =>
    (await fit({ ...common, engine, model, epochs, rate: cosineRate(0.05) })).model;
  const weight = hidden[1]!;
  const about = { weights: weight, n: 1, m: 16 } as const;
  const numbers = (model: Model): Float32Array =>
    toDense(model.parameters[weight]!) as Float32Array;

  it('halves as published', () => {
    expect(halvings(about)).toEqual(['15:16', '8:16', '4:16', '2:16', '1:16']);
    expect(halvings({ n: 1, m: 8 }, 'blocks')).toEqual(['8:64', '4:32', '2:16', '1:8']);
    expect(() => halvings({ n: 1, m: 6 })).toThrow(/not reached by halving/);
  });

  it('with δ = 0 is straight-through, with δ = 1 dense', async () => {
    const sparsifier = withBackward(nmMagnitude(about), 'straight-through');
    const plain = sparsifyModel(net, [{ weights: weight, sparsifier, mask: 'each-step' }]);
    const none = await run(maskDecay(net, { ...about, end: 0 }), 1);
    const other = await run(plain, 1);
    const all = await run(maskDecay(net, { ...about, begin: 1e6, end: 2e6 }), 1);
    const dense = await run(net, 1);
    const far = (a: Model, b: Model): number => {
      const [x, y] = [numbers(a), numbers(b)];
      return x.reduce((most, v, at) => Math.max(most, Math.abs(v - y[at]!)), 0);
    };
    expect(far(all, dense)).toBe(0);
    expect(far(none, other)).toBe(0);
  });

  it.each(['mask', 'structure'])('ends in n:m, and tells digits: %s', async (which) => {
    const end = 2 * epoch;
    const model =
      which === 'mask'
        ? maskDecay(net, { ...about, end, beta: 0.05 })
        : sparsifyModel(net, [structureDecay({ ...about, end })]);
    const after = await run(model, 6);
    const rule = { weights: weight, sparsifier: nmMagnitude(about), layout: 'nm(1,16)' };
    const stored =
      which === 'mask'
        ? sparsifyModel({ ...net, parameters: after.parameters }, [rule])
        : packed(after as ReturnType<typeof sparsifyModel>);
    expect(stored.parameters[weight]!.toString()).toBe('nm(1,16) [128, 128] float32, 1024 stored');
    const [seen, deployed] = [
      await evaluate(engine, after, test),
      await evaluate(engine, stored, test),
    ];
    expect(deployed).toBe(seen);
    expect(deployed).toBeGreaterThan(0.9);
  });
});

describe('AutoSparse', () => {
  it('learns a threshold for each layer, and keeps the more the more flows back', async () => {
    const epochs = 12;
    const found: { share: number; accuracy: number; thresholds: number[] }[] = [];
    for (const how of [{ alpha: 0 }, { alpha: 0.5 }, { alpha: 1, anneal: false }]) {
      const model = autoSparse(net, {
        weights: hidden,
        steps: epochs * epoch,
        ...how,
      });
      const { model: after } = await fit({
        ...common,
        engine,
        model,
        epochs,
        rate: cosineRate(0.05),
      });
      const cut = model.cut(after.parameters, csr);
      const kept = hidden.map((name) => cut.parameters[name]!.stored);
      found.push({
        share: (kept[0]! + kept[1]!) / (64 * 128 + 128 * 128),
        accuracy: await evaluate(engine, cut, test),
        thresholds: hidden.map((name) => after.parameters[`${name}.threshold`]!.values[0]!),
      });
    }
    const [none, some, all] = found;
    expect(none!.share).toBeLessThan(some!.share);
    expect(some!.share).toBeLessThan(all!.share);
    expect(some!.accuracy).toBeGreaterThan(none!.accuracy - 0.01);
    expect(some!.thresholds[0]).not.toBe(some!.thresholds[1]);
  });
});
