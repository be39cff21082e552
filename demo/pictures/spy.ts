// A spy plot: one pixel a weight, white where it is zero, blue and red where it is not.
import { sizeOf, toDense, type Graph, type Tensor } from '@lacuna/lacuna';
import { enlarge, type Picture } from './read.js';

export interface Spied {
  readonly name: string;
  readonly shape: readonly number[];
  readonly sparsity: number;
  readonly picture: Picture;
}

/** The matrix among a graph's weights that has the most zeros beside the most others, and its plot. */
export function spy(graph: Graph): Spied | undefined {
  let best: { name: string; tensor: Tensor; zeros: number; worth: number } | undefined;
  for (const node of graph.nodes) {
    if (node.kind !== 'constant' || !isMatrix(node.shape)) continue;
    const size = sizeOf(node.shape);
    const zeros = toDense(node.tensor).filter((x) => x === 0).length;
    const worth = zeros * (1 - zeros / size);
    if (!best || worth > best.worth) best = { name: node.name, tensor: node.tensor, zeros, worth };
  }
  if (!best) return undefined;
  const { name, tensor, zeros } = best;
  const { shape } = tensor;
  return { name, shape, sparsity: zeros / sizeOf(shape), picture: plot(tensor) };
}

/** Rows and columns, perhaps of a window of one pixel. */
const isMatrix = (shape: readonly number[]): boolean =>
  (shape[1] ?? 0) > 1 && (shape[0] ?? 0) > 1 && shape.slice(2).every((extent) => extent === 1);

function plot(tensor: Tensor): Picture {
  const [height = 0, width = 0] = tensor.shape;
  const weights = Float32Array.from(toDense(tensor));
  const largest = weights.reduce((most, x) => Math.max(most, Math.abs(x)), 0) || 1;
  const rgb = new Uint8Array(3 * width * height).fill(255);
  weights.forEach((x, at) => {
    if (x === 0) return;
    const light = Math.round(150 * (1 - Math.min(1, (2 * Math.abs(x)) / largest)));
    rgb.set(x > 0 ? [light, light, 220] : [210, light, light], 3 * at);
  });
  const times = Math.max(1, Math.ceil(480 / Math.max(width, height)));
  return enlarge({ width, height, rgb }, times);
}
