// An op that ends in another: what a kernel makes goes through an elementwise function before it is stored. Engines
// put it in the place of the two ops, where a kernel of the first says that it takes the second along.
//
//     gelu(linear(x, w))  ->  linear+gelu(x, w)
import { assemble } from './assemble.js';
import { dense } from './dense.js';
import { op, type Op } from './op.js';

/** An elementwise op of one operand, at the end of another op. */
export interface Epilogue {
  readonly op: Op;
  readonly attrs: object;
}

/**
 * `first`, and then `last` of each number; attributes are those of `first`.
 *
 * @example
 * ```ts
 * import { assemble, dense, withEpilogue } from '@lacuna/ir';
 * import { add, relu } from '@lacuna/ops';
 * const both = withEpilogue(add, { op: relu, attrs: {} });
 * both.opName; // 'add+relu'
 * const x = assemble(dense(), [2], [-2, 3]);
 * both.spec.reference([x, x], {}); // Float64Array [0, 6]
 * ```
 */
export function withEpilogue<A extends object>(first: Op<A>, last: Epilogue): Op<A> {
  const { spec } = first;
  const f = last.op.spec;
  const words = Object.keys(last.attrs).length > 0 ? JSON.stringify(last.attrs) : '';
  return op<A>({
    name: `${first.opName}+${last.op.opName}${words}`,
    arity: spec.arity,
    defaults: spec.defaults,
    infer: (shapes, attrs) => spec.infer(shapes, attrs),
    reference(inputs, attrs) {
      const shape = spec.infer(
        inputs.map((x) => x?.shape),
        attrs,
      );
      const numbers = spec.reference(inputs, attrs);
      return f.reference([assemble(dense(), shape, numbers, { dtype: 'float64' })], last.attrs);
    },
    roundings: (shapes, attrs) =>
      spec.roundings(shapes, attrs) + f.roundings([spec.infer(shapes, attrs)], last.attrs),
    gradient: { none: 'it is put in after gradients are formed' },
    ...(spec.typeOf !== undefined && { typeOf: spec.typeOf }),
    ends: { first, last },
  });
}
