// The page: one graph, compiled for each backend that comes up, run on one picture.
import { webgpu } from '@lacuna/backend-webgpu';
import {
  compileNetwork,
  readGraphModel,
  wasm,
  type Backend,
  type Graph,
  type Network,
} from '@lacuna/lacuna';
import { Panel } from './panel.js';
import { drawHand, numbersOf, side } from './picture.js';

const makers: Readonly<Record<string, () => Promise<Backend>>> = { WebGPU: webgpu, WASM: wasm };
const colours: Readonly<Record<string, string>> = { WebGPU: '#3ddc97', WASM: '#ffd166' };

/** A backend that came up, with its network, and the same with every weight dense. */
interface Side {
  readonly panel: Panel;
  readonly network: Network;
  readonly dense: Network;
}

/** Compiles the graph for a backend; where it does not come up, its panel says why. */
async function open(title: string, graph: Graph): Promise<Side | undefined> {
  const panel = new Panel(title, colours[title]!);
  try {
    const network = await compileNetwork(graph, { backend: makers[title]!() });
    const dense = await compileNetwork(graph, { backend: makers[title]!(), layouts: 'dense' });
    panel.describe(network);
    return { panel, network, dense };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    panel.fell(`${title} did not come up: ${reason}. The network runs on what is left.`);
    return undefined;
  }
}

/** Runs a picture through a network; the best time of a few. */
async function time(network: Network, numbers: Float32Array): Promise<[Float32Array, number]> {
  let [best, landmarks] = [Infinity, new Float32Array()];
  for (let round = 0; round < 6; round++) {
    const start = performance.now();
    const outputs = await network.run({ input_1: numbers });
    best = Math.min(best, performance.now() - start);
    landmarks = Float32Array.from(Object.values(outputs).find((values) => values.length === 63)!);
  }
  return [landmarks, best];
}

async function show(sides: readonly Side[], picture: HTMLCanvasElement): Promise<void> {
  const numbers = numbersOf(picture.getContext('2d')!);
  const found: Float32Array[] = [];
  for (const { panel, network, dense } of sides) {
    const [landmarks, ms] = await time(network, numbers);
    panel.show(picture, landmarks, ms);
    panel.compare(ms, (await time(dense, numbers))[1]);
    found.push(landmarks);
  }
  const [first, second] = found;
  const apart =
    first && second
      ? first.reduce((most, x, at) => Math.max(most, Math.abs(x - second[at]!)), 0)
      : undefined;
  document.querySelector('#agree')!.textContent =
    apart === undefined ? '' : `The two agree within ${apart.toExponential(1)} pixels.`;
  document.body.dataset['apart'] = String(apart ?? '');
  document.body.dataset['sides'] = String(sides.length);
}

const text = await (await fetch('models/handlandmark-sparse.json')).text();
const graph = await readGraphModel(text, async (path) => {
  const response = await fetch(`models/${path}`);
  return new Uint8Array(await response.arrayBuffer());
});
const picture = document.createElement('canvas');
picture.width = picture.height = side;
drawHand(picture.getContext('2d', { willReadFrequently: true })!);

const opened: Side[] = [];
for (const title of Object.keys(makers)) {
  const one = await open(title, graph);
  if (one) opened.push(one);
}
await show(opened, picture);

document.querySelector<HTMLInputElement>('#file')!.addEventListener('change', (event) => {
  const file = (event.target as HTMLInputElement).files?.[0];
  if (!file) return;
  void createImageBitmap(file).then((image) => {
    picture.getContext('2d')!.drawImage(image, 0, 0, side, side);
    return show(opened, picture);
  });
});
