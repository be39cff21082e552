// Bounds by a constant, said with relu:  max(x, c) = relu(x − c) + c  and  min(x, c) = c − relu(c − x).
// Where c is 0, or 6 above a relu, that is relu and relu6 themselves.
import { add, multiply, relu, relu6 } from '@lacuna/ops';
import type { NodeId } from '@lacuna/ir';
import { unsupported, type Importer } from '../importer.js';
import type { ModelNode } from '../model.js';
import type { Value } from '../value.js';
import { operands } from './operands.js';
import type { Rules } from './rule.js';

/** The image or vector, and the number that bounds it. */
function parts(node: ModelNode, importer: Importer): { value: Value; bound: number } {
  const [a, b] = [importer.input(node, 0), importer.input(node, 1)];
  const [value, bound] = a.kind === 'folded' ? [b, a] : [a, b];
  if (bound.kind !== 'folded' || bound.data.length !== 1)
    throw unsupported(node, 'is bounded by something other than one constant');
  return { value, bound: bound.data[0] ?? 0 };
}

function isRelu(importer: Importer, node: NodeId): boolean {
  const found = importer.builder.node(node);
  return (
    found.kind === 'apply' &&
    (found.op.opName === 'relu' ||
      ('activation' in found.attrs && found.attrs.activation === 'relu'))
  );
}

export const clips: Rules = {
  Maximum: {
    emit(node, importer) {
      const { value, bound } = parts(node, importer);
      const { nodes, wrap } = operands(importer, [value]);
      const { name } = node;
      if (bound === 0) return wrap(name, importer.apply(relu, nodes, {}, name));
      const number = (x: number): NodeId =>
        importer.constant(`${x}`, 'number', () => ({ shape: [1], data: [x] }));
      const above = importer.apply(add, [nodes[0], number(-bound)], {}, `${name}/above`);
      const cut = importer.apply(relu, [above], {}, `${name}/relu`);
      return wrap(name, importer.apply(add, [cut, number(bound)], {}, name));
    },
  },
  Minimum: {
    emit(node, importer) {
      const { value, bound } = parts(node, importer);
      const { nodes, wrap } = operands(importer, [value]);
      const [x = 0] = nodes;
      const { name } = node;
      if (bound === 6 && isRelu(importer, x))
        return wrap(name, importer.apply(relu6, nodes, {}, name));
      const number = (n: number): NodeId =>
        importer.constant(`${n}`, 'number', () => ({ shape: [1], data: [n] }));
      const negative = importer.apply(multiply, [x, number(-1)], {}, `${name}/negative`);
      const below = importer.apply(add, [negative, number(bound)], {}, `${name}/below`);
      const cut = importer.apply(relu, [below], {}, `${name}/relu`);
      const back = importer.apply(multiply, [cut, number(-1)], {}, `${name}/back`);
      return wrap(name, importer.apply(add, [back, number(bound)], {}, name));
    },
  },
};
