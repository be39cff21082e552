// The laws of ops: the shape rule and the reference say the same, claims about zeros and elements are
// true, and no layout changes what is computed.
import {
  assemble,
  dense,
  inferShape,
  sizeOf,
  SparseError,
  toDense,
  type Layout,
  type Op,
  type Shape,
  type Tensor,
} from '@lacuna/ir';
import { boundOf, claimWithin } from './bound.js';
import { randomCall, wordsOf, type CaseMaker } from './call.js';
import { claim, type Law } from './law.js';
import type { Random } from './random.js';
import { isShape } from './numbers.js';

/**
 * What an op must keep to, on the cases of a maker. The layouts are those that operands are tried in.
 *
 * @example
 * ```ts
 * import { csr } from '@lacuna/layouts';
 * import { relu } from '@lacuna/ops';
 * import { cases, opLaws, runLaw } from '@lacuna/testing';
 * for (const law of opLaws(relu, cases.get(relu)!, [csr])) await runLaw(law, { seed: 1, cases: 20 });
 * ```
 */
export function opLaws(op: Op, make: CaseMaker, layouts: readonly Layout[] = []): readonly Law[] {
  const { spec } = op;
  const any = Array.from({ length: 4 }, () => [dense, ...layouts]);
  const laws: Law[] = [
    {
      name: 'the reference has as many numbers as the shape rule says',
      run(random) {
        const { inputs, attrs, words } = randomCall(random, op, make, { layouts: any });
        const shape = inferShape(op, shapesOf(inputs), attrs);
        const { length } = spec.reference(inputs, attrs);
        claim(isShape(shape), `${words} has the shape [${shape.join(', ')}]`);
        claim(
          length === sizeOf(shape),
          `${words} is [${shape.join(', ')}], and its reference has ${length} numbers`,
        );
      },
    },
    {
      name: 'inputs of wrong shapes are refused, by name, or have a sound output',
      run(random) {
        const { shapes, attrs } = make(random);
        const which = random.whole(0, shapes.length - 1);
        const wrong = shapes.map((shape, k) =>
          k === which && shape ? mangled(random, shape) : shape,
        );
        try {
          const shape = inferShape(op, wrong, attrs);
          const inputs = wrong.map((s) => s && assemble(dense(), s, new Float64Array(sizeOf(s))));
          claim(
            spec.reference(inputs, attrs).length === sizeOf(shape),
            `${wordsOf(op, inputs, attrs)} is taken for [${shape.join(', ')}]`,
          );
        } catch (error) {
          if (!(error instanceof SparseError)) throw error;
          claim(
            error.code === 'shape' && error.message.includes(op.opName),
            `the refusal "${error.message}" is no shape error that names ${op.opName}`,
          );
        }
      },
    },
    {
      name: 'operands in any layout give the numbers of dense ones',
      run(random) {
        if (spec.keepsPattern) return;
        const { inputs, attrs, words } = randomCall(random, op, make, { layouts: any });
        const plain = inputs.map((t) => t && assemble(dense(), t.shape, toDense(t)));
        claimWithin(spec.reference(inputs, attrs), boundOf(op, plain, attrs, 'float64'), words);
      },
    },
    {
      name: 'roundings are counted, and what the bound multiplies is not negative',
      run(random) {
        const { inputs, attrs, words } = randomCall(random, op, make, { layouts: any });
        const roundings = spec.roundings(shapesOf(inputs), attrs);
        claim(
          Number.isInteger(roundings) && roundings >= 0,
          `${words} counts ${roundings} roundings`,
        );
        const { exact, tolerance } = boundOf(op, inputs, attrs);
        claim(
          tolerance.every((t, at) => !Number.isFinite(exact[at]!) || (t >= 0 && t < Infinity)),
          `${words} has no finite bound`,
        );
      },
    },
    {
      name: 'the reference leaves its inputs as they are',
      run(random) {
        const { inputs, attrs, words } = randomCall(random, op, make, { layouts: any });
        const before = inputs.map((t) => t?.values.slice());
        spec.reference(inputs, attrs);
        const same = inputs.every(
          (t, k) => !t || t.values.every((x, at) => Object.is(x, before[k]![at])),
        );
        claim(same, `${words} writes to an input`);
      },
    },
  ];
  if (spec.view)
    laws.push({
      name: 'a view is the first input, number by number',
      run(random) {
        const { inputs, attrs, words } = randomCall(random, op, make);
        if (!spec.view!(shapesOf(inputs), attrs)) return;
        const [got, x] = [spec.reference(inputs, attrs), toDense(inputs[0]!)];
        claim(
          got.every((v, at) => Object.is(v, x[at])),
          `${words} calls itself a view`,
        );
      },
    });
  if (spec.zeroToZero)
    laws.push({
      name: 'zeros in the first input give zeros',
      run(random) {
        const { inputs, attrs, words } = randomCall(random, op, make);
        const zeros = assemble(
          dense(),
          inputs[0]!.shape,
          new Float64Array(sizeOf(inputs[0]!.shape)),
        );
        const got = spec.reference([zeros, ...inputs.slice(1)], attrs);
        claim(
          got.every((v) => v === 0),
          `${words} makes something of nothing`,
        );
      },
    });
  if (spec.pointwise)
    laws.push({
      name: 'an element of the output sees the same element of an input, and no other',
      run: (random) => pointwise(random, op, make),
    });
  return laws;
}

function pointwise(random: Random, op: Op, make: CaseMaker): void {
  const { inputs, attrs, words } = randomCall(random, op, make);
  const shape = inferShape(op, shapesOf(inputs), attrs);
  const which = random.whole(0, inputs.length - 1);
  const input = inputs[which]!;
  if (input.shape.join() !== shape.join() || input.stored === 0) return;
  const at = random.whole(0, input.stored - 1);
  const numbers = Float64Array.from(toDense(input));
  numbers[at]! += 1;
  const changed = inputs.with(which, assemble(dense(), input.shape, numbers));
  const [before, after] = [op.spec.reference(inputs, attrs), op.spec.reference(changed, attrs)];
  const other = before.findIndex((v, e) => e !== at && !Object.is(v, after[e]));
  claim(other < 0, `${words}: element ${other} changed with element ${at} of input ${which}`);
}

const shapesOf = (inputs: readonly (Tensor | undefined)[]): (Shape | undefined)[] =>
  inputs.map((t) => t?.shape);

/** A shape with a dimension more, less, or longer. */
function mangled(random: Random, shape: Shape): Shape {
  const at = random.whole(0, Math.max(0, shape.length - 1));
  return random.pick([
    [...shape, 2],
    shape.slice(1),
    shape.map((extent, dim) => (dim === at ? extent + 1 : extent)),
  ]);
}
