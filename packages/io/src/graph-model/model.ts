// model.json as an enemy wrote it, read into nodes that refer to each other by name: unique names, inputs that
// exist. What the attributes say is read by those who need them.
import { corrupt, isRecord } from '../corrupt.js';

/** One output of a node. */
export interface Source {
  readonly node: string;
  readonly index: number;
}

/** A node of the file. */
export interface ModelNode {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly Source[];
  readonly attrs: Readonly<Record<string, unknown>>;
}

/** A model as its file has it. */
export interface Model {
  readonly nodes: ReadonlyMap<string, ModelNode>;
  /** Outputs that the signature names; none: nodes that nobody reads. */
  readonly outputs: readonly Source[];
  readonly manifest: unknown;
}

const file = 'the graph model';
const ignored = new Set(['NoOp', 'Assert']);

/** @throws SparseError `corrupt`. */
export function parseModel(given: unknown): Model {
  const json = typeof given === 'string' ? parse(given) : given;
  if (!isRecord(json) || !isRecord(json['modelTopology']))
    throw corrupt(file, 'has no modelTopology');
  const { node: list } = json['modelTopology'];
  if (!Array.isArray(list)) throw corrupt(file, 'has no list of nodes');
  const nodes = new Map<string, ModelNode>();
  for (const item of list as readonly unknown[]) {
    const node = readNode(item);
    if (nodes.has(node.name)) throw corrupt(file, `has two nodes called "${node.name}"`);
    nodes.set(node.name, node);
  }
  for (const { name, inputs } of nodes.values())
    for (const { node } of inputs)
      if (!nodes.has(node))
        throw corrupt(file, `has a node "${name}" that reads "${node}", which is missing`);
  const outputs = outputsOf(json['signature'], nodes);
  if (outputs.length === 0) throw corrupt(file, 'has no outputs');
  return { nodes, outputs, manifest: json['weightsManifest'] };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw corrupt(file, 'is not JSON', { cause: String(cause) });
  }
}

function readNode(item: unknown): ModelNode {
  if (!isRecord(item) || typeof item['name'] !== 'string' || typeof item['op'] !== 'string')
    throw corrupt(file, 'has a node without a name or an op');
  const { name, op, input = [], attr = {} } = item;
  if (!Array.isArray(input) || !input.every((i) => typeof i === 'string'))
    throw corrupt(file, `has a node "${name}" whose inputs are no names`);
  if (!isRecord(attr)) throw corrupt(file, `has a node "${name}" whose attributes are no object`);
  const inputs = input.filter((text) => !text.startsWith('^')).map(sourceOf);
  return { name, op, inputs, attrs: attr };
}

/** `name` or `name:2`. */
function sourceOf(text: string): Source {
  const match = /^(.*):(\d+)$/.exec(text);
  return match ? { node: match[1] ?? '', index: Number(match[2]) } : { node: text, index: 0 };
}

function outputsOf(signature: unknown, nodes: ReadonlyMap<string, ModelNode>): Source[] {
  const listed = isRecord(signature) && isRecord(signature['outputs']) ? signature['outputs'] : {};
  const named = Object.entries(listed).map(([key, value]) => {
    const name = isRecord(value) && typeof value['name'] === 'string' ? value['name'] : key;
    const source = sourceOf(name);
    if (!nodes.has(source.node)) throw corrupt(file, `has an output "${name}", which no node is`);
    return source;
  });
  if (named.length > 0) return named;
  const read = new Set([...nodes.values()].flatMap(({ inputs }) => inputs.map(({ node }) => node)));
  return [...nodes.values()]
    .filter(({ name, op }) => !read.has(name) && !ignored.has(op) && op !== 'Const')
    .map(({ name }) => ({ node: name, index: 0 }));
}
