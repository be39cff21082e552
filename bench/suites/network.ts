// A network that was trained sparse, whole: ours with layouts chosen by cost and with every weight dense,
// TensorFlow.js on the same file, and LiteRT.js on the same graph. Checked against the reference backend first.
import type { WebgpuBackend } from '@lacuna/backend-webgpu';
import { compileNetwork, readGraphModel, type Graph, type Network } from '@lacuna/lacuna';
import { tfjsNetwork } from '../contenders/tfjs-network.js';
import { randomNumbers } from '../problem.js';
import { race } from '../race.js';
import type { Absent, Row, Shape } from '../report.js';
import { speedUp, summarize } from '../statistics.js';
import { expect, made, type Contender, type Entry } from './entries.js';
import type { Context, Suite } from './suite.js';

const name = 'handlandmark-sparse';

/** The network, and an image. */
async function model({ file }: Context) {
  const json: unknown = JSON.parse(new TextDecoder().decode(await file(`models/${name}.json`)));
  const weights = await file(`models/${name}.bin`);
  const graph = await readGraphModel(json, weights);
  const input = graph.nodes.find((node) => node.kind === 'input')!;
  const size = input.shape.reduce((a, b) => a * b, 1);
  const image = { [input.name]: randomNumbers(size, 1).map((v) => (v + 1) / 2) };
  return { json, weights, graph, input, size, image };
}

/** The network on some counts of threads: what it is, and its outputs as one list of numbers. */
export async function networkOn(context: Context, counts: readonly number[]) {
  const { graph, size, image } = await model(context);
  return Promise.all(
    counts.map(async (threads) => {
      const net = await ours(context, 'auto', graph, image, threads);
      const numbers = async (): Promise<number[]> =>
        Object.values(await net.outputs()).flatMap((values) => Array.from(values));
      return { ...net, name, size, sparsity: zeros(graph), numbers };
    }),
  );
}

/** The hand-landmark network, milliseconds an image. */
export const network: Suite = async function* (context) {
  const { race: options, tfjs } = context;
  const { threads } = context.options;
  const { json, weights, graph, input, size, image } = await model(context);
  const numbers = image[input.name]!;
  const entries: Entry[] = [
    { name: 'lacuna auto', make: () => ours(context, 'auto', graph, image, threads) },
    { name: 'lacuna dense', make: () => ours(context, 'dense', graph, image, threads) },
  ];
  if (tfjs) {
    const make = () => tfjsNetwork(tfjs, json, weights, input.name, input.shape, numbers, threads);
    entries.push({ name: tfjs.name, make });
  }
  for (const peer of context.networks) {
    const about = { name: peer.name, layout: 'the same graph' };
    const make = async () => ({ ...(await peer.make(graph, numbers, threads)), ...about });
    entries.push({ ...peer, make });
  }
  const expected = await expect(graph, image);
  const absent: Absent[] = [];
  const ready: Contender[] = [];
  for (const { name: contender, absent: why, make } of entries) {
    const found = why ?? (await made(make, expected));
    if (typeof found === 'string')
      absent.push({ suite: 'network', contender, layout: name, why: found });
    else ready.push(found);
  }
  // A picture takes longer than a product, and on a software GPU much longer.
  const times = await race(ready, { ...options, patience: 10 * options.patience });
  const dense = times[ready.findIndex((c) => c.name === 'lacuna dense')];
  const peers = ready.flatMap(({ name: bestPeer }, at) =>
    bestPeer.startsWith('lacuna') ? [] : [{ bestPeer, theirs: times[at]! }],
  );
  const [best] = peers.sort((a, b) => Math.min(...a.theirs) - Math.min(...b.theirs));
  const rows = ready.map((contender, at): Row => {
    const own = times[at]!;
    const rival = contender.name.startsWith('lacuna') ? best : undefined;
    return {
      suite: 'network',
      shape: [1, size, 1] as Shape,
      sparsity: zeros(graph),
      layout: contender.layout,
      contender: contender.name,
      threads: contender.threads,
      ms: summarize(own),
      gflopsEffective: 0,
      gflopsStored: 0,
      ofRoofline: null,
      vsOwnDense: dense ? speedUp(dense, own).median : null,
      ...(dense && { vsOwnDenseBest: speedUp(dense, own).best }),
      vsBestPeer: rival ? speedUp(rival.theirs, own).median : null,
      bestPeer: rival?.bestPeer ?? null,
      ...(own.length < options.rounds && { rounds: own.length }),
      ...(contender.extra && { extra: contender.extra }),
    };
  });
  for (const contender of ready) contender.dispose();
  yield { rows, absent };
};

/** The share of zeros among weights: constants of two dimensions or more. */
function zeros({ nodes }: Graph): number {
  const weights = nodes.flatMap((node) =>
    node.kind === 'constant' && node.shape.length >= 2 ? [node.tensor] : [],
  );
  const kept = weights.reduce((sum, t) => sum + t.values.filter((v) => v !== 0).length, 0);
  return 1 - kept / weights.reduce((sum, t) => sum + t.values.length, 0);
}

async function ours(
  { backend }: Context,
  layouts: 'auto' | 'dense',
  graph: Graph,
  inputs: Record<string, Float32Array>,
  threads: number,
): Promise<Contender> {
  const made = await backend(threads);
  const { counters } = made as Partial<WebgpuBackend>;
  counters?.reset();
  const net: Network = await compileNetwork(graph, { layouts, backend: made });
  const ready = {
    threads,
    name: `lacuna ${layouts}`,
    layout: `${name}, ${layouts}`,
    outputs: () => net.run(inputs),
    dispose: () => net.dispose(),
  };
  if (!counters) return { ...ready, run: () => net.run(inputs), waits: true };
  await net.run(inputs);
  const bound = [...counters.programs.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  counters.reset();
  net.compiled.replay();
  await made.finish!();
  const { dispatches, submissions, workgroups, readbacks } = counters;
  return {
    ...ready,
    // Input and outputs stay on the GPU, as those of the peer do.
    run: () => net.compiled.replay(),
    settle: () => made.finish!(),
    extra: { dispatches, submissions, workgroups, readbacks, 'MiB bound': bound / 2 ** 20 },
  };
}
