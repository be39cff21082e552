// The model that the demo runs: a TFJS graph model from a file, as our graph and as tfjs wants it.
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { readGraphModel, type Graph, type InputNode } from '@lacuna/lacuna';

/** A weight as the manifest lists it; sizes are checked by the reader before they are used here. */
export interface WeightSpec {
  readonly name: string;
  readonly shape: number[];
  readonly dtype: 'float32' | 'int32' | 'bool';
}

/** What tfjs's loader needs of model.json. */
export interface ModelFile {
  readonly modelTopology: object;
  readonly weightsManifest: readonly { readonly paths: string[]; readonly weights: WeightSpec[] }[];
}

export interface Model {
  readonly name: string;
  readonly file: ModelFile;
  readonly shards: Uint8Array<ArrayBuffer>;
  readonly graph: Graph;
  readonly inputs: readonly InputNode[];
}

/**
 * Reads model.json and the shards beside it.
 *
 * @throws SparseError where the file does not hold, or needs ops that we lack.
 */
export async function loadModel(path: string): Promise<Model> {
  const text = readFileSync(path, 'utf8');
  const parts: Uint8Array[] = [];
  const graph = await readGraphModel(text, (shard) => {
    const bytes = readFileSync(join(dirname(path), basename(shard)));
    parts.push(bytes);
    return bytes;
  });
  const shards = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    shards.set(part, at);
    at += part.byteLength;
  }
  return {
    name: basename(path, '.json'),
    file: JSON.parse(text) as ModelFile,
    shards,
    graph,
    inputs: graph.nodes.filter((node) => node.kind === 'input'),
  };
}
