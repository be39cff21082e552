// Broken ops.
import { op, sizeOf, toDense, type OpSpec } from '@lacuna/ir';
import { csr } from '@lacuna/layouts';
import { scale } from '@lacuna/ops';
import { unaryCase } from '../cases/elements.js';
import { gradientLaws } from '../gradients.js';
import { opLaws } from '../ops.js';
import type { ShelfEntry } from './entry.js';

const negate: OpSpec = {
  name: 'negate',
  arity: [1, 1],
  defaults: {},
  infer: ([x]) => x!,
  reference: ([x]) => Float64Array.from(toDense(x!), (v) => -v),
  roundings: () => 0,
  pointwise: true,
  zeroToZero: true,
  gradient: { rule: ({ apply, dy }) => [apply(scale, [dy], { factor: -1 })] },
};

/** The op that the broken ones are made from: its laws hold. */
export const soundOp = op(negate);

const broken = (name: string, rejectedBy: string, changes: Partial<OpSpec>): ShelfEntry => ({
  name,
  rejectedBy,
  laws: [
    ...opLaws(op({ ...negate, ...changes }), unaryCase, [csr]),
    ...gradientLaws(op({ ...negate, ...changes }), unaryCase),
  ],
});

/** Ops that the laws must reject. */
export const brokenOps: readonly ShelfEntry[] = [
  broken(
    'its shape rule drops a dimension',
    'the reference has as many numbers as the shape rule says',
    { infer: ([x]) => x!.slice(1) },
  ),
  broken(
    'its shape rule gives half an extent',
    'the reference has as many numbers as the shape rule says',
    { infer: ([x]) => x!.map((extent) => extent / 2) },
  ),
  broken('it makes ones of zeros', 'zeros in the first input give zeros', {
    reference: ([x]) => Float64Array.from(toDense(x!), (v) => v + 1),
  }),
  broken(
    'it looks at its neighbours',
    'an element of the output sees the same element of an input, and no other',
    {
      reference([x]) {
        const numbers = toDense(x!);
        return Float64Array.from(numbers, (v, at) => v + (numbers[at - 1] ?? 0));
      },
    },
  ),
  broken(
    'it reads stored values as if they were dense',
    'operands in any layout give the numbers of dense ones',
    {
      reference: ([x]) =>
        Float64Array.from({ length: sizeOf(x!.shape) }, (_, at) => -(x!.values[at] ?? 0)),
    },
  ),
  broken('it writes to its input', 'the reference leaves its inputs as they are', {
    reference: ([x]) => Float64Array.from(x!.values.fill(1)),
  }),
  broken('it calls itself a view', 'a view is the first input, number by number', {
    view: () => true,
  }),
  broken(
    'it counts roundings below zero',
    'roundings are counted, and what the bound multiplies is not negative',
    { roundings: ([x]) => x!.length - 3 },
  ),
  broken('its gradient has the wrong sign', 'the gradient is the limit of differences', {
    gradient: { rule: ({ dy }) => [dy] },
  }),
  broken('it gives no gradient', 'the gradient is the limit of differences', {
    gradient: { rule: () => [undefined] },
  }),
];
