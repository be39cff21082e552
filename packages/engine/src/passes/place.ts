// graph -> placed graph: for every node a kernel and formats, by cost. Constants may change format when
// that loses nothing; the work is done here, once, and shown by `explain`.
import {
  convert,
  formatOf,
  SparseError,
  type ApplyNode,
  type ConstantNode,
  type Format,
  type FormatLike,
  type Graph,
  type NodeId,
  type OperandType,
  type Rates,
  type Tensor,
} from '@lacuna/ir';
import type { Registry } from '../registry.js';
import { choose, type Choice, type Offer } from './choose.js';

/** A graph with a choice for every node that computes something. */
export interface Placed {
  readonly graph: Graph;
  readonly choices: ReadonlyMap<NodeId, Choice>;
  /** The forms of constants that choices use, by node and printed format. */
  readonly constants: ReadonlyMap<NodeId, readonly Tensor[]>;
}

/** What `place` needs to know. */
export interface PlaceOptions {
  readonly registry: Registry;
  readonly rates: Rates;
  /** Formats that a dense constant may be stored in instead, where that is cheaper. */
  readonly candidates: readonly FormatLike[];
}

/** Whether `node` is only its first input under another shape. */
export function isView(graph: Graph, node: ApplyNode): boolean {
  return (
    node.op.spec.view?.(
      node.inputs.map((id) => (id === undefined ? undefined : graph.nodes[id]!.shape)),
      node.attrs,
    ) ?? false
  );
}

/** Chooses a kernel and formats for every node. */
export function place(graph: Graph, { registry, rates, candidates }: PlaceOptions): Placed {
  const choices = new Map<NodeId, Choice>();
  const constants = new Map<NodeId, readonly Tensor[]>();
  const formats = new Map<NodeId, OperandType>();
  const offer = (id: NodeId, node: ApplyNode, k: number): Offer => {
    const source = graph.nodes[id]!;
    if (source.kind !== 'constant') return { type: formats.get(id)!, also: [] };
    const wanted = registry.kernelsFor(node.op).map((kernel) => kernel.takes[k]);
    const forms = constants.get(id) ?? [
      source.tensor,
      ...otherForms(
        source,
        candidates.map(formatOf).filter((f) => wanted.includes(f.layout)),
      ),
    ];
    constants.set(id, forms);
    const [type, ...also] = forms.map(typeOf);
    return { type: type!, also };
  };
  for (const node of graph.nodes) {
    if (node.kind === 'input')
      formats.set(node.id, {
        format: node.format,
        shape: node.shape,
        dtype: node.dtype,
        stored: node.shape.reduce((a, b) => a * b, 1),
        constant: false,
      });
    if (node.kind !== 'apply') continue;
    if (isView(graph, node)) {
      const source = graph.nodes[node.inputs[0]!]!;
      const from = source.kind === 'constant' ? typeOf(source.tensor) : formats.get(source.id)!;
      formats.set(node.id, { ...from, shape: node.shape, constant: false });
      continue;
    }
    const choice = choose(
      node,
      node.inputs.map((id, k) => (id === undefined ? undefined : offer(id, node, k))),
      registry,
      rates,
    );
    choices.set(node.id, choice);
    formats.set(node.id, choice.output);
  }
  return { graph, choices, constants };
}

/** A constant as an operand. */
export function typeOf(tensor: Tensor): OperandType {
  return {
    format: tensor.format,
    shape: tensor.shape,
    dtype: tensor.dtype,
    stored: tensor.stored,
    constant: true,
  };
}

function otherForms(node: ConstantNode, formats: readonly Format[]): Tensor[] {
  return formats.flatMap((format) => {
    try {
      return format.layout === node.tensor.format.layout ? [] : [convert(node.tensor, format)];
    } catch (error) {
      // Not every constant fits every candidate: another rank, or entries that would be lost.
      if (error instanceof SparseError && (error.code === 'lossy' || error.code === 'shape'))
        return [];
      throw error;
    }
  });
}
