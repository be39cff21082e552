// Batches of a data set in an order that a seed and the epoch decide: a run that is resumed meets what it would
// have met. A batch is written into one tensor of the host again and again.
import {
  makeTensor,
  densePattern,
  sizeOf,
  SparseError,
  type Tensor,
  type ValueArray,
} from '@lacuna/ir';
import { each, named, type Inputs } from './inputs.js';
import { randomOf } from './random.js';

/**
 * Inputs, one tensor or several by name, and what is wanted for them, on the host, dense; one example a row of the
 * first dimension.
 */
export interface Data<I extends Inputs = Tensor> {
  readonly inputs: I;
  readonly targets: Tensor;
}

/** Cuts a data set into batches. */
export interface Batches {
  /** Batches of an epoch; examples that fill none are left out, others each epoch. */
  readonly count: number;
  /** A batch of an epoch. The tensors are the same each time, with other numbers. */
  readonly at: (epoch: number, batch: number) => Data<Inputs>;
}

/**
 * Shuffled batches of `size` examples, or of all where there are fewer.
 *
 * @throws SparseError `shape` where inputs and targets differ in number, or there are none.
 */
export function batchesOf(
  data: Data<Inputs>,
  { size, seed }: { readonly size: number; readonly seed: number },
): Batches {
  const examples = checkData(data);
  const rows = Math.min(size, examples);
  const holders = {
    inputs: each(data.inputs, (t) => holder(t, rows)),
    targets: holder(data.targets, rows),
  };
  let order: { readonly epoch: number; readonly of: Uint32Array } | undefined;
  return {
    count: Math.floor(examples / rows),
    at(epoch, batch) {
      if (order?.epoch !== epoch)
        order = { epoch, of: randomOf(seed, `batches ${epoch}`).order(examples) };
      const some = order.of.subarray(batch * rows, (batch + 1) * rows);
      const into = named(holders.inputs);
      for (const [name, t] of Object.entries(named(data.inputs))) gather(t, some, into[name]!);
      gather(data.targets, some, holders.targets);
      return holders;
    },
  };
}

/** The number of examples. */
export function checkData({ inputs, targets }: Data<Inputs>): number {
  const all = Object.entries(named(inputs));
  const n = targets.shape[0] ?? 0;
  const other = all.find(([, t]) => (t.shape[0] ?? 0) !== n);
  if (all.length > 0 && n > 0 && !other) return n;
  const [name, tensor] = other ?? all[0] ?? ['inputs'];
  throw new SparseError('shape', `data has ${tensor?.shape[0] ?? 0} ${name} and ${n} targets`, {
    hint: 'write one target for each input, along the first dimension',
  });
}

/** Some rows of a dense tensor of the host, as a tensor of their own. */
export function rowsOf(tensor: Tensor, rows: ArrayLike<number>): Tensor {
  const into = holder(tensor, rows.length);
  gather(tensor, rows, into);
  return into;
}

function holder(like: Tensor, rows: number): Tensor {
  const shape = [rows, ...like.shape.slice(1)];
  const Values = like.values.constructor as new (length: number) => ValueArray;
  return makeTensor(densePattern(shape), like.dtype, new Values(sizeOf(shape)));
}

function gather(from: Tensor, rows: ArrayLike<number>, into: Tensor): void {
  const width = sizeOf(from.shape.slice(1));
  const [source, target] = [from.values, into.values];
  for (let row = 0; row < rows.length; row++)
    target.set(source.subarray(rows[row]! * width, (rows[row]! + 1) * width), row * width);
}
