// How laws run ops, and differentiate them, on an engine.
import { gradients, type Engine } from '@lacuna/engine';
import { toDense, type Tensor } from '@lacuna/ir';
import { multiply, sum } from '@lacuna/ops';
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

/** Gradients by a compiled function of an engine, everything given back afterwards. */
export function differentiateOn(engine: Engine): Differentiate {
  return async (op, inputs, attrs, dy, wanted) => {
    const given = inputs.flatMap((t) => (t ? [engine.put(t)] : []));
    const weights = engine.put(dy);
    const step = engine.compile((tensors: readonly Tensor[], by: Tensor) => {
      const from = tensors.values();
      const all = inputs.map((t) => (t ? from.next().value : undefined));
      const y = multiply(op(...all, attrs), by);
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
