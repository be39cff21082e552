// The larger and the smaller of two values. Where one is the constant 0, or 6 above a relu, that is relu and
// relu6 themselves.
import { maximum, minimum, relu, relu6 } from '@lacuna/ops';
import type { NodeId } from '@lacuna/ir';
import type { Importer } from '../importer.js';
import type { ModelNode } from '../model.js';
import type { Value } from '../value.js';
import { stretched } from './elementwise.js';
import { operands } from './operands.js';
import type { Emit, Rules } from './rule.js';

/** The value, and the one number that bounds it, if there is one. */
function parts(node: ModelNode, importer: Importer): { value: Value; bound: number | undefined } {
  const [a, b] = [importer.input(node, 0), importer.input(node, 1)];
  const [value, bound] = a.kind === 'folded' ? [b, a] : [a, b];
  const isNumber =
    bound.kind === 'folded' && bound.data.length === 1 && bound.shape.length <= value.shape.length;
  return { value, bound: isNumber ? bound.data[0] : undefined };
}

function isRelu(importer: Importer, node: NodeId): boolean {
  const found = importer.builder.node(node);
  return (
    found.kind === 'apply' &&
    (found.op.opName === 'relu' ||
      ('activation' in found.attrs && found.attrs.activation === 'relu'))
  );
}

const larger: Emit = (node, importer) => {
  const { value, bound } = parts(node, importer);
  if (bound !== 0) return stretched(maximum).emit(node, importer);
  const { nodes, wrap } = operands(importer, [value]);
  return wrap(node.name, importer.apply(relu, nodes, {}, node.name));
};

const smaller: Emit = (node, importer) => {
  const { value, bound } = parts(node, importer);
  const { nodes, wrap } = operands(importer, [value]);
  if (bound !== 6 || !isRelu(importer, nodes[0] ?? 0))
    return stretched(minimum).emit(node, importer);
  return wrap(node.name, importer.apply(relu6, nodes, {}, node.name));
};

export const clips: Rules = { Maximum: { emit: larger }, Minimum: { emit: smaller } };
