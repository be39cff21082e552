// Sparse tensors in a safetensors file: the level tree of each as JSON under one key of `__metadata__`. The
// key and what is under it are our own convention, not part of safetensors:
//
//   __metadata__.lacuna = '{"version":1,"tensors":{"<name>": Descriptor}}'
//   <name>.values       the stored values, one dimension; U8 where a codec wrote them
//   <name>.structure    U8: the structure bytes, where the layout has any
import type { Descriptor } from '@lacuna/ir';
import { corrupt, isCount, isRecord } from '../corrupt.js';
import { duplicateKey } from './duplicates.js';

/** The key in `__metadata__`. */
export const levelsKey = 'lacuna';

/** The version written; others are refused. */
const version = 1;

/** Level trees as metadata. */
export function printLevels(tensors: Readonly<Record<string, Descriptor>>): string {
  return JSON.stringify({ version, tensors });
}

/**
 * Level trees from metadata. Their sizes are bounded by the bytes that the file has for them, so that no
 * later check can be sent through more positions than there are bytes.
 *
 * @throws SparseError `corrupt`.
 */
export function parseLevels(
  text: string,
  bytesOf: (entry: string) => number | undefined,
): Map<string, Descriptor> {
  const what = `metadata "${levelsKey}"`;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw corrupt(what, 'is not JSON', { cause: String(cause) });
  }
  const twice = duplicateKey(text);
  if (twice !== undefined) throw corrupt(what, `has the key "${twice}" twice`);
  if (!isRecord(json) || json['version'] !== version || !isRecord(json['tensors']))
    throw corrupt(what, `does not describe tensors in version ${version}`);
  const found = new Map<string, Descriptor>();
  for (const [name, descriptor] of Object.entries(json['tensors'])) {
    const values = bytesOf(`${name}.values`);
    if (values === undefined) throw corrupt(what, `describes "${name}", which has no values`);
    checkPositions(name, descriptor, values + (bytesOf(`${name}.structure`) ?? 0));
    found.set(name, descriptor);
  }
  return found;
}

function checkPositions(
  name: string,
  descriptor: unknown,
  bytes: number,
): asserts descriptor is Descriptor {
  const what = `the description of "${name}"`;
  if (!isRecord(descriptor)) throw corrupt(what, 'is no object');
  const { positions, shape, codec } = descriptor;
  if (!Array.isArray(positions) || !positions.every(isCount) || !Array.isArray(shape))
    throw corrupt(what, 'has no shape, or no positions');
  // A codec may put two values into a byte.
  const most = codec === undefined ? bytes : 2 * bytes;
  const many = positions.find((count) => count > most);
  if (many !== undefined && !shape.includes(0))
    throw corrupt(what, `has ${many} positions, and ${bytes} bytes for them`);
}
