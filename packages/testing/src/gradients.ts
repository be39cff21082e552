// The law of gradients: a rule, run on references in double precision, agrees with central differences.
//
//   ⟨dx, v⟩ = (F(x + h·v) − F(x − h·v)) / 2h + O(h²),   F(x) = ⟨dy, f(x)⟩
//
// The O(h²) is read off a second step of 2h: it is 4 times as large there, so that the two differ by 3 of it.
// What rounding adds is what the op's own bound says of F, over h.
import {
  assemble,
  dense,
  inferShape,
  sizeOf,
  toDense,
  type GradientScope,
  type NodeId,
  type Op,
  type Shape,
  type Tensor,
} from '@lacuna/ir';
import { sumTo } from '@lacuna/ops';
import { boundOf } from './bound.js';
import { wordsOf, type Case, type CaseMaker } from './call.js';
import { claim, type Law } from './law.js';
import type { Random } from './random.js';

/** A dense tensor in double precision. */
const plain = (shape: Shape, numbers: ArrayLike<number>): Tensor =>
  assemble(dense(), shape, numbers, { dtype: 'float64' });

/**
 * Gradients of an op's inputs by its rule, run on references in double precision; undefined where the rule gives
 * none, or where none is wanted.
 */
export function gradientsOf(
  op: Op,
  inputs: readonly (Tensor | undefined)[],
  attrs: object,
  dy: Tensor,
  wants: (k: number) => boolean = () => true,
): readonly (Tensor | undefined)[] {
  const tensors: Tensor[] = [];
  const add = (t: Tensor): NodeId => tensors.push(t) - 1;
  const run = (of: Op, given: readonly (Tensor | undefined)[], how: object): Tensor => {
    const shape = inferShape(
      of,
      given.map((t) => t?.shape),
      how,
    );
    return plain(shape, of.spec.reference(given, how));
  };
  const ids = inputs.map((t) => t && add(t));
  const scope: GradientScope = {
    inputs: ids,
    output: add(run(op, inputs, attrs)),
    dy: add(dy),
    wants: (k) => inputs[k] !== undefined && wants(k),
    shapeOf: (id) => tensors[id]!.shape,
    apply: (of, given, how) =>
      add(
        run(
          of,
          given.map((id) => (id === undefined ? undefined : tensors[id]!)),
          { ...of.spec.defaults, ...how },
        ),
      ),
    constant: (shape, numbers) => add(plain(shape, numbers)),
    number: (value) => add(plain([], [value])),
  };
  const found = op.spec.gradient.rule?.(scope, attrs) ?? [];
  return inputs.map((input, k) => {
    const id = found[k];
    if (!input || id === undefined || !wants(k)) return undefined;
    const gradient = tensors[id]!;
    return gradient.shape.join() === input.shape.join()
      ? gradient
      : run(sumTo, [gradient], { shape: [...input.shape] });
  });
}

/** Inputs for a case: no two numbers of an input equal in size, none near 0, so that no kink is at hand. */
function smoothInputs(random: Random, { shapes, fill, positive }: Case): (Tensor | undefined)[] {
  return shapes.map((shape, k) => {
    if (!shape) return undefined;
    const count = sizeOf(shape);
    if (fill?.[k]) return plain(shape, fill[k](random, count));
    const sign = (): number => (positive?.includes(k) || random.chance(0.5) ? 1 : -1);
    const order = random.order(count);
    return plain(
      shape,
      order.map((place) => sign() * (0.25 + ((place + 0.3 + 0.13 * k) / count) * 2)),
    );
  });
}

/**
 * What the gradient of an op must keep to, on the cases of a maker; no laws for an op that says why it has none.
 *
 * @example
 * ```ts
 * import { tanh } from '@lacuna/ops';
 * import { cases, gradientLaws, runLaw } from '@lacuna/testing';
 * for (const law of gradientLaws(tanh, cases.get(tanh)!)) await runLaw(law, { seed: 1, cases: 20 });
 * ```
 */
export function gradientLaws(op: Op, make: CaseMaker): readonly Law[] {
  if (op.spec.gradient.none !== undefined) return [];
  return [
    {
      name: 'the gradient is the limit of differences',
      run(random) {
        const found = smallCase(random, make);
        if (found) differences(random, op, found);
      },
    },
  ];
}

/** A case whose inputs are few numbers, since references are slow; undefined where none came up. */
function smallCase(random: Random, make: CaseMaker): Case | undefined {
  for (let attempt = 0; attempt < 50; attempt++) {
    const found = make(random);
    const most = Math.max(...found.shapes.map((shape) => (shape ? sizeOf(shape) : 0)));
    if (most > 0 && most <= 600) return found;
  }
  return undefined;
}

function differences(random: Random, op: Op, found: Case): void {
  const { attrs, fill } = found;
  const inputs = smoothInputs(random, found);
  const shape = inferShape(
    op,
    inputs.map((t) => t?.shape),
    attrs,
  );
  const any = (count: number): Float64Array =>
    Float64Array.from({ length: count }, () => random.next() * 2 - 1);
  const dy = plain(shape, any(sizeOf(shape)));
  const gradients = gradientsOf(op, inputs, attrs, dy);
  const given = toDense(dy);
  inputs.forEach((input, k) => {
    if (!input || fill?.[k]) return;
    const gradient = gradients[k];
    const words = `${wordsOf(op, inputs, attrs)}, input ${k}`;
    claim(gradient !== undefined, `${words} has no gradient`);
    const direction = any(sizeOf(input.shape));
    const slope = direction.reduce((sum, v, at) => sum + v * gradient.values[at]!, 0);
    const numbers = toDense(input);
    const moved = (h: number): Tensor =>
      plain(
        input.shape,
        Array.from(numbers, (v, at) => v + h * direction[at]!),
      );
    const value = (h: number): number => {
      const y = op.spec.reference(inputs.with(k, moved(h)), attrs);
      // An index that names nothing gives NaN.
      return y.reduce((sum, v, at) => (Number.isNaN(v) ? sum : sum + v * given[at]!), 0);
    };
    const h = 2 ** -15;
    const [near, far] = [h, 2 * h].map((step) => (value(step) - value(-step)) / (2 * step));
    const { exact, tolerance } = boundOf(op, inputs, attrs, 'float64');
    const rounding = exact.reduce(
      (sum, y, at) =>
        Number.isNaN(y)
          ? sum
          : sum +
            Math.abs(given[at]!) * (tolerance[at]! + Math.abs(y) * (exact.length + 8) * 2 ** -53),
      0,
    );
    const error = Math.abs(near! - far!) + (4 * rounding) / h + Math.abs(slope) * 2 ** -40;
    claim(
      Math.abs(slope - near!) <= error,
      () =>
        `${words}: the slope along a direction is ${slope}, and differences say ${near}, within ${error.toExponential(2)}`,
    );
  });
}
