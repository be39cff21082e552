// Every op, forward and backward, for operands in every layout, by an engine that may not fall back: whatever has no
// kernel on the device is refused, and so is found.
import { gradients, type Engine } from '@lacuna/engine';
import { toDense, type Tensor } from '@lacuna/ir';
import { layouts } from '@lacuna/layouts';
import { multiply, ops, sum } from '@lacuna/ops';
import {
  backwardLaws,
  cases,
  runLaws,
  type Differentiate,
  type Law,
  type Run,
} from '@lacuna/testing';

/** The laws of one op on an engine. */
export interface OpLaws {
  readonly name: string;
  readonly laws: readonly Law[];
}

const anywhere = [layouts, layouts, layouts, layouts];

/** The laws of every op that has cases, and of its gradient where it has one. */
export function everyOp(engine: Engine): readonly OpLaws[] {
  return ops.flatMap((op) => {
    const make = cases.get(op);
    if (!make) return [];
    const subject = { op, make, layouts: anywhere };
    const all: OpLaws[] = [
      { name: op.opName, laws: runLaws({ ...subject, run: runOn(engine) }) },
      {
        name: `the gradient of ${op.opName}`,
        laws: backwardLaws({ ...subject, differentiate: differentiateOn(engine) }),
      },
    ];
    return all.filter(({ laws }) => laws.length > 0);
  });
}

/** Runs ops on an engine, everything given back afterwards. */
function runOn(engine: Engine): Run {
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

/** Differentiates by a compiled function of an engine. */
function differentiateOn(engine: Engine): Differentiate {
  return async (op, inputs, attrs, dy, wanted) => {
    const given = inputs.flatMap((t) => (t ? [engine.put(t)] : []));
    const weights = engine.put(dy);
    const step = engine.compile((tensors: readonly Tensor[], by: Tensor) => {
      const from = tensors.values();
      const all = inputs.map((t) => (t ? from.next().value : undefined));
      const y = multiply(op(...all, attrs), by);
      const loss = sum(y, { axes: y.shape.map((_, dim) => dim) });
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
