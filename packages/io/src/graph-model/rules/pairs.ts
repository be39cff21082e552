// Differences and quotients of two values that stretch to each other.
import { divide, multiply, subtract } from '@lacuna/ops';
import { type } from '../attributes.js';
import type { Value } from '../value.js';
import { stretched } from './elementwise.js';
import { operands } from './operands.js';
import type { Emit, Rule, Rules } from './rule.js';

/** x / c as  x · (1/c), a / b as it is. */
const quotient: Rule = {
  lacks: (node) => (type(node, 'T') === 'DT_INT32' ? 'whole numbers' : undefined),
  emit(node, importer) {
    const [a, b] = [importer.input(node, 0), importer.input(node, 1)];
    const known = b.kind === 'folded';
    const by: Value = known
      ? { ...b, name: `${b.name}/inverse`, data: Float32Array.from(b.data, (c) => 1 / c) }
      : b;
    const { nodes, wrap } = operands(importer, [a, by]);
    return wrap(node.name, importer.apply(known ? multiply : divide, nodes, {}, node.name));
  },
};

/** (a − b)² */
const squaredDifference: Emit = (node, importer) => {
  const { nodes, wrap } = operands(importer, [importer.input(node, 0), importer.input(node, 1)]);
  const difference = importer.apply(subtract, nodes, {}, `${node.name}/difference`);
  return wrap(node.name, importer.apply(multiply, [difference, difference], {}, node.name));
};

const reciprocal: Emit = (node, importer) => {
  const { nodes, wrap } = operands(importer, [importer.input(node, 0)]);
  const one = importer.constant('1', 'number', () => ({ shape: [1], data: [1] }));
  return wrap(node.name, importer.apply(divide, [one, nodes[0]], {}, node.name));
};

export const pairs: Rules = {
  Sub: stretched(subtract),
  RealDiv: quotient,
  Div: quotient,
  SquaredDifference: { emit: squaredDifference },
  Reciprocal: { emit: reciprocal },
};
