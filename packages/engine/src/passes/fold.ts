// graph -> graph: channels that are constant, or that nobody reads, are folded away. A constant channel
// joins the next bias; its weights, the channel itself and whatever only fed it go. Exact up to rounding.
import { assemble, dense, type ApplyNode, type Graph, type NodeId, type Shape } from '@lacuna/ir';
import { conv2d, type Conv2dAttrs } from '@lacuna/ops';
import { channelsOf, channelValues, intervals, weightsOf } from './channels/intervals.js';
import { needs, treatment, type Needs } from './channels/needs.js';
import { rewrite, type Rewriting } from './rewrite.js';

/** The weights and bias of a mixing product once its constant inputs are folded into the bias. */
interface Folded {
  readonly weights: Float32Array;
  readonly bias: Float32Array;
  /** Numbers an output channel has, and an input channel of it. */
  readonly row: number;
  readonly window: number;
}

/** Removes channels that no output depends on. */
export function fold(graph: Graph): Graph {
  const known = intervals(graph);
  const folded = new Map<NodeId, Folded>();
  for (const node of graph.nodes) {
    if (node.kind !== 'apply' || treatment(node, graph) !== 'mixes') continue;
    const x = known.get(node.inputs[0]!)!;
    const constant = Float64Array.from(x.low, (low, c) =>
      low === x.high[c] && Number.isFinite(low) ? low : NaN,
    );
    folded.set(node.id, foldConstants(node, graph, constant));
  }
  const wanted = needs(graph, (node, o, c) => {
    const { weights, row, window } = folded.get(node.id)!;
    const from = o * row + c * window;
    for (let k = from; k < from + window; k++) if (weights[k] !== 0) return true;
    return false;
  });
  return rewrite(graph, (node, rewriting) => shrink(node, graph, wanted, folded, rewriting));
}

function foldConstants(node: ApplyNode, graph: Graph, constant: Float64Array): Folded {
  const weights = weightsOf(graph.nodes[node.inputs[1]!])!;
  const outputs = channelsOf(node)!;
  const bias =
    node.inputs[2] === undefined
      ? new Float32Array(outputs)
      : weightsOf(graph.nodes[node.inputs[2]])!;
  const row = weights.length / outputs;
  const window = row / constant.length;
  const padded =
    node.op.opName === conv2d.opName && (node.attrs as Conv2dAttrs).padding.some((n) => n > 0);
  for (let c = 0; c < constant.length; c++) {
    const value = constant[c]!;
    // Beside padding, a constant other than zero meets fewer weights at the border than inside.
    if (Number.isNaN(value) || (padded && value !== 0)) continue;
    for (let o = 0; o < outputs; o++) {
      let sum = 0;
      for (let k = o * row + c * window; k < o * row + (c + 1) * window; k++) {
        sum += weights[k]!;
        weights[k] = 0;
      }
      bias[o]! += sum * value;
    }
  }
  return { weights, bias, row, window };
}

/** The channels of a node that stay; undefined where it has none to drop. At least one stays. */
function kept(id: NodeId, wanted: Needs): number[] | undefined {
  const marks = wanted.needed(id);
  if (!marks) return undefined;
  const stay = [...marks.keys()].filter((c) => marks[c]);
  return stay.length > 0 ? stay : [0];
}

function shrink(
  node: ApplyNode,
  graph: Graph,
  wanted: Needs,
  folded: ReadonlyMap<NodeId, Folded>,
  rewriting: Rewriting,
): NodeId | undefined {
  const { builder, at } = rewriting;
  const how = treatment(node, graph);
  if (how === 'opaque') return undefined;
  const stay = kept(node.id, wanted)!;
  const constant = (numbers: ArrayLike<number>, shape: Shape, name: string): NodeId =>
    builder.constant(assemble(dense(), shape, numbers), name);
  if (how === 'mixes') {
    const { weights, bias, row, window } = folded.get(node.id)!;
    const inputs = kept(node.inputs[0]!, wanted)!;
    const w = stay.flatMap((o) =>
      inputs.flatMap((c) => [
        ...weights.subarray(o * row + c * window, o * row + (c + 1) * window),
      ]),
    );
    const shape = [stay.length, inputs.length, ...graph.nodes[node.inputs[1]!]!.shape.slice(2)];
    const b = constant(
      stay.map((o) => bias[o]!),
      [stay.length],
      `${node.name}/b`,
    );
    return builder.apply(
      node.op,
      [at(node.inputs[0]!), constant(w, shape, `${node.name}/w`), b],
      node.attrs,
      node.name,
    );
  }
  const channels = channelsOf(node)!;
  if (stay.length === channels) return undefined;
  if (node.op.opName === conv2d.opName) {
    const [weights, bias] = [
      weightsOf(graph.nodes[node.inputs[1]!])!,
      node.inputs[2] === undefined ? undefined : weightsOf(graph.nodes[node.inputs[2]])!,
    ];
    const window = weights.length / channels;
    const w = constant(
      stay.flatMap((c) => [...weights.subarray(c * window, (c + 1) * window)]),
      [stay.length, ...graph.nodes[node.inputs[1]!]!.shape.slice(1)],
      `${node.name}/w`,
    );
    const b =
      bias &&
      constant(
        stay.map((c) => bias[c]!),
        [stay.length],
        `${node.name}/b`,
      );
    return builder.apply(
      node.op,
      [at(node.inputs[0]!), w, b],
      { ...node.attrs, groups: stay.length },
      node.name,
    );
  }
  const inputs = node.inputs.map((id) => {
    const source = graph.nodes[id!]!;
    const values =
      source.kind === 'constant' && source.tensor.stored > 1
        ? channelValues(source, channels)
        : undefined;
    return values
      ? constant(
          stay.map((c) => values[c]!),
          source.shape.map((extent) => (extent === channels ? stay.length : extent)),
          source.name,
        )
      : at(id!);
  });
  const attrs =
    'shape' in node.attrs
      ? { shape: node.shape.map((extent, dim) => (dim === 1 ? stay.length : extent)) }
      : node.attrs;
  return builder.apply(node.op, inputs, attrs, node.name);
}
