import {
  assemble,
  dense,
  makeTensor,
  SparseError,
  sparsify,
  toDense,
  valueArray,
  type Tensor,
} from '@lacuna/ir';
import { reference } from '@lacuna/reference';
import { wasm } from '@lacuna/backend-wasm';
import { createEngine, type Engine } from '@lacuna/engine';
import { add, crossEntropy, dropout, linear, meanSquaredError, multiply, sum } from '@lacuna/ops';
import { magnitude } from '@lacuna/sparsifiers';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import {
  accuracy,
  adam,
  adamW,
  batchesOf,
  constantRate,
  cosineRate,
  deploy,
  evaluate,
  fit,
  mlp,
  packed,
  randomOf,
  readCheckpoint,
  sgd,
  sparsifyModel,
  stepRate,
  Trainer,
  warmUp,
  writeCheckpoint,
  type Data,
  type Model,
  type Optimiser,
  type Progress,
  type Rule,
} from './index.ts';

let engine: Engine;
beforeAll(async () => (engine = await createEngine(wasm(), { fallback: 'quiet' })));
afterAll(() => engine.dispose());

/** Points of three classes around three corners. */
function points(count = 48): Data {
  const random = randomOf(7, 'points');
  const rows = Array.from({ length: count }, (_, at) => at % 3);
  const near = rows.flatMap((c) =>
    [0, 1, 2, 3].map((k) => Number(k === c) + 0.2 * random.normal()),
  );
  return { inputs: assemble(dense, [count, 4], near), targets: assemble(dense, [count], rows) };
}
const model = mlp({ sizes: [4, 16, 16, 3], seed: 3 });
const data = points();
const message = async (call: () => unknown): Promise<string> => {
  try {
    await call();
  } catch (error) {
    if (error instanceof SparseError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'nothing was refused';
};
const numbersOf = ({ parameters }: Model): number[][] =>
  Object.values(parameters).map((t) => [...toDense(t)]);
const common = { loss: crossEntropy, data, batch: 16, rate: 0.1 } as const;

describe('optimisers', () => {
  /** Steps of an optimiser on ½‖w − c‖², by the engine. */
  async function steps(optimiser: Optimiser, layout?: string): Promise<number[]> {
    const start = assemble(dense, [2, 2], [1, 0, -2, 0.5]);
    const one: Model = { parameters: { w: start }, forward: (w) => w['w']! };
    const rules: Rule[] = layout ? [{ weights: 'w', sparsifier: 'keep', layout }] : [];
    const target = assemble(dense, [2, 2], [0, 0, 1, 1]);
    const trainer = new Trainer({
      engine,
      model: sparsifyModel(one, rules),
      optimiser,
      loss: meanSquaredError,
    });
    for (let step = 0; step < 5; step++) await trainer.step(target, target, 0.1);
    const { parameters } = await trainer.model();
    trainer.dispose();
    return [...toDense(parameters['w']!)];
  }
  /** The same by the formulas. */
  function byHand(update: (w: number, g: number, t: number, s: number[]) => number): number[] {
    return [1, 0, -2, 0.5].map((start, at) => {
      let w = start;
      const s = [0, 0];
      for (let t = 1; t <= 5; t++) w = update(w, (w - [0, 0, 1, 1][at]!) / 2, t, s);
      return w;
    });
  }
  const momentum = byHand((w, g, _, s) => w - 0.1 * (s[0] = 0.9 * s[0]! + g + 0.01 * w));
  const nesterov = byHand((w, g, _, s) => w - 0.1 * (g + 0.9 * (s[0] = 0.9 * s[0]! + g)));
  const adams = (decay: number, decoupled: boolean): number[] =>
    byHand((w, gradient, t, s) => {
      const g = gradient + (decoupled ? 0 : decay * w);
      s[0] = 0.9 * s[0]! + 0.1 * g;
      s[1] = 0.999 * s[1]! + 0.001 * g * g;
      const slope = s[0] / (1 - 0.9 ** t) / (Math.sqrt(s[1] / (1 - 0.999 ** t)) + 1e-8);
      return w - 0.1 * (slope + (decoupled ? decay * w : 0));
    });
  it.each<[string, Optimiser, number[]]>([
    ['sgd with momentum and decay', sgd({ momentum: 0.9, decay: 0.01 }), momentum],
    ['Nesterov', sgd({ momentum: 0.9, nesterov: true }), nesterov],
    ['Adam', adam({ decay: 0.1 }), adams(0.1, false)],
    ['AdamW', adamW({ decay: 0.1 }), adams(0.1, true)],
  ])(
    '%s is its formula, dense and on the stored values of a layout',
    async (_, optimiser, expected) => {
      (await steps(optimiser)).forEach((x, at) => expect(x).toBeCloseTo(expected[at]!, 4));
      for (const layout of ['csr', 'bitmask', 'coo'])
        (await steps(optimiser, layout)).forEach((x, at) =>
          expect(x).toBeCloseTo(at === 1 ? 0 : expected[at]!, 4),
        );
    },
  );
});

describe('rates', () => {
  it('say a number for each step', () => {
    expect(constantRate(0.1).at(5, 10)).toBe(0.1);
    expect(stepRate(1, { factor: 0.1, every: 10 }).at(25, 100)).toBeCloseTo(0.01);
    expect(cosineRate(1).at(50, 100)).toBeCloseTo(0.5);
    expect(warmUp(4, cosineRate(1)).at(0, 100)).toBe(0.25);
    expect(warmUp(4, cosineRate(1)).print()).toBe('warmUp(4, cosineRate(rate=1, to=0))');
    expect(() => constantRate(-1)).toThrow(/rate = -1/);
  });
});

describe('training', () => {
  it.each(['csr', 'bcsr(4,4)', 'bitmask', 'coo', 'csc', 'dcsr'])(
    'in %s is training under the same mask',
    async (layout) => {
      const rule = {
        weights: 'layers.*.weight',
        sparsifier: layout.startsWith('bcsr')
          ? 'blocks(rows=4, columns=4, fraction=0.5)'
          : 'magnitude(fraction=0.7)',
      };
      const options = { ...common, engine, epochs: 2, optimiser: sgd({ momentum: 0.9 }) };
      const masked = await fit({ ...options, model: sparsifyModel(model, [rule]) });
      const sparse = await fit({ ...options, model: sparsifyModel(model, [{ ...rule, layout }]) });
      expect(sparse.model.parameters['layers.1.weight']!.format.layout.layoutName).toBe(
        layout.split('(')[0],
      );
      numbersOf(masked.model).forEach((numbers, k) =>
        numbers.forEach((x, at) => expect(numbersOf(sparse.model)[k]![at]).toBeCloseTo(x, 4)),
      );
    },
  );

  it('in n:m and n:m:g stays in the pattern, and learns', async () => {
    for (const [sparsifier, layout] of [
      ['nmMagnitude(n=2, m=4)', 'nm(2,4)'],
      ['nmgMagnitude(n=1, m=2, g=2)', 'nmg(1,2,2)'],
    ]) {
      const rules = [{ weights: 'layers.1.weight', sparsifier: sparsifier!, layout: layout! }];
      const before = sparsifyModel(model, rules);
      const { model: after, losses } = await fit({
        ...common,
        engine,
        epochs: 8,
        optimiser: adam(),
        rate: 0.02,
        model: before,
      });
      expect(after.parameters['layers.1.weight']!.pattern).toBe(
        before.parameters['layers.1.weight']!.pattern,
      );
      expect(losses.at(-1)).toBeLessThan(losses[0]! / 2);
    }
  });

  it('reports from start to end, never going back, and learns', async () => {
    const events: Progress[] = [];
    const run = await fit({
      ...common,
      engine,
      epochs: 10,
      optimiser: sgd({ momentum: 0.9 }),
      clip: 1,
      model,
      onProgress: (e) => events.push(e),
    });
    expect(events[0]).toEqual({ phase: 'start', step: 0, steps: 30 });
    expect(events.at(-1)).toEqual({ phase: 'end', step: 30, steps: 30, outcome: 'done' });
    events.forEach(({ step }, k) => expect(step).toBeGreaterThanOrEqual(events[k - 1]?.step ?? 0));
    expect(run.losses).toHaveLength(10);
    expect(await evaluate(engine, run.model, data)).toBeGreaterThan(0.9);
    const net = deploy(engine, run.model);
    expect(accuracy(await net.run(data.inputs), data.targets)).toBeGreaterThan(0.9);
    net.dispose();
  });

  it.each<[string, Optimiser, Rule[]]>([
    ['dense', adam(), []],
    [
      'csr',
      sgd({ momentum: 0.9 }),
      [{ weights: 'layers.*.weight', sparsifier: 'magnitude(fraction=0.5)', layout: 'csr' }],
    ],
    [
      'masked by a schedule',
      adamW(),
      [
        {
          weights: 'layers.*.weight',
          sparsifier: 'magnitude(fraction=0)',
          schedule: 'cubic(to=0.8, end=10)',
        },
      ],
    ],
    [
      'csr by a schedule',
      adamW(),
      [
        {
          weights: 'layers.*.weight',
          sparsifier: 'magnitude(fraction=0)',
          layout: 'csr',
          schedule: 'cubic(to=0.8, end=10)',
        },
      ],
    ],
  ])('stopped and resumed gives the same bits: %s', async (_, optimiser, rules) => {
    const options = {
      ...common,
      engine,
      epochs: 4,
      optimiser,
      model: sparsifyModel(model, rules),
      seed: 5,
    };
    const whole = await fit(options);
    const stop = new AbortController();
    const part = await fit({
      ...options,
      signal: stop.signal,
      onProgress: ({ step }) => step === 5 && stop.abort(),
    });
    expect([part.outcome, part.step]).toEqual(['aborted', 5]);
    const rest = await fit({ ...options, resume: part.checkpoint });
    expect(rest.step).toBe(12);
    expect(numbersOf(rest.model)).toEqual(numbersOf(whole.model));
    expect(rest.checkpoint).toEqual(whole.checkpoint);
  });

  it('does nothing when it is aborted before it begins', async () => {
    const run = await fit({
      ...common,
      engine,
      epochs: 3,
      optimiser: adam(),
      model,
      signal: AbortSignal.abort(),
    });
    expect([run.outcome, run.step, run.losses]).toEqual(['aborted', 0, []]);
  });

  it('a step that fails leaves everything as it was, and the last event comes', async () => {
    const trainer = new Trainer({ engine, model, loss: crossEntropy, optimiser: adam() });
    await trainer.step(data.inputs, data.targets, 0.01);
    const before = numbersOf(await trainer.model());
    const bad = assemble(dense, [48, 4], new Float32Array(192).fill(NaN));
    expect(await message(() => trainer.step(bad, data.targets, 0.01))).toMatch(
      /^unsupported: the guarded value is NaN, and nothing was assigned/,
    );
    expect(numbersOf(await trainer.model())).toEqual(before);
    expect(trainer.steps).toBe(1);
    trainer.dispose();
    const events: Progress[] = [];
    await message(() =>
      fit({
        ...common,
        engine,
        epochs: 1,
        optimiser: adam(),
        model,
        data: { ...data, inputs: bad },
        onProgress: (e) => events.push(e),
      }),
    );
    expect(events.at(-1)).toMatchObject({ phase: 'end', outcome: 'failed' });
  });

  it.each(['csr', 'dense'])(
    'a step that fails after its schedule pruned puts weights, masks and moments back: %s',
    async (layout) => {
      const rules: readonly Rule[] = [
        {
          weights: ['layers.0.weight', 'layers.1.weight'],
          sparsifier: 'magnitude(fraction=0)',
          layout,
          schedule: 'oneShot(fraction=0.5, at=1)',
        },
      ];
      const trainer = new Trainer({
        engine,
        model: sparsifyModel(model, rules),
        loss: crossEntropy,
        optimiser: adam(),
      });
      const all = async (): Promise<unknown> => {
        const { parameters, sparsity } = await trainer.model();
        const moments = Object.values(await trainer.moments()).map((m) => Object.values(m));
        const masks = Object.values(sparsity.masks);
        return [...Object.values(parameters), ...masks, ...moments.flat()].map((t) => [
          t.stored,
          ...toDense(t),
        ]);
      };
      await trainer.step(data.inputs, data.targets, 0.01);
      const before = await all();
      const bad = assemble(dense, [48, 4], new Float32Array(192).fill(NaN));
      expect(await message(() => trainer.step(bad, data.targets, 0.01))).toMatch(/is NaN/);
      expect(await all()).toEqual(before);
      await trainer.step(data.inputs, data.targets, 0.01);
      expect(await all()).not.toEqual(before);
      const half = toDense(await trainer.parameter('layers.1.weight')).filter((x) => x === 0);
      expect(half.length).toBe(128);
      trainer.dispose();
    },
  );

  it('takes several inputs by name, shuffled together', async () => {
    const [a, b] = [
      [1, -1, 1, -1],
      [1, 1, -1, -1],
    ].map((x) => assemble(dense, [4, 1], x));
    const both = { inputs: { a: a!, b: b! }, targets: assemble(dense, [4, 1], [3, 1, -1, -3]) };
    const sums: Model = {
      parameters: {
        p: assemble(dense, [1, 1], [0]),
        q: assemble(dense, [1, 1], [0]),
      },
      forward: (w, first, { inputs }) => add(linear(first, w['p']), linear(inputs['b'], w['q'])),
    };
    const options = { engine, loss: meanSquaredError, optimiser: adam(), batch: 2, rate: 0.05 };
    const run = await fit({ ...options, model: sums, data: both, epochs: 300 });
    expect(numbersOf(run.model).flat()[0]).toBeCloseTo(1, 1);
    expect(numbersOf(run.model).flat()[1]).toBeCloseTo(2, 1);
    const net = deploy(engine, run.model);
    expect(toDense(await net.run(both.inputs))[3]).toBeCloseTo(-3, 0);
    net.dispose();
    const wrong: Model = { ...sums, forward: (w, _, { inputs }) => linear(inputs['c'], w['p']) };
    const refused = (of: Model, given: Data<Record<string, Tensor>>): Promise<string> =>
      message(() => fit({ ...options, model: of, data: given, epochs: 1 }));
    expect(await refused(wrong, both)).toMatch(/the model has no input "c"/);
    const short = { ...both, inputs: { a: a!, b: assemble(dense, [3, 1], [1, 2, 3]) } };
    expect(await refused(sums, short)).toMatch(/^shape: data has 3 b and 4 targets/);
    expect(await refused(sums, { ...both, inputs: {} })).toMatch(/^shape: /);
  });

  it('penalties join the loss, by the step if they like, and only in training', async () => {
    const one: Model = {
      parameters: { w: assemble(dense, [1, 1], [3]) },
      forward(w, x, { penalise, step }) {
        penalise(multiply(sum(w['w'], { axes: [0, 1] }), step));
        return linear(x, w['w']);
      },
    };
    const x = assemble(dense, [1, 1], [0]);
    const trainer = new Trainer({ engine, model: one, loss: meanSquaredError, optimiser: sgd() });
    expect(await trainer.step(x, x, 1)).toBe(0);
    expect(await trainer.step(x, x, 1)).toBe(3);
    expect((await trainer.parameter('w')).values[0]).toBe(2);
    expect(toDense(await trainer.predict(x))).toEqual(Float32Array.of(0));
    const wide: Model = { ...one, forward: (_, y, { penalise }) => (penalise(y), y) };
    const two = assemble(dense, [1, 2], [1, 2]);
    const other = new Trainer({ engine, model: wide, loss: meanSquaredError, optimiser: sgd() });
    expect(await message(() => other.step(two, two, 1))).toMatch(/^shape: a penalty is \[1, 2\]/);
    trainer.dispose();
    other.dispose();
  });

  it('takes memory once: steps allocate nothing that stays', async () => {
    const before = engine.usage;
    const trainer = new Trainer({
      engine,
      model: sparsifyModel(model, [
        { weights: '*.weight', sparsifier: 'magnitude(fraction=0.5)', layout: 'csr' },
      ]),
      loss: crossEntropy,
      optimiser: adam(),
    });
    await trainer.step(data.inputs, data.targets, 0.01);
    const during = engine.usage;
    for (let step = 0; step < 20; step++) await trainer.step(data.inputs, data.targets, 0.01);
    expect(engine.usage).toEqual(during);
    trainer.dispose();
    expect(engine.usage).toEqual(before);
  });

  it('clips all gradients together to a norm', async () => {
    const moved = async (clip?: number): Promise<number> => {
      const trainer = new Trainer({
        engine,
        model,
        loss: crossEntropy,
        optimiser: sgd(),
        ...(clip && { clip }),
      });
      await trainer.step(data.inputs, data.targets, 1);
      const [before, after] = [numbersOf(model).flat(), numbersOf(await trainer.model()).flat()];
      trainer.dispose();
      return Math.hypot(...after.map((x, at) => x - before[at]!));
    };
    const free = await moved();
    expect(await moved(free / 4)).toBeCloseTo(free / 4, 4);
    expect(await moved(free * 4)).toBeCloseTo(free, 4);
  });

  it('what is drawn by chance follows seed and step, and only in training', async () => {
    const wet: Model = {
      ...model,
      forward: (w, x, pass) =>
        model.forward(w, pass.training ? dropout(x, pass.seed, { rate: 0.5 }) : x, pass),
    };
    const losses = async (seed: number): Promise<number[]> => {
      const trainer = new Trainer({
        engine,
        model: wet,
        loss: crossEntropy,
        optimiser: sgd(),
        seed,
      });
      const found: number[] = [];
      for (let step = 0; step < 3; step++)
        found.push(await trainer.step(data.inputs, data.targets, 0));
      expect(toDense(await trainer.predict(data.inputs))).toEqual(
        toDense(await trainer.predict(data.inputs)),
      );
      trainer.dispose();
      return found;
    };
    const first = await losses(1);
    expect(await losses(1)).toEqual(first);
    expect(new Set([...first, ...(await losses(2))]).size).toBe(6);
  });

  it('a parameter that is not there is named, with the nearest', async () => {
    const wrong: Model = {
      ...model,
      forward: (w, x) => linear(x, w['layers.0.weight'], w['layers.0.bais']),
    };
    expect(await message(() => deploy(engine, wrong).run(data.inputs))).toMatch(
      /no parameter "layers.0.bais"; the nearest is "layers.0.bias"/,
    );
  });

  it('runs on the reference backend too', async () => {
    const other = await createEngine(reference());
    const options = { ...common, epochs: 1, optimiser: sgd({ momentum: 0.9 }), model };
    const [a, b] = [await fit({ ...options, engine: other }), await fit({ ...options, engine })];
    numbersOf(a.model).forEach((numbers, k) =>
      numbers.forEach((x, at) => expect(numbersOf(b.model)[k]![at]).toBeCloseTo(x, 4)),
    );
    other.dispose();
  });
});

test('sparsifying again after each step gives what STen gives', async () => {
  const path = new URL('../../../test/golden/masked_training_sgd.json', import.meta.url);
  const golden = JSON.parse(readFileSync(path, 'utf8'));
  const tensor = (numbers: number[], shape: number[]): Tensor => assemble(dense, shape, numbers);
  const how = magnitude({ fraction: golden.fraction });
  const one: Model = {
    parameters: { w: tensor(golden.w0, golden.w_shape), b: tensor(golden.b0, [golden.b0.length]) },
    forward: (p, x) => linear(x, p['w'], p['b']),
  };
  const trainer = new Trainer({ engine, model: one, loss: meanSquaredError, optimiser: sgd() });
  const [inputs, targets] = [tensor(golden.x, golden.x_shape), tensor(golden.target, [6, 8])];
  for (const expected of golden.steps) {
    const loss = await trainer.step(inputs, targets, golden.lr);
    await trainer.replace('w', { weight: sparsify(await trainer.parameter('w'), how, dense) });
    expect(loss).toBeCloseTo(expected.loss, 5);
    toDense(await trainer.parameter('w')).forEach((x, at) =>
      expect(x).toBeCloseTo(expected.weight[at], 5),
    );
  }
  trainer.dispose();
});

describe('checkpoints', () => {
  it('refuse what is another run’s', async () => {
    const options = { ...common, engine, epochs: 1, optimiser: adam(), model };
    const { checkpoint } = await fit(options);
    const resume = (change: object): Promise<string> =>
      message(() => fit({ ...options, ...change, resume: checkpoint }));
    expect(await resume({ optimiser: sgd() })).toMatch(/of adam, not sgd/);
    expect(await resume({ model: mlp({ sizes: [4, 8, 3], seed: 1 }) })).toMatch(/of another model/);
    expect(await message(() => readCheckpoint(new Uint8Array(4)))).toMatch(/^corrupt/);
    const { parameters } = model;
    const place = { step: 1, seed: 0, optimiser: 'adam' };
    expect(readCheckpoint(writeCheckpoint({ ...model, parameters }, {}, place)).step).toBe(1);
  });

  it('refuse a moment that is stored at other places than its weight', async () => {
    const one = sparsifyModel(model, [
      { weights: 'layers.1.weight', sparsifier: 'magnitude(fraction=0.5)', layout: 'csr' },
    ]);
    const other = sparsifyModel(model, [
      { weights: 'layers.1.weight', sparsifier: 'magnitude(fraction=0.6)', layout: 'csr' },
    ]);
    const { pattern, stored } = other.parameters['layers.1.weight']!;
    const momentum = makeTensor(pattern, 'float32', valueArray('float32', stored));
    expect(
      await message(
        () =>
          new Trainer({
            engine,
            model: one,
            loss: crossEntropy,
            optimiser: sgd({ momentum: 0.9 }),
            moments: { 'layers.1.weight': { momentum } },
          }),
      ),
    ).toMatch(/^format: the momentum of layers.1.weight is stored at other places/);
  });
});

describe('rules', () => {
  const rule = { weights: 'layers.*.weight', sparsifier: 'magnitude(fraction=0.9)' } as const;
  it('are data, and explain says what each caught', () => {
    const rules: Rule[] = JSON.parse(
      JSON.stringify([
        { ...rule, layout: 'csr', across: 'erk' },
        { intermediates: 'hidden*', sparsifier: 'threshold(value=0.1)' },
        { gradients: 'hidden0', sparsifier: 'magnitude(fraction=0.5)' },
      ]),
    );
    const sparse = sparsifyModel(model, rules);
    expect(sparse.explain()).toBe(
      [
        'magnitude(fraction=0.9) -> csr across erk: weights layers.0.weight, layers.1.weight, layers.2.weight',
        'threshold(value=0.1): values hidden0, hidden1',
        'magnitude(fraction=0.5): gradients of hidden0',
      ].join('\n'),
    );
    const stored = ['0', '1', '2'].map((k) => sparse.parameters[`layers.${k}.weight`]!.stored);
    expect(Math.abs(stored.reduce((a, b) => a + b) - 0.1 * (64 + 256 + 48))).toBeLessThan(3);
    expect(model.parameters['layers.0.weight']!.stored).toBe(64);
  });

  it.each<[Rule, RegExp]>([
    [
      { ...rule, weights: 'layer.*.weight' },
      /"layer\.\*\.weight" matches nothing; the nearest name is "layers.0.weight"/,
    ],
    [
      { intermediates: 'hiden0', sparsifier: 'keep' },
      /"hiden0" matches nothing; the nearest name is "hidden0"/,
    ],
    [{ gradients: 'nothing', sparsifier: 'keep' }, /matches nothing/],
    [{ ...rule, sparsifier: 'magnitud(fraction=1)' }, /did you mean magnitude/],
    [{ ...rule, layout: 'crs' }, /did you mean csr/],
    [{ ...rule, schedule: 'cubic(from=0.9, to=0.1, end=5)' }, /goes backwards/],
    [
      { ...rule, sparsifier: 'threshold(value=1)', schedule: 'oneShot(fraction=0.5)' },
      /has no fraction/,
    ],
    [{ ...rule, layout: 'nm(2,4)' }, /does not fit nm\(2,4\)/],
  ])('%j is refused with what to write', async (bad, expected) => {
    expect(await message(() => sparsifyModel(model, [bad]))).toMatch(expected);
  });

  it('two for one weight are refused', async () => {
    expect(
      await message(() => sparsifyModel(model, [rule, { ...rule, weights: 'layers.0.weight' }])),
    ).toMatch(/two rules are for the weight layers.0.weight/);
  });

  it('for values act in every pass, and those that name nothing are found when it is traced', async () => {
    const sparse = sparsifyModel(model, [
      { intermediates: 'hidden1', sparsifier: 'magnitude(count=1, per=row)' },
    ]);
    const only: Model = {
      ...sparse,
      forward: (w, x, pass) => {
        let hidden = x;
        sparse.forward(w, x, {
          ...pass,
          named: (name, value) => (hidden = pass.named(name, value)),
        });
        return hidden;
      },
    };
    const net = deploy(engine, only);
    const numbers = toDense(await net.run(data.inputs));
    for (let row = 0; row < 48; row++)
      expect(
        numbers.slice(row * 16, row * 16 + 16).filter((x) => x !== 0).length,
      ).toBeLessThanOrEqual(1);
    expect(net.explain()).toContain('magnitude(count=1, per=row)');
    net.dispose();
    const { values: _, ...unknown } = model;
    const late = sparsifyModel(unknown, [{ intermediates: 'hiden1', sparsifier: 'keep' }]);
    expect(await message(() => deploy(engine, late).run(data.inputs))).toMatch(
      /nearest name is "hidden1"/,
    );
  });

  it('for gradients prune what flows back', async () => {
    const options = { engine, loss: crossEntropy, optimiser: sgd() };
    const rules = [
      { gradients: 'layers.0.weight', sparsifier: 'magnitude(count=3)' },
      { gradients: 'hidden1', sparsifier: 'magnitude(fraction=1)' },
    ];
    for (const [k, changed] of [
      [0, 3],
      [1, 0],
    ] as const) {
      const trainer = new Trainer({ ...options, model: sparsifyModel(model, [rules[k]!]) });
      await trainer.step(data.inputs, data.targets, 0.5);
      const [before, after] = [
        toDense(model.parameters['layers.0.weight']!),
        toDense(await trainer.parameter('layers.0.weight')),
      ];
      expect(after.filter((x, at) => x !== before[at])).toHaveLength(changed);
      trainer.dispose();
    }
  });

  it('schedules prune as training goes, and moments follow', async () => {
    for (const layout of ['dense', 'csr']) {
      const sparse = sparsifyModel(model, [
        { ...rule, layout, schedule: 'cubic(to=0.9, end=9, every=3)' },
      ]);
      const trainer = new Trainer({ engine, model: sparse, loss: crossEntropy, optimiser: adam() });
      for (let step = 0; step < 12; step++) await trainer.step(data.inputs, data.targets, 0.01);
      const after = await trainer.model();
      const { mean } = (await trainer.moments())['layers.1.weight']!;
      const weight = toDense(after.parameters['layers.1.weight']!);
      expect(weight.filter((x) => x !== 0).length).toBeLessThanOrEqual(26);
      toDense(mean!).forEach((m, at) => weight[at] === 0 && expect(m).toBe(0));
      trainer.dispose();
    }
  });

  it('schedules may go layer by layer', async () => {
    const sparse = sparsifyModel(model, [
      { ...rule, schedule: 'oneShot(fraction=0.9, at=1)', delay: 2 },
    ]);
    const trainer = new Trainer({ engine, model: sparse, loss: crossEntropy, optimiser: sgd() });
    const zeros: number[][] = [];
    for (let step = 0; step < 6; step++) {
      await trainer.step(data.inputs, data.targets, 0.01);
      const { parameters } = await trainer.model();
      zeros.push(
        [0, 1, 2].map((k) => {
          const numbers = toDense(parameters[`layers.${k}.weight`]!);
          return Number(numbers.filter((x) => x === 0).length > numbers.length / 2);
        }),
      );
    }
    expect(zeros.map((z) => z.join(''))).toEqual(['000', '100', '100', '110', '110', '111']);
    trainer.dispose();
  });

  it('are put in place on a model in training: moments are carried by intersection', async () => {
    const trainer = new Trainer({ engine, model, loss: crossEntropy, optimiser: adam() });
    for (let step = 0; step < 5; step++) await trainer.step(data.inputs, data.targets, 0.01);
    const before = (await trainer.moments())['layers.1.weight']!['square']!;
    await trainer.sparsify([{ ...rule, layout: 'csr' }]);
    const after = (await trainer.moments())['layers.1.weight']!['square']!;
    expect(after.stored).toBe(25);
    const [old, now] = [toDense(before), toDense(after)];
    now.forEach((x, at) => x !== 0 && expect(x).toBe(old[at]));
    const loss = await trainer.step(data.inputs, data.targets, 0.01);
    expect(loss).toBeGreaterThan(0);
    trainer.dispose();
  });

  it('packed stores what was pruned anew in each step', async () => {
    const sparse = sparsifyModel(model, [
      {
        weights: 'layers.1.weight',
        sparsifier: 'nmMagnitude(n=1, m=4, backward=straight-through)',
        layout: 'nm(1,4)',
      },
    ]);
    expect(sparse.parameters['layers.1.weight']!.stored).toBe(256);
    const { model: trained } = await fit({
      ...common,
      engine,
      epochs: 2,
      optimiser: sgd(),
      model: sparse,
    });
    const small = packed(trained);
    expect(small.parameters['layers.1.weight']!.stored).toBe(64);
    const [a, b] = [deploy(engine, trained), deploy(engine, small)];
    const [y, z] = [toDense(await a.run(data.inputs)), toDense(await b.run(data.inputs))];
    y.forEach((v, at) => expect(z[at]).toBeCloseTo(v, 5));
    a.dispose();
    b.dispose();
  });
});

describe('batches', () => {
  it('meet every example that fills one, in an order of seed and epoch', () => {
    const many: Data = {
      inputs: assemble(dense, [10, 1], [...Array(10).keys()]),
      targets: assemble(dense, [10], [...Array(10).keys()]),
    };
    const batches = batchesOf(many, { size: 4, seed: 1 });
    expect(batches.count).toBe(2);
    const met = (epoch: number): number[] =>
      [0, 1].flatMap((k) => [...(batches.at(epoch, k).inputs.values as Float32Array)]);
    expect(new Set(met(0)).size).toBe(8);
    expect(met(0)).not.toEqual(met(1));
    expect(met(0)).toEqual(
      [0, 1].flatMap((k) => [
        ...(batchesOf(many, { size: 4, seed: 1 }).at(0, k).targets.values as Float32Array),
      ]),
    );
    expect(() =>
      batchesOf({ ...many, targets: assemble(dense, [3], [1, 2, 3]) }, { size: 4, seed: 1 }),
    ).toThrow(/10 inputs and 3 targets/);
  });
});
