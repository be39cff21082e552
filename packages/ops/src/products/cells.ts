// Cells of recurrent networks: one step from a state to the next, as functions over ops.
import type { Tensor } from '@lacuna/ir';
import { add } from '../pointwise/add.js';
import { linear } from './linear.js';
import { multiply } from '../pointwise/multiply.js';
import { sigmoid } from '../pointwise/sigmoid.js';
import { slice } from '../moves/slice.js';
import { subtract } from '../pointwise/subtract.js';
import { tanh } from '../pointwise/tanh.js';

/** Weights of a cell, the gates one below the other: `[gates·H, inputs]`, `[gates·H, H]`, `[gates·H]`. */
export interface CellWeights {
  readonly input: Tensor;
  readonly hidden: Tensor;
  readonly inputBias?: Tensor | undefined;
  readonly hiddenBias?: Tensor | undefined;
}

/** Hidden state and cell of an LSTM, each `[B, H]`. */
export interface LstmState {
  readonly hidden: Tensor;
  readonly cell: Tensor;
}

/** Gate g of several side by side. */
const gate = (z: Tensor, g: number, size: number): Tensor =>
  slice(z, { begin: [0, g * size], size: [-1, size] });

/**
 * One step of a long short-term memory (Hochreiter & Schmidhuber, 1997), x `[B, inputs]`; gates in the order
 * input, forget, cell, output, as PyTorch has them.
 */
export function lstmCell(x: Tensor, { hidden, cell }: LstmState, weights: CellWeights): LstmState {
  const size = hidden.shape[1]!;
  const z = add(
    linear(x, weights.input, weights.inputBias),
    linear(hidden, weights.hidden, weights.hiddenBias),
  );
  const [input, forget, output] = [0, 1, 3].map((g) => sigmoid(gate(z, g, size)));
  const next = add(multiply(forget, cell), multiply(input, tanh(gate(z, 2, size))));
  return { hidden: multiply(output, tanh(next)), cell: next };
}

/**
 * One step of a gated recurrent unit (Cho et al., 2014), x `[B, inputs]`, hidden `[B, H]`; gates in the order
 * reset, update, new, as PyTorch has them.
 */
export function gruCell(x: Tensor, hidden: Tensor, weights: CellWeights): Tensor {
  const size = hidden.shape[1]!;
  const [a, b] = [
    linear(x, weights.input, weights.inputBias),
    linear(hidden, weights.hidden, weights.hiddenBias),
  ];
  const [reset, update] = [0, 1].map((g) => sigmoid(add(gate(a, g, size), gate(b, g, size))));
  const fresh = tanh(add(gate(a, 2, size), multiply(reset, gate(b, 2, size))));
  return add(fresh, multiply(update, subtract(hidden, fresh)));
}
