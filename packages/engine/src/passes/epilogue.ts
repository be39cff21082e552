// graph -> graph: an elementwise op moves into the op that makes its numbers, where a kernel takes it along. Numbers
// stay what they were.
//
//   gelu(linear(x, w))  ->  linear+gelu(x, w)
import { withEpilogue, type ApplyNode, type Epilogue, type Graph } from '@lacuna/ir';
import { rewrite } from './rewrite.js';

/** Whether some kernel for a node takes an elementwise op along. */
export type CanEnd = (node: ApplyNode, last: Epilogue) => boolean;

/** Moves elementwise ops into the nodes before them. */
export function epilogue(graph: Graph, can: CanEnd): Graph {
  return rewrite(graph, (node, { builder, at, single }) => {
    const { op, attrs, inputs, emit } = node;
    if (!op.spec.pointwise || inputs.length !== 1 || emit?.into) return undefined;
    const source = builder.node(at(inputs[0]!));
    if (source.kind !== 'apply' || source.emit || source.op.spec.ends) return undefined;
    const fits = single(source.id) && source.dtype === node.dtype;
    if (!fits || !can(source, { op, attrs })) return undefined;
    const both = withEpilogue(source.op, { op, attrs });
    return builder.apply(both, source.inputs, source.attrs, node.name, emit);
  });
}
