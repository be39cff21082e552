// Ops on each element: sums, products, biases and activations, and those that can be said with them.
import { add, biasAdd, multiply, prelu, relu, relu6, sigmoid } from '@lacuna/ops';
import type { NodeId, Op } from '@lacuna/ir';
import { float } from '../attributes.js';
import type { Importer } from '../importer.js';
import type { ModelNode } from '../model.js';
import type { Value } from '../value.js';
import { channels, operands } from './operands.js';
import type { Emit, Rules } from './rule.js';

const all = (node: ModelNode, importer: Importer): Value[] =>
  node.inputs.map((_, at) => importer.input(node, at));

/** An op on values that stretch to each other. */
const stretched =
  (op: Op): Emit =>
  (node, importer) => {
    const { nodes, wrap } = operands(importer, all(node, importer));
    return wrap(node.name, importer.apply(op, nodes, {}, node.name));
  };

/** A chain of nodes from one value, in whichever form it has. */
const chain =
  (make: (x: NodeId, step: Step, node: ModelNode, importer: Importer) => NodeId): Emit =>
  (node, importer) => {
    const { nodes, wrap } = operands(importer, [importer.input(node, 0)]);
    const step: Step = {
      apply: (op, inputs, suffix = '') => importer.apply(op, inputs, {}, node.name + suffix),
      number: (x) => importer.constant(`${x}`, 'number', () => ({ shape: [1], data: [x] })),
    };
    const [x] = nodes;
    return x === undefined
      ? importer.input(node, 0)
      : wrap(node.name, make(x, step, node, importer));
  };

interface Step {
  readonly apply: (op: Op, inputs: readonly NodeId[], suffix?: string) => NodeId;
  readonly number: (x: number) => NodeId;
}

const one = (op: Op): Emit => chain((x, { apply }) => apply(op, [x]));

/** a − b as  a + (−1)·b. */
const subtract: Emit = (node, importer) => {
  const { nodes, wrap } = operands(importer, all(node, importer));
  const [a, b] = nodes;
  const minus = importer.constant('-1', 'number', () => ({ shape: [1], data: [-1] }));
  const negative = importer.apply(multiply, [b, minus], {}, `${node.name}/negative`);
  return wrap(node.name, importer.apply(add, [a, negative], {}, node.name));
};

/** x / c as  x · (1/c). */
const divide: Emit = (node, importer) => {
  const by = importer.folded(node, 1);
  const inverse: Value = {
    ...by,
    name: `${by.name}/inverse`,
    data: Float32Array.from(by.data, (c) => 1 / c),
  };
  const { nodes, wrap } = operands(importer, [importer.input(node, 0), inverse]);
  return wrap(node.name, importer.apply(multiply, nodes, {}, node.name));
};

const bias: Emit = (node, importer) => {
  const { nodes, wrap } = operands(importer, [importer.input(node, 0)]);
  const { name, data } = importer.folded(node, 1);
  const b = importer.constant(name, 'vector', () => ({ shape: [data.length], data }));
  const value = wrap(node.name, nodes[0] ?? b);
  const axis = value.planes === undefined ? value.shape.length - 1 : 1;
  return wrap(node.name, importer.apply(biasAdd, [nodes[0], b], { axis }, node.name));
};

const slope: Emit = (node, importer) => {
  const { nodes, wrap } = operands(importer, [importer.input(node, 0)]);
  const value = importer.input(node, 1);
  const [x = 0] = nodes;
  const isPlanes = wrap(node.name, x).planes !== undefined;
  const alpha =
    value.kind === 'computed' || !isPlanes ? importer.plain(value) : channels(importer, value, x);
  return wrap(node.name, importer.apply(prelu, [x, alpha], {}, node.name));
};

export const elementwise: Rules = {
  Add: { emit: stretched(add) },
  AddV2: { emit: stretched(add) },
  AddN: { emit: stretched(add) },
  Mul: { emit: stretched(multiply) },
  Sub: { emit: subtract },
  RealDiv: { emit: divide },
  Div: { emit: divide },
  BiasAdd: { emit: bias },
  Relu: { emit: one(relu) },
  Relu6: { emit: one(relu6) },
  Sigmoid: { emit: one(sigmoid) },
  Prelu: { emit: slope },
  LeakyRelu: {
    emit: chain((x, { apply, number }, node) =>
      apply(prelu, [x, number(float(node, 'alpha', 0.2))]),
    ),
  },
  Neg: { emit: chain((x, { apply, number }) => apply(multiply, [x, number(-1)])) },
  Square: { emit: chain((x, { apply }) => apply(multiply, [x, x])) },
  Abs: {
    emit: chain((x, { apply, number }) => apply(prelu, [x, number(-1)])),
  },
  Tanh: {
    // tanh(x) = 2·sigmoid(2x) − 1
    emit: chain((x, { apply, number }) => {
      const half = apply(sigmoid, [apply(multiply, [x, number(2)], '/double')], '/sigmoid');
      return apply(add, [apply(multiply, [half, number(2)], '/scale'), number(-1)]);
    }),
  },
};
