import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  add,
  assemble,
  compileNetwork,
  conv2d,
  createEngine,
  dense,
  GraphBuilder,
  matmul,
  mean,
  multiply,
  pad,
  readGraphModel,
  reference,
  relu6,
  reshape,
  simplify,
  wasm,
  type Graph,
  type NodeId,
} from '../src/index.js';

/** Numbers of which about a third are not zero, the same for a seed. */
function sparse(count: number, seed: number): Float32Array {
  let state = seed * 2654435761;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % 3 === 0 ? (state / 2 ** 32 - 0.5) * 2 : 0;
  });
}

/** An inverted bottleneck with a residual, as mobile networks have it; some channels are dead. */
function bottleneck(): Graph {
  const builder = new GraphBuilder();
  const constant = (
    shape: readonly number[],
    seed: number,
    numbers = sparse(
      shape.reduce((a, b) => a * b),
      seed,
    ),
  ): NodeId => builder.constant(assemble(dense(), shape, numbers));
  const x = builder.input('x', [1, 6, 8, 8], dense());
  const expandWeights = sparse(12 * 6, 2);
  expandWeights.fill(0, 0, 12); // channels 0 and 1 are constant
  const expanded = builder.apply(conv2d, [x, constant([12, 6, 1, 1], 2, expandWeights)]);
  const biased = builder.apply(add, [constant([12, 1, 1], 3), expanded]);
  const active = builder.apply(relu6, [biased]);
  const padded = builder.apply(pad, [active], {
    padding: [
      [0, 0],
      [0, 0],
      [1, 1],
      [1, 1],
    ],
  });
  const deep = builder.apply(conv2d, [padded, constant([12, 1, 3, 3], 4)], { groups: 12 });
  const scaled = builder.apply(multiply, [deep, constant([12, 1, 1], 5)]);
  const deepActive = builder.apply(relu6, [builder.apply(add, [scaled, constant([12, 1, 1], 6)])]);
  const projectWeights = sparse(6 * 12, 7);
  for (let o = 0; o < 6; o++) projectWeights[o * 12 + 5] = 0; // nobody reads channel 5
  const projected = builder.apply(conv2d, [deepActive, constant([6, 12, 1, 1], 7, projectWeights)]);
  const sum = builder.apply(add, [projected, x]);
  const out = builder.apply(add, [constant([6, 1, 1], 8), sum]);
  const pooled = builder.apply(mean, [out], { axes: [2, 3], keepDims: true });
  const flat = builder.apply(reshape, [pooled], { shape: [6, 1] });
  return builder.finish({ map: out, vector: builder.apply(matmul, [constant([4, 6], 9), flat]) });
}

const input = { x: Float32Array.from({ length: 384 }, (_, at) => Math.cos(at * 1.7)) };

async function evaluate(graph: Graph): Promise<Record<string, Float32Array>> {
  const engine = await createEngine(reference(), { fallback: 'quiet' });
  return engine
    .compile(graph)
    .run(input)
    .finally(() => engine.dispose());
}

describe('simplify', () => {
  it('changes no result by more than rounding', async () => {
    const [before, after] = [await evaluate(bottleneck()), await evaluate(simplify(bottleneck()))];
    for (const [name, wanted] of Object.entries(before)) {
      wanted.forEach((v, at) => expect(after[name]![at]).toBeCloseTo(v, 4));
    }
  });

  it('moves biases, scales, activations and padding into products', () => {
    const names = simplify(bottleneck()).nodes.flatMap((n) =>
      n.kind === 'apply' ? [n.op.opName] : [],
    );
    expect(names.filter((n) => ['relu6', 'pad', 'multiply', 'biasAdd'].includes(n))).toEqual([]);
    expect(names.filter((n) => n === 'conv2d').length).toBe(1);
    expect(names.filter((n) => n === 'matmul').length).toBe(3);
  });

  it('drops channels that are constant or that nobody reads, and only with fold', () => {
    const channels = (graph: Graph): number[] =>
      graph.nodes.flatMap((n) =>
        n.kind === 'apply' && n.op.opName === 'conv2d' ? [n.shape[1]!] : [],
      );
    expect(channels(simplify(bottleneck(), { fold: false }))).toEqual([12]);
    expect(channels(simplify(bottleneck()))[0]).toBeLessThan(12);
  });

  it('gives the same results through WASM kernels in every choice of layouts', async () => {
    const wanted = await evaluate(bottleneck());
    for (const layouts of ['dense', 'auto', [] as const] as const) {
      const network = await compileNetwork(bottleneck(), {
        layouts,
        backend: wasm({ variant: 'plain' }),
      });
      const found = await network.run(input);
      for (const name of Object.keys(wanted))
        wanted[name]!.forEach((v, at) => expect(found[name]![at]).toBeCloseTo(v, 4));
      expect(network.compiled.plan.steps.every((s) => s.choice.kernel)).toBe(true);
      network.dispose();
      expect(() => network.compiled.replay()).toThrow(/after dispose/);
    }
  });
});

describe('the hand-landmark network', () => {
  it('is stored in less than a tenth of its dense bytes, and gives the golden outputs', async () => {
    const models = new URL('../../../models/', import.meta.url);
    const graph = await readGraphModel(
      readFileSync(new URL('handlandmark-sparse.json', models), 'utf8'),
      (path) => readFileSync(new URL(path, models)),
    );
    const denseBytes = graph.nodes.reduce(
      (sum, n) => sum + (n.kind === 'constant' ? n.tensor.bytes : 0),
      0,
    );
    const network = await compileNetwork(graph);
    expect(network.weightBytes / denseBytes).toBeLessThan(0.1);
    expect(network.layers.filter((l) => l.layout && l.layout !== 'dense').length).toBeGreaterThan(
      20,
    );
    const noise = new Float32Array(224 * 224 * 3);
    let state = 12345;
    for (let at = 0; at < noise.length; at++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      noise[at] = (state >>> 8) / 16777216;
    }
    const golden = JSON.parse(
      readFileSync(new URL('golden/handlandmark-sparse.noise.json', models), 'utf8'),
    ) as { outputs: Record<string, { values: number[] }> };
    const found = await network.run({ input_1: noise });
    for (const [name, { values }] of Object.entries(golden.outputs)) {
      const bound = graph.nodes.length * 2 ** -24 * Math.max(...values.map(Math.abs));
      values.forEach((v, at) => expect(Math.abs(found[name]![at]! - v)).toBeLessThanOrEqual(bound));
    }
    network.dispose();
  });
});
