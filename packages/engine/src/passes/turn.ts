// graph -> graph: between linear layers, activations stay as products write them, a row an output: kernels multiply
// W·X with positions along rows, and a layer of its own turns x and packs it, and turns y back. So x is turned once
// before the first layer of a chain, and y once after the last.
//
//   linear(relu(linear(x, v, b)), w)   ->   transpose(matmul(w, relu(matmul(v, xᵀ, b))))
import {
  isDense,
  usersOf,
  type ApplyNode,
  type Graph,
  type Node,
  type NodeId,
  type Op,
} from '@lacuna/ir';
import { linear, matmul, reshape, transpose, type LinearAttrs } from '@lacuna/ops';
import { countReaders, rewrite, type Rewriting } from './rewrite.js';

/** Keeps activations turned between linear layers that nothing else reads. */
export function turn(graph: Graph): Graph {
  const { from, to } = chains(graph);
  if (to.size === 0) return graph;
  return rewrite(graph, (node, rewriting) =>
    from.has(node.id) || to.has(node.id)
      ? layer(node, rewriting, to.has(node.id), from.has(node.id))
      : undefined,
  );
}

/** A layer as a product; whether x is turned already, and whether y stays so. */
function layer(
  node: ApplyNode,
  { builder, at }: Rewriting,
  turned: boolean,
  stays: boolean,
): NodeId {
  const [x, w, bias] = node.inputs.map((id) => (id === undefined ? undefined : at(id)));
  const { shape } = builder.node(x!);
  const flat = (id: NodeId, to: readonly number[]): NodeId =>
    to.join() === builder.node(id).shape.join() ? id : builder.apply(reshape, [id], { shape: to });
  const k = shape.at(-1)!;
  const rows = turned ? x! : flat(x!, [shape.slice(0, -1).reduce((a, b) => a * b, 1), k]);
  const { activation } = node.attrs as LinearAttrs;
  const y = builder.apply(
    matmul,
    [w, rows, bias],
    { activation, transposeB: !turned },
    `${node.name}/turned`,
  );
  if (stays) return y;
  return flat(builder.apply(transpose, [y], { permutation: [1, 0] }, node.name), node.shape);
}

interface Chains {
  /** Layers whose outputs stay turned, and layers whose inputs are. */
  readonly from: ReadonlySet<NodeId>;
  readonly to: ReadonlySet<NodeId>;
}

function chains(graph: Graph): Chains {
  const [readers, counts] = [usersOf(graph), countReaders(graph)];
  /** The one node that reads a value, once. */
  const onlyReader = ({ id }: Node): ApplyNode | undefined =>
    counts[id] === 1 ? readers[id]![0] : undefined;
  const found = { from: new Set<NodeId>(), to: new Set<NodeId>() };
  for (const node of graph.nodes) {
    if (node.kind !== 'apply' || !isLayer(graph, node)) continue;
    let next = onlyReader(node);
    while (next && goesAlong(next)) next = onlyReader(next);
    if (!next || !isLayer(graph, next)) continue;
    found.from.add(node.id);
    found.to.add(next.id);
  }
  return found;
}

/** A linear layer of dense float32 activations, about whose output nothing is said. */
function isLayer({ nodes }: Graph, { op, inputs, emit, dtype }: ApplyNode): boolean {
  if (op !== (linear as Op) || emit || dtype !== 'float32') return false;
  const [x, ...rest] = inputs.map((id) => (id === undefined ? undefined : nodes[id]!));
  return (
    isPlain(x!) && rest.every((t) => !t || ['float32', 'float16', 'bfloat16'].includes(t.dtype))
  );
}

function isPlain(node: Node): boolean {
  if (node.dtype !== 'float32') return false;
  if (node.kind === 'apply') return !node.emit;
  return isDense(node.kind === 'input' ? node.format : node.tensor.format);
}

/** A function of one number, which does not care where the number is. */
const goesAlong = ({ op, inputs, emit }: ApplyNode): boolean =>
  inputs.length === 1 && !emit && op.spec.pointwise === true && !op.spec.keepsPattern;
