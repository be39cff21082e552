// The production network, whole, on Dawn: within the bound of the golden outputs, in one submission.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { compileNetwork, readGraphModel } from '@lacuna/lacuna';
import { describe, expect, it } from 'vitest';
import { dawn } from '../test/dawn.js';

const models = new URL('../../../models/', import.meta.url);
const recipe = createRequire(import.meta.url)('../../../models/golden/inputs.cjs') as Record<
  string,
  () => Float32Array
>;
const inputs = { smooth: 'smooth', noise: 'noise', drawn: 'handlike' } as const;

interface Golden {
  readonly outputs: Readonly<Record<string, { readonly values: readonly number[] }>>;
}

describe.each(['dense', 'auto'] as const)('the hand-landmark network, layouts: %s', (layouts) => {
  it('gives the golden outputs, one submission a run', async () => {
    const graph = await readGraphModel(
      readFileSync(new URL('handlandmark-sparse.json', models), 'utf8'),
      (path) => readFileSync(new URL(path, models)),
    );
    const backend = await dawn();
    const network = await compileNetwork(graph, { backend, layouts });
    for (const [kind, make] of Object.entries(inputs)) {
      const file = new URL(`golden/handlandmark-sparse.${kind}.json`, models);
      const golden = JSON.parse(readFileSync(file, 'utf8')) as Golden;
      const found = await network.run({ input_1: recipe[make]!() });
      for (const [name, { values }] of Object.entries(golden.outputs)) {
        const bound = graph.nodes.length * 2 ** -24 * Math.max(...values.map(Math.abs));
        values.forEach((y, at) =>
          expect(Math.abs(found[name]![at]! - y)).toBeLessThanOrEqual(bound),
        );
      }
    }
    backend.counters.reset();
    network.compiled.replay();
    await backend.finish();
    expect(backend.counters).toMatchObject({ submissions: 1, readbacks: 0, bindGroups: 0 });
    network.dispose();
  });
});
