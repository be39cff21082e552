// What a fused op of the file does after its product: a bias, then an activation.
import { prelu, relu, relu6, sigmoid, type Activation } from '@lacuna/ops';
import type { NodeId } from '@lacuna/ir';
import { float, strings } from '../attributes.js';
import type { Importer } from '../importer.js';
import type { ModelNode } from '../model.js';
import { channels } from './operands.js';

const attached: Readonly<Record<string, Activation>> = { Relu: 'relu', Relu6: 'relu6' };
const known = new Set(['BiasAdd', 'Relu', 'Relu6', 'Prelu', 'LeakyRelu', 'Sigmoid']);

/** What a fused node asks for that we lack. */
export function lacksFused(node: ModelNode): string | undefined {
  const lacking = strings(node, 'fused_ops').filter((op) => !known.has(op));
  return lacking.length > 0 ? `fused ${lacking.join(' and ')}` : undefined;
}

/** The parts of a fused node: a bias input, what the product itself may end with, what follows it. */
export function fusedParts(
  node: ModelNode,
  importer: Importer,
): {
  readonly bias: NodeId | undefined;
  readonly activation: Activation;
  readonly after: ((x: NodeId) => NodeId) | undefined;
} {
  const ops = strings(node, 'fused_ops');
  const bias = ops.includes('BiasAdd') ? biasOf(node, importer) : undefined;
  const last = ops.find((op) => op !== 'BiasAdd') ?? '';
  const activation = attached[last] ?? 'none';
  return {
    bias,
    activation,
    after: activation === 'none' ? following(last, node, importer) : undefined,
  };
}

function biasOf(node: ModelNode, importer: Importer): NodeId {
  const { name, data } = importer.folded(node, 2);
  return importer.constant(name, 'vector', () => ({ shape: [data.length], data }));
}

function following(
  op: string,
  node: ModelNode,
  importer: Importer,
): ((x: NodeId) => NodeId) | undefined {
  switch (op) {
    case 'Prelu':
      return (x) =>
        importer.apply(prelu, [x, channels(importer, importer.folded(node, 3), x)], {}, node.name);
    case 'LeakyRelu': {
      const data = [float(node, 'leakyrelu_alpha', 0.2)];
      const alpha = importer.constant(`${node.name}/alpha`, '', () => ({ shape: [1], data }));
      return (x) => importer.apply(prelu, [x, alpha], {}, node.name);
    }
    case 'Sigmoid':
      return (x) => importer.apply(sigmoid, [x], {}, node.name);
    case 'Relu':
      return (x) => importer.apply(relu, [x], {}, node.name);
    case 'Relu6':
      return (x) => importer.apply(relu6, [x], {}, node.name);
    default:
      return undefined;
  }
}
