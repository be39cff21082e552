// Compositions in files: each part is a tensor with a name of its own, and a line of metadata says which parts
// stand for what.
//
//     w.0, w.1.0, w.1.1       "lacuna.compositions": {"w": {"sum": ["w.0", {"product": ["w.1.0", "w.1.1"]}]}}
import { SparseError, type Tensor } from '@lacuna/ir';
import { composition, isComposition, type Composition, type Part } from './composition.js';

/** The key of the metadata that describes compositions. */
export const compositionsKey = 'lacuna.compositions';

/** Tensors and metadata, as `writeSafetensors` takes them and `readSafetensors` gives them. */
export interface Saved {
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

type Tree = string | { readonly [K in Composition['combine']]?: readonly Tree[] };

/**
 * Weights by name, composed ones taken apart: for `writeSafetensors(tensors, metadata)`.
 *
 * @throws SparseError `format` where a part would have the name of another weight.
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { readSafetensors, writeSafetensors } from '@lacuna/io';
 * import { joined, printComposition, productOf, takenApart } from '@lacuna/compositions';
 * const w = productOf(assemble(dense, [2, 1], [1, 2]), assemble(dense, [1, 2], [3, 4]));
 * const { tensors, metadata } = takenApart({ w });
 * const file = writeSafetensors(tensors, metadata);
 * printComposition(joined(readSafetensors(file)).get('w')!); // 'dense·dense [2, 2], 4 stored'
 * ```
 */
export function takenApart(weights: Readonly<Record<string, Part>>): Saved {
  const tensors = new Map<string, Tensor>();
  const put = (name: string, part: Part): Tree => {
    if (isComposition(part))
      return { [part.combine]: part.parts.map((p, at) => put(`${name}.${at}`, p)) };
    if (tensors.has(name))
      throw new SparseError('format', `two tensors would be called "${name}"`, {
        hint: 'rename one of the weights',
      });
    tensors.set(name, part);
    return name;
  };
  const trees = Object.entries(weights).map(([name, part]) => [name, put(name, part)] as const);
  const composed = trees.filter(([, tree]) => typeof tree !== 'string');
  const metadata = { [compositionsKey]: JSON.stringify(Object.fromEntries(composed)) };
  return { tensors, metadata: composed.length > 0 ? metadata : {} };
}

/**
 * Weights by name from what {@link takenApart} made; tensors that belong to no composition are there as well.
 *
 * @throws SparseError `corrupt` where the metadata does not describe tensors that are there.
 */
export function joined({ tensors, metadata }: Saved): Map<string, Part> {
  const weights = new Map<string, Part>(tensors);
  const text = metadata[compositionsKey];
  if (text === undefined) return weights;
  const join = (tree: unknown, depth: number): Part => {
    if (typeof tree === 'string') {
      const tensor = tensors.get(tree);
      if (!tensor) throw corrupt(`names "${tree}", which is not there`);
      weights.delete(tree);
      return tensor;
    }
    const [[combine, parts] = [], second] = isRecord(tree) ? Object.entries(tree) : [];
    const known = (combine === 'sum' || combine === 'product') && second === undefined;
    if (!known || !Array.isArray(parts) || depth > 32)
      throw corrupt('has a part that is neither a name, nor a sum, nor a product');
    return composition(
      combine,
      parts.map((p) => join(p, depth + 1)),
    );
  };
  try {
    const trees: unknown = JSON.parse(text);
    if (!isRecord(trees)) throw corrupt('is no record of weights');
    const composed = Object.entries(trees).map(([name, tree]) => [name, join(tree, 0)] as const);
    for (const [name, part] of composed) weights.set(name, part);
  } catch (cause) {
    if (cause instanceof SparseError && cause.code === 'corrupt') throw cause;
    throw corrupt(`does not hold: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
  return weights;
}

const isRecord = (x: unknown): x is Readonly<Record<string, unknown>> =>
  typeof x === 'object' && x !== null && !Array.isArray(x);

const corrupt = (why: string): SparseError =>
  new SparseError('corrupt', `metadata "${compositionsKey}" ${why}`);
