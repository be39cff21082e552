// Ops on each element: sums, products, biases and activations. Values stretch to each other.
import {
  absolute,
  add,
  biasAdd,
  exp,
  log,
  multiply,
  prelu,
  relu,
  relu6,
  rsqrt,
  scale,
  sigmoid,
  sqrt,
  tanh,
} from '@lacuna/ops';
import type { Op } from '@lacuna/ir';
import { float, floats, type } from '../attributes.js';
import type { ModelNode } from '../model.js';
import { channels, operands } from './operands.js';
import type { Emit, Rule, Rules } from './rule.js';

/** An op of one value, in whichever form it has. */
function one<A extends object>(op: Op<A>, attrs?: (node: ModelNode) => Partial<A>): Rule {
  return {
    emit(node, importer) {
      const { nodes, wrap } = operands(importer, [importer.input(node, 0)]);
      return wrap(node.name, importer.apply(op, nodes, attrs?.(node) ?? {}, node.name));
    },
  };
}

/** An op on values that stretch to each other. */
export function stretched(op: Op): Rule & { readonly emit: Emit } {
  return {
    emit(node, importer) {
      const values = node.inputs.map((_, at) => importer.input(node, at));
      const { nodes, wrap } = operands(importer, values);
      return wrap(node.name, importer.apply(op, nodes, {}, node.name));
    },
  };
}

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

/** prelu of one slope: dead channels are known to pass through it. */
const leaky: Emit = (node, importer) => {
  const { nodes, wrap } = operands(importer, [importer.input(node, 0)]);
  const data = [float(node, 'alpha', 0.2)];
  const alpha = importer.constant(`${node.name}/alpha`, '', () => ({ shape: [1], data }));
  return wrap(node.name, importer.apply(prelu, [nodes[0], alpha], {}, node.name));
};

const square: Emit = (node, importer) => {
  const { nodes, wrap } = operands(importer, [importer.input(node, 0)]);
  return wrap(node.name, importer.apply(multiply, [nodes[0], nodes[0]], {}, node.name));
};

/** Numbers of each run are float32: a change of type that keeps them is nothing. */
const cast: Rule = {
  lacks(node) {
    const [from, to] = [type(node, 'SrcT'), type(node, 'DstT')];
    return floats.has(to) || from === to ? undefined : `${from} to ${to}`;
  },
  emit: (node, importer) => importer.input(node, 0),
};

export const elementwise: Rules = {
  Add: stretched(add),
  AddV2: stretched(add),
  AddN: stretched(add),
  Mul: stretched(multiply),
  BiasAdd: { emit: bias, constants: [1] },
  Relu: one(relu),
  Relu6: one(relu6),
  Sigmoid: one(sigmoid),
  Tanh: one(tanh),
  Prelu: { emit: slope },
  LeakyRelu: { emit: leaky },
  Neg: one(scale, () => ({ factor: -1 })),
  Square: { emit: square },
  Abs: one(absolute),
  Exp: one(exp),
  Log: one(log),
  Sqrt: one(sqrt),
  Rsqrt: one(rsqrt),
  Cast: cast,
};
