// A TFJS graph model as one of our graphs. The file's images are NHWC; ours are planes, features × positions,
// which sparse products like: weights are turned once here, and activations only where the graph comes in
// and goes out, or where a reshape means the file's order.
import { denseFormat, SparseError, type Graph } from '@lacuna/ir';
import { corrupt } from '../corrupt.js';
import { shape as shapeAttr } from './attributes.js';
import { Importer } from './importer.js';
import { checkOps } from './lacking.js';
import { readWeights, type Weights } from './manifest.js';
import { parseModel, type Model, type ModelNode } from './model.js';
import { orderNodes } from './order.js';
import { rules } from './rules/index.js';
import type { Folded, Value } from './value.js';

/** How a graph model is read. */
export interface GraphModelOptions {
  /** Shapes of inputs, by name, where the file leaves extents open; an open batch is 1 if nothing is said. */
  readonly shapes?: Readonly<Record<string, readonly number[]>>;
  readonly signal?: AbortSignal;
}

/**
 * Reads a TFJS graph model: `json` is model.json, as text or parsed; `weights` are the bytes of its shards
 * one after another, or a function that gives the shard at a path. Inputs and outputs keep the file's names
 * and shapes; so do nodes between, in planes.
 *
 * @throws SparseError `unsupported` naming every op that we lack, before anything else; `corrupt` where
 * the model, its manifest or a shard does not hold.
 * @example
 * ```ts
 * import { printGraph } from '@lacuna/ir';
 * import { readGraphModel } from '@lacuna/io';
 * const dims = { dim: [{ size: '1' }, { size: '2' }] };
 * const node = [
 *   { name: 'x', op: 'Placeholder', attr: { shape: { shape: dims } } },
 *   { name: 'y', op: 'Relu', input: ['x'] },
 * ];
 * const graph = await readGraphModel({ modelTopology: { node }, weightsManifest: [] }, new Uint8Array());
 * printGraph(graph); // '%0 = input x: dense float32 [1, 2]\n%1 = relu(%0): float32 [1, 2]\nreturn y = %1'
 * ```
 */
export async function readGraphModel(
  json: unknown,
  weights: Weights,
  options: GraphModelOptions = {},
): Promise<Graph> {
  const model = parseModel(json);
  const { nodes, circle } = orderNodes(model);
  checkOps(nodes);
  if (circle) throw corrupt('the graph model', `has a circle through "${circle.join('" and "')}"`);
  const constants = await readWeights(model.manifest, weights, options.signal);
  return build(model, nodes, constants, options);
}

function build(
  model: Model,
  order: readonly ModelNode[],
  constants: ReadonlyMap<string, Folded>,
  options: GraphModelOptions,
): Graph {
  const importer = new Importer();
  const needed = new Set(order);
  // Inputs come first, in the order of the file.
  for (const node of model.nodes.values())
    if (node.op === 'Placeholder' && needed.has(node))
      importer.set(node.name, [placeholder(node, importer, options)]);
  for (const node of order) {
    if (node.op === 'Placeholder') continue;
    importer.set(
      node.name,
      node.op === 'Const' ? [constant(node, constants)] : read(node, importer),
    );
  }
  const outputs: Record<string, number> = {};
  for (const source of model.outputs) {
    const name = source.index === 0 ? source.node : `${source.node}:${source.index}`;
    outputs[name] = importer.plain(importer.value(source));
  }
  return importer.builder.finish(outputs);
}

function constant({ name }: ModelNode, constants: ReadonlyMap<string, Folded>): Folded {
  const found = constants.get(name);
  if (!found) throw corrupt(`constant "${name}"`, 'is not in the weights manifest');
  return found;
}

function placeholder(node: ModelNode, importer: Importer, options: GraphModelOptions): Value {
  const { name } = node;
  const given = options.shapes?.[name];
  const declared = given ?? shapeAttr(node, 'shape');
  const shape = declared?.map((extent, dim) => (extent === -1 && dim === 0 ? 1 : extent));
  if (!shape?.every((extent) => Number.isSafeInteger(extent) && extent > 0))
    throw new SparseError(
      'unsupported',
      `input "${name}" has the shape [${declared?.join(', ') ?? '?'}]`,
      {
        hint: `write { shapes: { ${JSON.stringify(name)}: [1, height, width, channels] } }`,
      },
    );
  const id = importer.builder.input(name, shape, denseFormat);
  return importer.plainValue(name, id, shape.length === 4 ? 'planes' : 'plain');
}

function read(node: ModelNode, importer: Importer): readonly Value[] {
  const rule = rules.get(node.op);
  const inputs = node.inputs.map((source) => importer.value(source));
  if (rule?.fold) {
    const foldedInputs = rule.shapeOnly
      ? inputs.map(({ name, shape }): Folded => ({
          kind: 'folded',
          name,
          shape,
          data: new Int32Array(),
        }))
      : inputs.filter((value) => value.kind === 'folded');
    if (foldedInputs.length === inputs.length) return [rule.fold(node, foldedInputs)].flat();
  }
  const emit = rule?.emit;
  if (emit) return [fitting(node, () => emit(node, importer))].flat();
  throw new SparseError('unsupported', `node "${node.name}" is ${node.op} of run-time values`);
}

/** What does not fit an op's shape rule does not hold together as a file. */
function fitting<T>(node: ModelNode, emit: () => T): T {
  try {
    return emit();
  } catch (cause) {
    if (!(cause instanceof SparseError) || cause.code !== 'shape') throw cause;
    throw corrupt(`node "${node.name}"`, `(${node.op}) does not fit its inputs: ${cause.message}`);
  }
}
