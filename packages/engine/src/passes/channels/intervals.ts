// What each channel's values can be, as an interval, from weights, biases and activations alone (interval
// arithmetic, R. E. Moore, 1966). A channel whose interval is one number is a constant.
import { isDense, sizeOf, toDense, type ApplyNode, type Graph, type Node } from '@lacuna/ir';
import {
  add,
  averagePool,
  biasAdd,
  conv2d,
  linear,
  maxPool,
  mean,
  pad,
  relu,
  relu6,
  reshape,
  resizeBilinear,
  squeeze,
  type Activation,
  type Conv2dAttrs,
} from '@lacuna/ops';
import { isFixed } from '../rewrite.js';

/** Least and greatest value of each channel. */
export interface Interval {
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/** Where a value's channels are: dimension 1 of one image [1, C, H, W] or row [1, C]; absent elsewhere. */
export function channelsOf({ shape }: Pick<Node, 'shape'>): number | undefined {
  return (shape.length === 4 || shape.length === 2) && shape[0] === 1 ? shape[1] : undefined;
}

/** Whether a reshape or squeeze keeps channels: same number of them, and the same numbers in each. */
export function keepsChannels(from: Pick<Node, 'shape'>, to: Pick<Node, 'shape'>): boolean {
  const channels = channelsOf(from);
  return (
    channels !== undefined && channels === channelsOf(to) && sizeOf(from.shape) === sizeOf(to.shape)
  );
}

/** A dense constant's numbers. */
export function weightsOf(node: Node | undefined): Float32Array | undefined {
  return node && isFixed(node) && isDense(node.tensor.format)
    ? Float32Array.from(toDense(node.tensor))
    : undefined;
}

/** A constant's number for each of `channels`, where it has no more than one a channel. */
export function channelValues(node: Node, channels: number): Float32Array | undefined {
  const numbers = weightsOf(node);
  if (!numbers) return undefined;
  if (numbers.length === 1) return new Float32Array(channels).fill(numbers[0]!);
  const aligned = node.shape.length <= 2 ? node.shape.at(-1) : node.shape.at(-3);
  return numbers.length === channels && aligned === channels ? numbers : undefined;
}

/** The interval of every channel of every node that has channels. */
export function intervals(graph: Graph): ReadonlyMap<number, Interval> {
  const known = new Map<number, Interval>();
  for (const node of graph.nodes) {
    const channels = channelsOf(node);
    if (channels === undefined) continue;
    known.set(
      node.id,
      (node.kind === 'apply' && of(node, channels, graph, known)) || anything(channels),
    );
  }
  return known;
}

function anything(channels: number): Interval {
  return {
    low: new Float64Array(channels).fill(-Infinity),
    high: new Float64Array(channels).fill(Infinity),
  };
}

function of(
  node: ApplyNode,
  channels: number,
  graph: Graph,
  known: ReadonlyMap<number, Interval>,
): Interval | undefined {
  const input = (k: number): Node | undefined =>
    node.inputs[k] === undefined ? undefined : graph.nodes[node.inputs[k]];
  const x = known.get(node.inputs[0] ?? -1);
  switch (node.op.opName) {
    case conv2d.opName:
    case linear.opName: {
      const weights = weightsOf(input(1));
      const bias = input(2) ? weightsOf(input(2)) : new Float32Array(channels);
      if (!x || !weights || !bias || weights.length % channels) return undefined;
      const {
        groups = 1,
        padding = [],
        activation,
      } = node.attrs as Partial<Conv2dAttrs> & { activation: Activation };
      const seen = padding.some((n) => n > 0) ? withZero(x) : x;
      return clamp(activation, product(weights, bias, seen, channels, groups));
    }
    case relu.opName:
    case relu6.opName:
      return x && clamp(node.op.opName as Activation, x);
    case add.opName:
    case biasAdd.opName: {
      const terms = node.inputs.map((id) => termOf(graph.nodes[id!]!, node, channels, known));
      return terms.every((t) => t !== undefined) ? terms.reduce(sum) : undefined;
    }
    case pad.opName: {
      const { value } = node.attrs as { value: number };
      return x && x.low.length === channels && value === 0 ? withZero(x) : undefined;
    }
    case maxPool.opName:
    case averagePool.opName:
    case resizeBilinear.opName:
    case mean.opName:
      return x?.low.length === channels ? x : undefined;
    case reshape.opName:
    case squeeze.opName:
      return keepsChannels(input(0)!, node) ? x : undefined;
    default:
      return undefined;
  }
}

/** bias[o] + Σ w·[low, high] over the weights of output o; zero weights read nothing. */
function product(
  weights: Float32Array,
  bias: Float32Array,
  x: Interval,
  outputs: number,
  groups: number,
): Interval {
  const row = weights.length / outputs;
  const perGroup = x.low.length / groups;
  const window = row / perGroup;
  const [low, high] = [Float64Array.from(bias), Float64Array.from(bias)];
  for (let o = 0; o < outputs; o++) {
    const first = Math.floor((o * groups) / outputs) * perGroup;
    for (let k = 0; k < row; k++) {
      const w = weights[o * row + k]!;
      if (w === 0) continue;
      const c = first + Math.floor(k / window);
      low[o]! += w * (w > 0 ? x.low[c]! : x.high[c]!);
      high[o]! += w * (w > 0 ? x.high[c]! : x.low[c]!);
    }
  }
  return { low, high };
}

function termOf(
  source: Node,
  node: Node,
  channels: number,
  known: ReadonlyMap<number, Interval>,
): Interval | undefined {
  if (source.kind !== 'constant')
    return source.shape.join() === node.shape.join() ? known.get(source.id) : undefined;
  const values = channelValues(source, channels);
  return values && { low: Float64Array.from(values), high: Float64Array.from(values) };
}

function sum(a: Interval, b: Interval): Interval {
  return { low: a.low.map((v, c) => v + b.low[c]!), high: a.high.map((v, c) => v + b.high[c]!) };
}

function withZero({ low, high }: Interval): Interval {
  return { low: low.map((v) => Math.min(v, 0)), high: high.map((v) => Math.max(v, 0)) };
}

function clamp(activation: Activation, x: Interval): Interval {
  if (activation === 'none') return x;
  const top = activation === 'relu6' ? 6 : Infinity;
  const f = (v: number): number => Math.min(Math.max(v, 0), top);
  return { low: x.low.map(f), high: x.high.map(f) };
}
