// Elementwise ops on one shape as one op: what is made on the way is nowhere stored. Engines put it in the place of
// neighbouring nodes, where a backend has a kernel for it; the formula is data, which graphs print.
//
//     inputs 0 1 2       steps  3 = multiply(0, 1)   4 = add(3, 2)   5 = relu(4)       y = 5
import { assemble, dense, op, type Op, type Shape, type Tensor } from '@lacuna/ir';

/** An op on numbers that came before: inputs first, then the steps in order. */
export interface FusedStep {
  readonly op: Op;
  readonly attrs: object;
  readonly inputs: readonly number[];
}

/** Steps, the last of which is the result. */
export interface Formula {
  readonly steps: readonly FusedStep[];
  /** `x2 = multiply(x0, x1), x3 = relu(x2)` */
  readonly print: () => string;
}

/** A formula of `inputs` numbers. */
export function formula(inputs: number, steps: readonly FusedStep[]): Formula {
  const print = (): string =>
    steps
      .map((step, k) => {
        const given = step.inputs.map((at) => `x${at}`).join(', ');
        return `x${inputs + k} = ${step.op.opName}(${given})`;
      })
      .join(', ');
  return Object.freeze({ steps, print });
}

/** Attributes of {@link fused}. */
export interface FusedAttrs {
  readonly formula: Formula;
}

/** Each step's result, from those before it. */
function evaluate<T>(
  given: readonly T[],
  { steps }: Formula,
  apply: (step: FusedStep, inputs: readonly T[]) => T,
): T {
  const all = [...given];
  for (const step of steps)
    all.push(
      apply(
        step,
        step.inputs.map((at) => all[at]!),
      ),
    );
  return all.at(-1)!;
}

const shapeOf = (shapes: readonly Shape[], by: Formula): Shape =>
  evaluate(shapes, by, (step, inputs) => step.op.spec.infer(inputs, step.attrs));

/**
 * `fused(...x, { formula })`: what the formula's last step gives.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { formula, fused, multiply, relu } from '@lacuna/ops';
 * const by = formula(2, [{ op: multiply, attrs: {}, inputs: [0, 1] }, { op: relu, attrs: {}, inputs: [2] }]);
 * by.print(); // 'x2 = multiply(x0, x1), x3 = relu(x2)'
 * const [x, y] = [assemble(dense(), [2], [-1, 2]), assemble(dense(), [2], [3, 4])];
 * fused.spec.reference([x, y], { formula: by }); // Float64Array [0, 8]
 * ```
 */
export const fused: Op<FusedAttrs> = op<FusedAttrs>({
  name: 'fused',
  arity: [1, Infinity],
  defaults: { formula: formula(1, []) },
  infer: (shapes, attrs) => shapeOf(shapes as readonly Shape[], attrs.formula),
  reference(inputs, attrs) {
    const result = evaluate(inputs as readonly Tensor[], attrs.formula, (step, given) => {
      const shape = step.op.spec.infer(
        given.map((t) => t.shape),
        step.attrs,
      );
      const numbers = step.op.spec.reference(given, step.attrs);
      return assemble(dense(), shape, numbers, { dtype: 'float64' });
    });
    return Float64Array.from(result.values as Float64Array);
  },
  roundings: (shapes, attrs) =>
    attrs.formula.steps.reduce(
      (sum, { op: { spec }, attrs: own, inputs }) =>
        sum +
        spec.roundings(
          inputs.map((at) => shapes[at] ?? []),
          own,
        ),
      0,
    ),
  pointwise: true,
  gradient: { none: 'it is put in after gradients are formed' },
});
