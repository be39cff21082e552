// Which channels some output needs. Values whose channels must stay together (both sides of a sum, before
// and after a depthwise convolution) form one group; a channel is needed if any member's reader needs it.
import type { ApplyNode, Graph, Node, NodeId } from '@lacuna/ir';
import {
  absolute,
  add,
  averagePool,
  biasAdd,
  conv2d,
  gelu,
  leakyRelu,
  linear,
  maximum,
  maxPool,
  mean,
  minimum,
  multiply,
  pad,
  prelu,
  reducedDims,
  relu,
  relu6,
  reshape,
  resizeBilinear,
  scale,
  sigmoid,
  silu,
  squeeze,
  subtract,
  tanh,
  type Conv2dAttrs,
  type MeanAttrs,
} from '@lacuna/ops';
import { channelsOf, channelValues, keepsChannels, weightsOf } from './intervals.js';

/** How a node treats its first input's channels. */
export type Treatment = 'mixes' | 'keeps' | 'opaque';

const joins = [add, biasAdd, subtract, multiply, maximum, minimum, scale];
const functions = [relu, relu6, leakyRelu, prelu, sigmoid, tanh, silu, gelu, absolute];
const windows = [maxPool, averagePool, resizeBilinear];
const keeping = new Set([joins, functions, windows].flat().map((o) => o.opName));

/** Whether a node mixes channels by constant weights, keeps each channel apart, or does something else. */
export function treatment(node: ApplyNode, graph: Graph): Treatment {
  const channels = channelsOf(node);
  const x = graph.nodes[node.inputs[0]!]!;
  if (channels === undefined || channelsOf(x) === undefined) return 'opaque';
  switch (node.op.opName) {
    case conv2d.opName: {
      const { groups } = node.attrs as Conv2dAttrs;
      const constant = node.inputs
        .slice(1)
        .every((id) => id === undefined || weightsOf(graph.nodes[id]));
      if (!constant) return 'opaque';
      return groups === 1
        ? 'mixes'
        : groups === channels && channelsOf(x) === channels
          ? 'keeps'
          : 'opaque';
    }
    case linear.opName:
      return node.inputs.slice(1).every((id) => id === undefined || weightsOf(graph.nodes[id]))
        ? 'mixes'
        : 'opaque';
    case reshape.opName:
    case squeeze.opName:
      return keepsChannels(x, node) ? 'keeps' : 'opaque';
    case mean.opName: {
      const { axes } = node.attrs as MeanAttrs;
      return [...reducedDims('mean', x.shape, axes)].every((a) => a > 1) ? 'keeps' : 'opaque';
    }
    case pad.opName: {
      const { padding } = node.attrs as { padding: readonly (readonly [number, number])[] };
      return padding.slice(0, 2).every(([a, b]) => a === 0 && b === 0) ? 'keeps' : 'opaque';
    }
    default:
      return keeping.has(node.op.opName) && operandsFit(node, graph, channels) ? 'keeps' : 'opaque';
  }
}

function operandsFit(node: ApplyNode, graph: Graph, channels: number): boolean {
  return node.inputs.every((id) => {
    const source = graph.nodes[id!]!;
    return source.kind === 'constant'
      ? channelValues(source, channels) !== undefined
      : channelsOf(source) === channels;
  });
}

/** Groups of values, and which channels of each group are needed. */
export interface Needs {
  readonly groupOf: (id: NodeId) => number | undefined;
  /** One byte a channel. */
  readonly needed: (id: NodeId) => Uint8Array | undefined;
}

/**
 * Which channels are needed, where `reads(node, o, c)` says whether output channel o of a mixing node
 * reads channel c of its input.
 */
export function needs(
  graph: Graph,
  reads: (node: ApplyNode, o: number, c: number) => boolean,
): Needs {
  const parent = graph.nodes.map((node) => node.id);
  const find = (id: NodeId): NodeId => (parent[id] === id ? id : (parent[id] = find(parent[id]!)));
  const tied = (node: ApplyNode): Node[] =>
    node.inputs
      .map((id) => graph.nodes[id!]!)
      .filter((x, k) => x.kind !== 'constant' && (k === 0 || keeping.has(node.op.opName)));
  const treatments = graph.nodes.map((node) =>
    node.kind === 'apply' ? treatment(node, graph) : 'opaque',
  );
  for (const node of graph.nodes)
    if (node.kind === 'apply' && treatments[node.id] === 'keeps')
      for (const x of tied(node)) parent[find(x.id)] = find(node.id);

  const marks = new Map<NodeId, Uint8Array>();
  const markOf = (id: NodeId): Uint8Array | undefined => {
    const channels = channelsOf(graph.nodes[id]!);
    if (channels === undefined) return undefined;
    const root = find(id);
    let mark = marks.get(root);
    if (!mark) marks.set(root, (mark = new Uint8Array(channels)));
    return mark;
  };
  for (const { node } of graph.outputs) markOf(node)?.fill(1);
  for (const node of graph.nodes) {
    if (node.kind === 'input') markOf(node.id)?.fill(1);
    if (node.kind !== 'apply' || treatments[node.id] !== 'opaque') continue;
    markOf(node.id)?.fill(1);
    for (const id of node.inputs) if (id !== undefined) markOf(id)?.fill(1);
  }
  // A group's need may reach back through an earlier group, so repeat until nothing is added.
  for (let grew = true; grew;) {
    grew = false;
    for (const node of graph.nodes.toReversed()) {
      if (node.kind !== 'apply' || treatments[node.id] !== 'mixes') continue;
      const [from, to] = [markOf(node.inputs[0]!)!, markOf(node.id)!];
      for (let c = 0; c < from.length; c++) {
        if (from[c] || !to.some((wanted, o) => wanted === 1 && reads(node, o, c))) continue;
        from[c] = 1;
        grew = true;
      }
    }
  }
  return {
    groupOf: (id) => (channelsOf(graph.nodes[id]!) === undefined ? undefined : find(id)),
    needed: markOf,
  };
}
