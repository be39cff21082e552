// A network as a TFLite model: channels last, as TFLite has images, where our graphs have them first. A product
// with an image's channels is a convolution of 1 × 1, and with a vector FULLY_CONNECTED.
import { simplify, type ApplyNode, type Graph, type Node, type NodeId } from '@lacuna/lacuna';
import { ModelWriter, type TensorId } from './model.js';
import { rules } from './rules.js';

/** A value: its tensor, and the shape of that: [1, height, width, channels] or [1, channels]. */
export interface Value {
  readonly tensor: TensorId;
  readonly shape: readonly number[];
}

/** What a rule may ask for. */
export interface Scope {
  readonly model: ModelWriter;
  readonly graph: Graph;
  /** Whether products with images store what is not zero only. */
  readonly sparse: boolean;
  readonly value: (id: NodeId | undefined) => Value;
}

/** Writes an op, and returns its value. */
export type Rule = (node: ApplyNode, scope: Scope) => Value;

/**
 * The bytes of a network whose outputs are vectors, and the names of these in order.
 * @throws Error where an op has no rule.
 */
export function networkModel(
  network: Graph,
  sparse: boolean,
): { readonly bytes: Uint8Array; readonly outputs: readonly string[] } {
  const graph = simplify(network, { fold: false });
  const model = new ModelWriter();
  const values = new Map<NodeId, Value>();
  const value: Scope['value'] = (id) => {
    const found = values.get(id!);
    if (!found) throw new Error(`node ${id} is read as a value, and is none`);
    return found;
  };
  const scope: Scope = { model, graph, sparse, value };
  const inputs: TensorId[] = [];
  for (const node of graph.nodes)
    if (node.kind !== 'constant')
      values.set(node.id, node.kind === 'input' ? given(node) : made(node));
  const outputs = graph.outputs.map(({ node }) => value(node).tensor);
  return { bytes: model.finish(inputs, outputs), outputs: graph.outputs.map(({ name }) => name) };

  function given({ name, shape }: Node): Value {
    const tensor = model.value(name, shape);
    inputs.push(tensor);
    return { tensor, shape };
  }
  function made(node: ApplyNode): Value {
    const rule = rules[node.op.opName];
    if (!rule) throw new Error(`no TFLite operator is known for ${node.op.opName}`);
    return rule(node, scope);
  }
}
