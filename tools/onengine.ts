// How laws run ops, and differentiate them, on an engine.
import { emit, gradients, type Engine } from '@lacuna/engine';
import {
  assemble,
  dense,
  flatIndex,
  isDense,
  outside,
  roomFor,
  toDense,
  type Tensor,
} from '@lacuna/ir';
import { multiply, sum } from '@lacuna/ops';
import { keep } from '@lacuna/sparsifiers';
import type { Differentiate, Run } from '@lacuna/testing';

/** Runs ops on an engine, everything given back afterwards. */
export function runOn(engine: Engine): Run {
  return async (op, inputs, attrs) => {
    const given = inputs.map((t) => t && engine.put(t));
    try {
      const y = op(...given, attrs);
      const numbers = toDense(await engine.get(y));
      y.dispose();
      return numbers;
    } finally {
      for (const t of given) t?.dispose();
    }
  };
}

/**
 * Runs ops in a compiled function of an engine whose operands come dense, and are put into their layouts inside;
 * not where all are dense, nor where one has places that its numbers do not tell, such as zeros that were kept.
 */
export function runEmitted(engine: Engine): Run {
  return async (op, inputs, attrs) => {
    if (inputs.every((t) => !t || isDense(t.format)) || !inputs.every(isTold)) return undefined;
    if (op.spec.keepsPattern && !inputs.every(hasRoom)) return undefined; // refused
    const given = inputs.flatMap((t) => (t ? [engine.put(plain(t))] : []));
    const run = engine.compile((...tensors: readonly Tensor[]) => {
      const from = tensors.values();
      const into = (t: Tensor): Tensor =>
        emit(from.next().value!, { sparsify: keep(), layout: t.format });
      return op(...inputs.map((t) => t && into(t)), attrs);
    });
    try {
      const y = run(...given);
      const numbers = toDense(await engine.get(y));
      y.dispose();
      return numbers;
    } finally {
      run.dispose();
      for (const t of given) t.dispose();
    }
  };
}

const plain = (t: Tensor): Tensor => assemble(dense, t.shape, toDense(t), { dtype: t.dtype });

/** Whether a run can find a tensor's pattern. */
const hasRoom = (t: Tensor | undefined): boolean =>
  !t || isDense(t.format) || roomFor(t.format, t.shape) !== undefined;

/** Whether a tensor is dense, or has no zero in any of its places. */
function isFull(t: Tensor | undefined): boolean {
  if (!t || isDense(t.format)) return true;
  const numbers = toDense(t);
  return flatIndex(t.pattern).every((at) => at === outside || numbers[at] !== 0);
}

/** Whether a tensor's numbers alone say where its entries are. */
function isTold(t: Tensor | undefined): boolean {
  if (!t || isDense(t.format)) return true;
  const again = assemble(t.format, t.shape, toDense(t), { dtype: t.dtype });
  return again.pattern.checksum === t.pattern.checksum;
}

/**
 * Gradients by a compiled function of an engine, everything given back afterwards. With `emitted`, operands come dense
 * and are put into their layouts inside, where no place holds a zero: it would be pruned.
 */
export function differentiateOn(engine: Engine, emitted = false): Differentiate {
  return async (op, inputs, attrs, dy, wanted) => {
    const inside =
      emitted && inputs.every(isFull) && (!op.spec.keepsPattern || inputs.every(hasRoom));
    const given = inputs.flatMap((t) => (t ? [engine.put(inside ? plain(t) : t)] : []));
    const weights = engine.put(dy);
    const step = engine.compile((tensors: readonly Tensor[], by: Tensor) => {
      const from = tensors.values();
      const all = inputs.map((t) => (t ? from.next().value : undefined));
      const used = inputs.map((t, k) => {
        const sparse = inside && t && !isDense(t.format);
        return sparse ? emit(all[k]!, { sparsify: keep(), layout: t.format }) : all[k];
      });
      const y = multiply(op(...used, attrs), by);
      const loss = sum(y);
      return gradients(
        loss,
        wanted.map((k) => all[k]!),
      );
    });
    const made: Tensor[] = [];
    try {
      made.push(...step(given, weights));
      return await Promise.all(made.map(async (t) => toDense(await engine.get(t))));
    } finally {
      step.dispose();
      for (const t of [...made, ...given, weights]) t.dispose();
    }
  };
}
