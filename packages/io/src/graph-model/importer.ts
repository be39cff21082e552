// The state of one reading: which value each node of the file has come to, and our graph as it grows. Rules
// ask it for a value in the form they need; it makes that form once.
import {
  densePattern,
  GraphBuilder,
  makeTensor,
  SparseError,
  type NodeId,
  type Op,
  type Shape,
} from '@lacuna/ir';
import { reshape, transpose } from '@lacuna/ops';
import { corrupt } from '../corrupt.js';
import type { ModelNode, Source } from './model.js';
import {
  fromPlanes,
  keepsOrder,
  permute,
  toPlanes,
  transposeData,
  type Computed,
  type Folded,
  type Value,
} from './value.js';

/** What is refused about a node that was given what we cannot do. */
export function unsupported(node: ModelNode, why: string): SparseError {
  return new SparseError('unsupported', `node "${node.name}" (${node.op}) ${why}`, {
    hint: 'convert the model without it',
    detail: { node: node.name, op: node.op },
  });
}

export class Importer {
  readonly builder = new GraphBuilder();
  readonly #values = new Map<string, readonly Value[]>();
  readonly #constants = new Map<string, NodeId>();

  set(name: string, values: readonly Value[]): void {
    this.#values.set(name, values);
  }
  value({ node, index }: Source): Value {
    const found = this.#values.get(node)?.[index];
    if (!found)
      throw corrupt('the graph model', `reads output ${index} of "${node}", which it lacks`);
    return found;
  }
  /** Input `at` of a node. */
  input(node: ModelNode, at: number): Value {
    const source = node.inputs[at];
    if (!source)
      throw corrupt(
        `node "${node.name}"`,
        `(${node.op}) has ${node.inputs.length} inputs, and needs ${at + 1}`,
      );
    return this.value(source);
  }
  /** An input whose numbers must be known now. */
  folded(node: ModelNode, at: number): Folded {
    const value = this.input(node, at);
    if (value.kind === 'folded') return value;
    throw unsupported(node, `reads "${value.name}" where a constant is needed`);
  }
  /** The numbers of a folded input. */
  numbers(node: ModelNode, at: number): number[] {
    return Array.from(this.folded(node, at).data);
  }

  /** A node of ours. The last one made for a node of the file has its name; helpers get a suffix. */
  apply<A extends object>(
    op: Op<A>,
    inputs: readonly (NodeId | undefined)[],
    attrs: Partial<A>,
    name: string,
  ): NodeId {
    return this.builder.apply(op, inputs, attrs, name);
  }
  /** A constant; `key` tells apart what is made of one value. */
  constant(
    name: string,
    key: string,
    make: () => { shape: Shape; data: ArrayLike<number> },
  ): NodeId {
    const id = `${name}\0${key}`;
    let node = this.#constants.get(id);
    if (node === undefined) {
      const { shape, data } = make();
      const tensor = makeTensor(densePattern(shape), 'float32', Float32Array.from(data));
      this.#constants.set(id, (node = this.builder.constant(tensor, name)));
    }
    return node;
  }

  /** A value that a node of ours computes in the file's order of dimensions. */
  plainValue(name: string, plain: NodeId, prefers: Computed['prefers'] = 'plain'): Computed {
    const { shape } = this.builder.node(plain);
    return { kind: 'computed', name, shape, plain, planes: undefined, prefers };
  }
  /** A value that a node of ours computes in planes. */
  planesValue(name: string, planes: NodeId): Computed {
    const shape = permute(this.builder.node(planes).shape, fromPlanes);
    return { kind: 'computed', name, shape, plain: undefined, planes, prefers: 'planes' };
  }

  /** The node of a value in the file's order of dimensions. */
  plain(value: Value): NodeId {
    if (value.kind === 'folded') return this.constant(value.name, '', () => value);
    if (value.plain === undefined) {
      value.plain = this.#reorder(value, value.planes, fromPlanes, `${value.name}/nhwc`);
    }
    return value.plain;
  }
  /** The node of an image, [B, H, W, C] in the file, in planes. */
  planes(value: Value): NodeId {
    if (value.shape.length !== 4)
      throw corrupt(
        `value "${value.name}"`,
        `has ${value.shape.length} dimensions where an image has 4`,
      );
    if (value.kind === 'folded')
      return this.constant(value.name, 'planes', () => ({
        shape: permute(value.shape, toPlanes),
        data: transposeData(value.data, value.shape, toPlanes),
      }));
    if (value.planes === undefined)
      value.planes = this.#reorder(value, value.plain, toPlanes, `${value.name}/nchw`);
    return value.planes;
  }
  /** A node with the numbers of a value in the file's row-major order, whatever its shape. */
  rowMajor(value: Value): NodeId {
    const still = value.kind === 'computed' && value.plain === undefined && value.planes;
    if (typeof still !== 'number') return this.plain(value);
    return keepsOrder(this.builder.node(still).shape, fromPlanes) ? still : this.plain(value);
  }

  #reorder(
    value: Computed,
    from: NodeId | undefined,
    permutation: readonly number[],
    name: string,
  ): NodeId {
    if (from === undefined) throw corrupt(`value "${value.name}"`, 'has no node');
    const { shape } = this.builder.node(from);
    return keepsOrder(shape, permutation)
      ? this.apply(reshape, [from], { shape: permute(shape, permutation) }, name)
      : this.apply(transpose, [from], { permutation }, name);
  }
}
