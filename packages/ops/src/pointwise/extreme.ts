// What maximum and minimum share: one of two elements is given, and what flows back goes to that one; of equals, half
// to each.
import { op, type NodeId, type Op } from '@lacuna/ir';
import { broadcastShapes, stretch } from './broadcast.js';
import { add } from './add.js';
import { multiply } from './multiply.js';
import { scale } from './scale.js';
import { sign } from './sign.js';
import { subtract } from './subtract.js';

/** An op that gives one of two elements, stretched to one shape; `larger` says which of them. */
export function extreme(name: string, larger: boolean): Op {
  const pick = larger ? Math.max : Math.min;
  const factor = larger ? 0.5 : -0.5;
  return op({
    name,
    arity: [2, 2],
    defaults: {},
    infer: ([a, b]) => broadcastShapes(name, [a!, b!]),
    reference([a, b]) {
      const shape = broadcastShapes(name, [a!.shape, b!.shape]);
      const other = stretch(b!, shape);
      return stretch(a!, shape).map((x, at) => pick(x, other[at]!));
    },
    roundings: () => 0,
    pointwise: true,
    gradient: {
      rule: (scope) => {
        const side = scope.apply(sign, [scope.apply(subtract, scope.inputs)]);
        const share = (half: number): NodeId => {
          const own = scope.apply(scale, [side], { factor: half });
          return scope.apply(multiply, [scope.dy, scope.apply(add, [own, scope.number(0.5)])]);
        };
        return [share(factor), share(-factor)];
      },
    },
  });
}
