// A checkpoint is a safetensors file: parameters, masks, moments, and where the run was. Chance is drawn by seed
// and step, so the two are all that there is of a random state.
//
//     parameters/layers.0.weight   masks/layers.0.weight   moments/momentum/layers.0.weight
import { SparseError, type Tensor } from '@lacuna/ir';
import { readSafetensors, writeSafetensors } from '@lacuna/io';
import type { Model } from './model.js';
import type { Moments } from './state.js';

/** Where a run was. */
export interface Place {
  /** Steps taken. */
  readonly step: number;
  /** What batches and passes are drawn by. */
  readonly seed: number;
  /** The optimiser, as it prints. */
  readonly optimiser: string;
}

/** What a checkpoint holds. */
export interface Checkpoint extends Place {
  readonly parameters: Readonly<Record<string, Tensor>>;
  readonly masks: Readonly<Record<string, Tensor>>;
  readonly moments: Moments;
}

const key = 'lacuna.training';

/** A model, an optimiser's moments and a place as a file. */
export function writeCheckpoint(
  model: Model,
  moments: Moments,
  place: Place,
): Uint8Array<ArrayBuffer> {
  const tensors = new Map<string, Tensor>();
  for (const [name, t] of Object.entries(model.parameters)) tensors.set(`parameters/${name}`, t);
  for (const [name, t] of Object.entries(model.sparsity?.masks ?? {}))
    tensors.set(`masks/${name}`, t);
  for (const [name, kinds] of Object.entries(moments))
    for (const [kind, t] of Object.entries(kinds)) tensors.set(`moments/${kind}/${name}`, t);
  return writeSafetensors(tensors, { [key]: JSON.stringify(place) });
}

/**
 * Reads what {@link writeCheckpoint} wrote.
 *
 * @throws SparseError `corrupt` for a file that is none, or no checkpoint.
 */
export function readCheckpoint(bytes: Uint8Array): Checkpoint {
  const { tensors, metadata } = readSafetensors(bytes);
  const place = parsePlace(metadata[key]);
  const parameters: Record<string, Tensor> = {};
  const masks: Record<string, Tensor> = {};
  const moments: Record<string, Record<string, Tensor>> = {};
  for (const [path, tensor] of tensors) {
    const [, what, rest] = /^(parameters|masks|moments)\/(.+)$/s.exec(path) ?? [];
    if (what === 'parameters') parameters[rest!] = tensor;
    if (what === 'masks') masks[rest!] = tensor;
    if (what !== 'moments') continue;
    const cut = rest!.indexOf('/');
    (moments[rest!.slice(cut + 1)] ??= {})[rest!.slice(0, cut)] = tensor;
  }
  return { ...place, parameters, masks, moments };
}

function parsePlace(text: string | undefined): Place {
  try {
    const { step, seed, optimiser } = JSON.parse(text ?? '') as Place;
    if (
      Number.isSafeInteger(step) &&
      step >= 0 &&
      Number.isFinite(seed) &&
      typeof optimiser === 'string'
    )
      return { step, seed, optimiser };
  } catch {
    // Said below.
  }
  throw new SparseError('corrupt', `the file says nothing of a run under "${key}"`, {
    hint: 'give a file that writeCheckpoint, or fit, made',
  });
}

/**
 * A model as a checkpoint has it.
 *
 * @throws SparseError `shape` where names or shapes differ.
 */
export function restored<M extends Model>(model: M, { parameters, masks }: Checkpoint): M {
  const [mine, theirs] = [Object.entries(model.parameters), Object.keys(parameters)];
  const wrong = mine.find(([name, t]) => parameters[name]?.shape.join() !== t.shape.join());
  if (wrong || mine.length !== theirs.length)
    throw new SparseError(
      'shape',
      `the checkpoint is of another model: ${wrong ? `${wrong[0]} is ${parameters[wrong[0]]?.toString() ?? 'not there'}, not [${wrong[1].shape.join(', ')}]` : `it has ${theirs.length} parameters, not ${mine.length}`}`,
      { hint: 'build the model with the sizes and names that it was trained with' },
    );
  const { sparsity } = model;
  // In the model's order, which sums over parameters follow.
  const ordered = Object.fromEntries(mine.map(([name]) => [name, parameters[name]!]));
  return { ...model, parameters: ordered, ...(sparsity && { sparsity: { ...sparsity, masks } }) };
}
