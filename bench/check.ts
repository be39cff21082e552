// Whether a contender computes the product, asked before it is timed: against the op's reference, within the
// bound of float32 arithmetic. All rows are looked at; of many columns, the ends and some in between, since
// every column is computed by itself.
import { assemble, dense, matmul } from '@lacuna/lacuna';
import { boundOf, firstOutside, Random, type Bound } from '@lacuna/testing';
import type { Contender } from './contenders/contender.js';
import type { Input, Weights } from './problem.js';

const columnsLookedAt = 24;

/** Why the contender is wrong, or undefined. Bounds are kept in `known` for the next contender. */
export async function wrong(
  contender: Contender,
  weights: Weights,
  input: Input,
  known: Map<Weights, Expected>,
): Promise<string | undefined> {
  await contender.run();
  const got = await contender.result();
  if (got.length !== weights.m * input.n)
    return `it gave ${got.length} numbers, and ${weights.m * input.n} were expected`;
  const expected = contender.stands
    ? quantised(contender.stands, weights, input)
    : (known.get(weights) ?? expect(weights, input));
  if (!contender.stands) known.set(weights, expected);
  const { columns, bound } = expected;
  const seen = new Float64Array(bound.exact.length);
  for (let i = 0; i < weights.m; i++)
    columns.forEach((c, at) => (seen[i * columns.length + at] = got[i * input.n + c]!));
  const at = firstOutside(seen, bound);
  if (at < 0) return undefined;
  const [row, column] = [Math.floor(at / columns.length), columns[at % columns.length]!];
  return `y[${row}, ${column}] is ${seen[at]}, and should be ${bound.exact[at]} within ${bound.tolerance[at]!.toExponential(1)}`;
}

/** What Y should be in some columns. */
export interface Expected {
  readonly columns: readonly number[];
  readonly bound: Bound;
}

function expect({ tensor, k }: Weights, { n, numbers }: Input): Expected {
  const random = new Random(n);
  const columns = Array.from({ length: n }, (_, c) => c);
  while (columns.length > columnsLookedAt) columns.splice(random.whole(8, columns.length - 9), 1);
  const some = new Float32Array(k * columns.length);
  for (let i = 0; i < k; i++)
    columns.forEach((c, at) => (some[i * columns.length + at] = numbers[i * n + c]!));
  const x = assemble(dense(), [k, columns.length], some);
  return { columns, bound: boundOf(matmul, [tensor, x], matmul.spec.defaults) };
}

/** The same of the numbers that a contender rounds to. */
function quantised(
  { w, x, slack }: NonNullable<Contender['stands']>,
  weights: Weights,
  input: Input,
): Expected {
  const tensor = assemble(dense(), [weights.m, weights.k], w);
  const { columns, bound } = expect({ ...weights, tensor }, { ...input, numbers: x });
  return { columns, bound: { ...bound, tolerance: bound.tolerance.map((t) => t + slack) } };
}
