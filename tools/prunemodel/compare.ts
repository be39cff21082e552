// Two graphs of one network, run in turns: how far outputs are apart, how long each takes, and which layers are still
// computed as if nothing had been pruned.
import { compileNetwork, type Graph, type Layer, type Network } from '@lacuna/lacuna';

type Inputs = Readonly<Record<string, Float32Array>>;
type Tell = (line: string) => void;
type Both = readonly [before: Network, after: Network];

const whole = (x: number): string => x.toLocaleString('en');
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** Compiles both and tells what became of memory, outputs and speed. */
export async function compare(
  before: Graph,
  after: Graph,
  inputs: Inputs,
  tell: Tell,
): Promise<void> {
  tell('compiling both …');
  const both = [
    await compileNetwork(before, { layouts: 'dense' }),
    await compileNetwork(after),
  ] as const;
  tell(
    `in memory  ${whole(both[0].weightBytes)} -> ${whole(both[1].weightBytes)} bytes of weights`,
  );
  const [slow, fast] = await medians(both, inputs);
  const ratio = (slow / fast).toFixed(2);
  tell(`a run      ${slow.toFixed(2)} -> ${fast.toFixed(2)} ms, ${ratio} times as fast`);
  const moved = await movesOf(both, inputs);
  for (const [name, by] of moved) tell(`output     ${name} moves by ${percent(by)}`);
  if (moved.some(([, by]) => by > 0.05))
    tell('           Outputs moved: train what is left, or drop fewer numbers.');
  await both[1].profile();
  tellLayers(both[1].layers, tell);
  for (const network of both) network.dispose();
}

/** How far each output is from what it was, as a share of its length. */
async function movesOf(both: Both, inputs: Inputs): Promise<[name: string, by: number][]> {
  const [wanted, got] = [await both[0].run(inputs), await both[1].run(inputs)];
  return Object.entries(wanted).map(([name, numbers]) => {
    let [far, size] = [0, 0];
    numbers.forEach((x, at) => {
      far += (x - got[name]![at]!) ** 2;
      size += x * x;
    });
    return [name, Math.sqrt(far / Math.max(size, Number.MIN_VALUE))];
  });
}

/** Medians in milliseconds, of runs in turns. */
async function medians(both: Both, inputs: Inputs): Promise<[before: number, after: number]> {
  const ms: [number[], number[]] = [[], []];
  for (let round = 0; round < 25; round++)
    for (const k of [0, 1] as const) {
      const start = performance.now();
      await both[k].run(inputs);
      if (round >= 4) ms[k].push(performance.now() - start);
    }
  const middle = (times: number[]): number => times.sort((x, y) => x - y)[times.length >> 1]!;
  return [middle(ms[0]), middle(ms[1])];
}

/** The end of a name, which in graph models tells layers apart. */
const ending = (name: string): string => (name.length > 40 ? `…${name.slice(-39)}` : name);

/** What takes the time now, the longest first. */
function tellLayers(layers: readonly Layer[], tell: Tell): void {
  const total = layers.reduce((sum, { ms = 0 }) => sum + ms, 0);
  tell('\nwhere the time goes now');
  for (const layer of layers.toSorted((a, b) => (b.ms ?? 0) - (a.ms ?? 0)).slice(0, 10)) {
    const { name, op, layout = '', sparsity = 0, ms = 0 } = layer;
    const zeros = sparsity > 0 ? `${percent(sparsity)} zeros` : '';
    const words = [op.padEnd(16), layout.padEnd(10), zeros.padEnd(13), ending(name)];
    tell(`${percent(ms / total).padStart(7)}  ${words.join(' ')}`);
  }
  const still = layers.filter((l) => l.layout?.startsWith('dense') && (l.sparsity ?? 0) > 0.5);
  const share = still.reduce((sum, { ms = 0 }) => sum + ms, 0) / total;
  if (still.length > 0)
    tell(
      `\n${still.length} layers of zeros run dense, ${percent(share)} of the time: no kernel that skips zeros is quicker there.`,
    );
}
