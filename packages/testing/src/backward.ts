// The laws of gradients that an engine computes: for operands in every layout, each gradient is the dense one where
// its operand has places, and nothing elsewhere, within a bound that is carried from node to node of the rule.
import { assemble, dense, inferShape, sizeOf, type Layout, type Op, type Tensor } from '@lacuna/ir';
import { firstOutside, type Bound } from './bound.js';
import { randomCall, type CaseMaker } from './call.js';
import { carried } from './carry.js';
import { Broken, claim, type Law } from './law.js';
import { placesOf } from './places.js';
import type { Random } from './random.js';

/**
 * Gradients of ⟨dy, op(inputs)⟩ with respect to the inputs of `wanted`, in their order, as an engine computes
 * them: row-major numbers, those of a sparse input 0 where it has no places.
 */
export type Differentiate = (
  op: Op,
  inputs: readonly (Tensor | undefined)[],
  attrs: object,
  dy: Tensor,
  wanted: readonly number[],
) => Promise<readonly ArrayLike<number>[]>;

/** What is differentiated, on which cases. */
export interface BackwardSubject {
  readonly op: Op;
  readonly make: CaseMaker;
  readonly differentiate: Differentiate;
  /** Layouts of each input; missing ones are dense. */
  readonly layouts?: readonly (readonly Layout[])[];
}

/** What every way of computing the gradients of an op must keep to; no laws for an op that has none. */
export function backwardLaws(subject: BackwardSubject): readonly Law[] {
  if (subject.op.spec.gradient.none !== undefined) return [];
  return [
    {
      name: 'gradients are the dense ones where their operand has places',
      run: (random) => backward(random, subject),
    },
  ];
}

async function backward(random: Random, subject: BackwardSubject): Promise<void> {
  const { op, make, differentiate, layouts = [] } = subject;
  const { inputs, attrs, words } = randomCall(random, op, make, { layouts });
  const shape = inferShape(
    op,
    inputs.map((t) => t?.shape),
    attrs,
  );
  const dy = assemble(
    dense(),
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => random.next() * 2 - 1),
  );
  const expected = carried(op, inputs, attrs, dy);
  const wanted = inputs.flatMap((_, k) => (expected[k] ? [k] : []));
  const found = await differentiate(op, inputs, attrs, dy, wanted).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Broken(`the gradient of ${words} throws: ${why}`, { cause });
  });
  wanted.forEach((k, at) => {
    const { exact, tolerance } = expected[k]!;
    const got = found[at]!;
    claim(
      got.length === exact.length,
      `the gradient of ${words}, input ${k} has ${got.length} numbers`,
    );
    const places = placesOf(inputs[k]!);
    for (let e = 0; e < exact.length; e++) {
      const bound: Bound = {
        exact: Float64Array.of(places[e] ? exact[e]! : 0),
        tolerance: Float64Array.of(places[e] ? (tolerance?.[e] ?? Infinity) : 0),
      };
      // Beyond the bound, or where none is known and numbers are finite.
      claim(
        !Number.isFinite(exact[e]!) || firstOutside([got[e]!], bound) < 0,
        () =>
          `the gradient of ${words}, input ${k}: number ${e} is ${got[e]}, and should be ${bound.exact[0]}, within ${bound.tolerance[0]}`,
      );
    }
  });
}
