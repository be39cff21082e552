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
import { randomOf } from './random.js';

/** Inputs and what is wanted for them, on the host, dense; one example a row of the first dimension. */
export interface Data {
  readonly inputs: Tensor;
  readonly targets: Tensor;
}

/** Cuts a data set into batches. */
export interface Batches {
  /** Batches of an epoch; examples that fill none are left out, others each epoch. */
  readonly count: number;
  /** A batch of an epoch. The tensors are the same each time, with other numbers. */
  readonly at: (epoch: number, batch: number) => Data;
}

/**
 * Shuffled batches of `size` examples, or of all where there are fewer.
 *
 * @throws SparseError `shape` where inputs and targets differ in number, or there are none.
 */
export function batchesOf(
  data: Data,
  { size, seed }: { readonly size: number; readonly seed: number },
): Batches {
  const examples = checkData(data);
  const rows = Math.min(size, examples);
  const holders = { inputs: holder(data.inputs, rows), targets: holder(data.targets, rows) };
  let order: { readonly epoch: number; readonly of: Uint32Array } | undefined;
  return {
    count: Math.floor(examples / rows),
    at(epoch, batch) {
      if (order?.epoch !== epoch)
        order = { epoch, of: randomOf(seed, `batches ${epoch}`).order(examples) };
      const some = order.of.subarray(batch * rows, (batch + 1) * rows);
      gather(data.inputs, some, holders.inputs);
      gather(data.targets, some, holders.targets);
      return holders;
    },
  };
}

/** The number of examples. */
export function checkData({ inputs, targets }: Data): number {
  const [n, other] = [inputs.shape[0] ?? 0, targets.shape[0] ?? 0];
  if (n === other && n > 0) return n;
  throw new SparseError('shape', `data has ${n} inputs and ${other} targets`, {
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
