import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sizeOf, unitRoundoff } from '@lacuna/ir';
import { evaluate } from '../../test/evaluate.js';
import { readGraphModel } from './read.js';
import { fromPlanes, transposeData } from './value.js';

const models = new URL('../../../../models/', import.meta.url);
const recipe = createRequire(import.meta.url)('../../../../models/golden/inputs.cjs') as {
  smooth(): Float32Array;
};

interface Golden {
  readonly outputs: Readonly<Record<string, { shape: number[]; values: number[] }>>;
  readonly intermediates: Readonly<
    Record<
      string,
      { shape: number[]; values?: number[]; sample?: { stride: number; values: number[] } }
    >
  >;
}

describe('the hand-landmark network, read and evaluated by references', () => {
  it('gives the outputs and intermediates that tfjs gives', async () => {
    const graph = await readGraphModel(
      readFileSync(new URL('handlandmark-sparse.json', models), 'utf8'),
      (path) => readFileSync(new URL(path, models)),
    );
    const golden = JSON.parse(
      readFileSync(new URL('golden/handlandmark-sparse.smooth.json', models), 'utf8'),
    ) as Golden;
    const named = new Map(graph.nodes.map(({ name, id }) => [name, id]));
    const inside = Object.keys(golden.intermediates).map((name) => named.get(name)!);
    const ends = graph.outputs.map(({ node }) => node);
    const found = evaluate(graph, { input_1: recipe.smooth() }, [...inside, ...ends]);
    // One rounding of the largest value for each node on the way: depth · u · max.
    const tolerance = (values: readonly number[]): number =>
      graph.nodes.length * unitRoundoff('float32') * Math.max(...values.map(Math.abs));
    expect(graph.outputs.map(({ name }) => name).sort()).toEqual(
      Object.keys(golden.outputs).sort(),
    );
    for (const { name, node } of graph.outputs) {
      const { shape, values } = golden.outputs[name]!;
      expect(graph.nodes[node]!.shape).toEqual(shape);
      values.forEach((y, at) =>
        expect(Math.abs(found.get(node)![at]! - y)).toBeLessThanOrEqual(tolerance(values)),
      );
    }
    for (const [name, { shape, values, sample }] of Object.entries(golden.intermediates)) {
      const id = named.get(name)!;
      const ours = graph.nodes[id]!.shape;
      const numbers =
        shape.length === 4 && sizeOf(ours) > shape[3]!
          ? transposeData(found.get(id)!, ours, fromPlanes)
          : found.get(id)!;
      const [stride, wanted] = [sample?.stride ?? 1, sample?.values ?? values ?? []];
      expect(wanted.length).toBeGreaterThan(0);
      wanted.forEach((y, at) =>
        expect(Math.abs(numbers[at * stride]! - y)).toBeLessThanOrEqual(tolerance(wanted)),
      );
    }
  });
});
