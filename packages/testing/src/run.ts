// The laws of running an op, whatever runs it: an engine, a kernel, a page of somebody's own.
import {
  assemble,
  dense,
  isDense,
  toDense,
  type FormatLike,
  type Op,
  type Tensor,
} from '@lacuna/ir';
import { boundOf, claimWithin, firstOutside, type Bound } from './bound.js';
import { randomCall, type CaseMaker, type OpCall } from './call.js';
import { Broken, claim, type Law } from './law.js';
import { firstDifference } from './numbers.js';
import { placesOf } from './places.js';
import type { Random } from './random.js';

/** Computes an op for operands on the host; undefined where it does not take them. */
export type Run = (
  op: Op,
  inputs: readonly (Tensor | undefined)[],
  attrs: object,
) => Promise<ArrayLike<number> | undefined>;

/** What is run, on which cases. */
export interface RunSubject {
  readonly op: Op;
  readonly run: Run;
  readonly make: CaseMaker;
  /** Layouts of each input; missing ones are dense. */
  readonly layouts?: readonly (readonly FormatLike[])[];
}

/**
 * What every way of computing an op must keep to.
 *
 * @example
 * ```ts
 * import { relu } from '@lacuna/ops';
 * import { cases, runLaw, runLaws, type Run } from '@lacuna/testing';
 * const run: Run = (op, inputs, attrs) => Promise.resolve(op.spec.reference(inputs, attrs));
 * for (const law of runLaws({ op: relu, run, make: cases.get(relu)! })) await runLaw(law, { seed: 1, cases: 20 });
 * ```
 */
export function runLaws(subject: RunSubject): readonly Law[] {
  const { op } = subject;
  return [
    {
      name: 'results are within the bound of the reference',
      async run(random) {
        const found = await taken(random, subject, false);
        if (!found) return;
        const { call, got } = found;
        claimWithin(got, boundOf(op, call.inputs, call.attrs), call.words);
      },
    },
    {
      name: 'NaN, infinities and −0 travel through stored entries, or all of a dense copy',
      async run(random) {
        const found = await taken(random, subject, true);
        if (!found) return;
        const { call, got } = found;
        const mixtures = somewhatDense(call.inputs).flatMap((inputs) => {
          const bound = boundOf(op, inputs, call.attrs);
          return [bound, ...asStored(op, inputs, bound)];
        });
        if (!mixtures.some((bound) => firstOutside(got, bound) < 0))
          claimWithin(got, mixtures[0]!, call.words);
      },
    },
    {
      name: 'the same call gives the same bits, and leaves its operands as they are',
      async run(random) {
        const found = await taken(random, subject, false);
        if (!found) return;
        const { call, got } = found;
        const first = Float64Array.from(got);
        const before = call.inputs.map((t) => t?.values.slice());
        const again = (await subject.run(op, call.inputs, call.attrs)) ?? [];
        const at = firstDifference(first, again);
        claim(at < 0, () => `${call.words}: number ${at} is ${first[at]}, and ${again[at]} again`);
        const kept = call.inputs.every((t, k) => !t || firstDifference(t.values, before[k]!) < 0);
        claim(kept, `${call.words} writes to an operand`);
      },
    },
  ];
}

/** A random call that is taken, and what came of it; undefined where thirty were not. */
async function taken(
  random: Random,
  { op, run, make, layouts = [] }: RunSubject,
  specials: boolean,
): Promise<{ readonly call: OpCall; readonly got: ArrayLike<number> } | undefined> {
  for (let attempt = 0; attempt < 30; attempt++) {
    const call = randomCall(random, op, make, { layouts, specials });
    const got = await run(op, call.inputs, call.attrs).catch((cause: unknown) => {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new Broken(`${call.words} throws: ${why}`, { cause });
    });
    if (got) return { call, got };
  }
  return undefined;
}

/**
 * What an op gives that takes zero to zero and goes along the stored entries of its first operand: elsewhere there
 * is nothing, also where 0 would have met NaN or an infinity of another operand.
 */
function asStored({ spec }: Op, [first]: OpCall['inputs'], { exact, tolerance }: Bound): Bound[] {
  if (!spec.zeroToZero || !first || isDense(first.format)) return [];
  const places = placesOf(first);
  if (places.length !== exact.length) return [];
  const stored = (numbers: Float64Array): Float64Array =>
    numbers.map((x, at) => (places[at] ? x : 0));
  return [{ exact: stored(exact), tolerance: stored(tolerance) }];
}

/** The operands as they are, and with any of them made dense, as a kernel for fewer layouts wants them. */
function somewhatDense(inputs: OpCall['inputs']): OpCall['inputs'][] {
  return inputs.reduce<OpCall['inputs'][]>(
    (all, t, k) => {
      if (!t || isDense(t.format)) return all;
      const plain = assemble(dense(), t.shape, toDense(t));
      return [...all, ...all.map((some) => some.with(k, plain))];
    },
    [inputs],
  );
}
