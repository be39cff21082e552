// A network's outputs and intermediate values, on the WASM backend: the outputs of the network as it is
// compiled for use (layouts chosen, channels folded), and every named value of it as it was read.
import {
  createEngine,
  compileNetwork,
  readGraphModel,
  sizeOf,
  transpose,
  GraphBuilder,
  type Graph,
} from '@lacuna/lacuna';
import { unitRoundoff } from '@lacuna/ir';
import { wasm } from '@lacuna/backend-wasm';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeInput } from '../../demo/inputs.ts';
import { within } from './compare.ts';
import type { Fields } from './fields.ts';

/** Compares outputs and intermediates with those of the file. */
export async function runModel(file: Fields, folder: string): Promise<string> {
  const name = file.text('model');
  const path = [join(folder, '..'), folder, 'models']
    .map((place) => join(place, `${name}.json`))
    .find((at) => existsSync(at));
  if (!path) throw new Error(`${name}.json is neither beside the folder nor in models/`);
  const graph = await readGraphModel(readFileSync(path, 'utf8'), (part) =>
    readFileSync(join(dirname(path), part)),
  );
  const input = graph.nodes.find((node) => node.kind === 'input')!;
  const x = makeInput(file.text('input_kind'), input.shape);
  const said = file.text('input_fnv1a32_u32le');
  if (fnv(x) !== said)
    throw new Error(`the input's checksum is ${fnv(x)}, and the file says ${said}`);

  const outputs = file.object('outputs');
  const network = await compileNetwork(graph);
  const found = await network.run({ [input.name]: x }).finally(() => network.dispose());
  // One rounding of the largest value for each node on the way.
  const tolerance = graph.nodes.length * unitRoundoff('float32');
  for (const output of outputs.names())
    within(`output ${output}`, found[output]!, outputs.object(output).floats('values'), tolerance);

  const inside = file.has('intermediates') ? file.object('intermediates').names() : [];
  const all = await everyValue(graph, inside, { [input.name]: x });
  for (const value of inside) {
    const item = file.object('intermediates').object(value);
    const [numbers, sample] = [all[value]!, item.has('sample') ? item.object('sample') : undefined];
    const wanted = (sample ?? item).floats('values');
    const stride = sample?.number('stride') ?? 1;
    within(
      value,
      Float32Array.from(wanted, (_, at) => numbers[at * stride]!),
      wanted,
      tolerance,
    );
  }
  return `${outputs.names().length} outputs, ${inside.length} intermediates, within ${graph.nodes.length} roundings of the largest value`;
}

/** The named values of a graph as it was read, planes turned to TensorFlow's order. */
async function everyValue(
  graph: Graph,
  names: readonly string[],
  inputs: Readonly<Record<string, Float32Array>>,
): Promise<Record<string, Float32Array>> {
  const builder = new GraphBuilder();
  for (const node of graph.nodes) {
    if (node.kind === 'input') builder.input(node.name, node.shape, node.format, node.dtype);
    else if (node.kind === 'constant') builder.constant(node.tensor, node.name);
    else builder.apply(node.op, node.inputs, node.attrs, node.name);
  }
  const outputs = names.map((name): [string, number] => {
    const node = graph.nodes.find((n) => n.name === name);
    if (!node) throw new Error(`the network has no value called ${name}`);
    const planes = node.shape.length === 4 && sizeOf(node.shape.slice(2)) > 1;
    return [
      name,
      planes ? builder.apply(transpose, [node.id], { permutation: [0, 2, 3, 1] }) : node.id,
    ];
  });
  const engine = await createEngine(wasm(), { fallback: 'refuse' });
  try {
    return await engine.compile(builder.finish(Object.fromEntries(outputs))).run(inputs);
  } finally {
    engine.dispose();
  }
}

/** FNV-1a over little-endian 32-bit words. */
function fnv(numbers: Float32Array): string {
  let h = 0x811c9dc5;
  for (const word of new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length))
    h = Math.imul(h ^ word, 0x01000193);
  return (h >>> 0).toString(16).padStart(8, '0');
}
