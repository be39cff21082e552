// concatenate: tensors one after another along an axis.
import { op, sizeOf, toDense, type Op } from '@lacuna/ir';
import { slice } from './slice.js';
import { axisOf, refuse, show } from '../shapes.js';

/** Attributes of {@link concatenate}. */
export interface ConcatenateAttrs {
  /** The dimension along which they follow each other; −1 is the last. */
  readonly axis: number;
}

/**
 * `concatenate(a, b, …, { axis })`; all other extents are equal.
 *
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { concatenate } from '@lacuna/ops';
 * const [a, b] = [assemble(dense(), [2, 1], [1, 2]), assemble(dense(), [2, 1], [3, 4])];
 * concatenate.spec.reference([a, b], { axis: 1 }); // Float64Array [1, 3, 2, 4]
 * ```
 */
export const concatenate: Op<ConcatenateAttrs> = op<ConcatenateAttrs>({
  name: 'concatenate',
  arity: [1, Infinity],
  defaults: { axis: 0 },
  infer(shapes, { axis }) {
    const first = shapes[0]!;
    const along = axisOf('concatenate', axis, first);
    let extent = 0;
    for (const shape of shapes) {
      const fits =
        shape!.length === first.length &&
        shape!.every((e, dim) => dim === along || e === first[dim]);
      if (!fits)
        refuse(
          'concatenate',
          `${show(first)} and ${show(shape!)} along axis ${axis}`,
          'write shapes that differ along that axis only',
        );
      extent += shape![along]!;
    }
    return first.with(along, extent);
  },
  reference(inputs, { axis }) {
    const first = inputs[0]!.shape;
    const along = axisOf('concatenate', axis, first);
    const outer = sizeOf(first.slice(0, along));
    const parts = inputs.map((x) => toDense(x!));
    const out = new Float64Array(parts.reduce((n, part) => n + part.length, 0));
    let to = 0;
    for (let o = 0; o < outer; o++) {
      for (const part of parts) {
        const run = part.length / outer;
        out.set(part.subarray(o * run, (o + 1) * run), to);
        to += run;
      }
    }
    return out;
  },
  roundings: () => 0,
  gradient: {
    rule({ apply, dy, inputs, shapeOf, wants }, { axis }) {
      let at = 0;
      return inputs.map((input, k) => {
        const shape = shapeOf(input!);
        const along = axisOf('concatenate', axis, shape);
        const begin = shape.map((_, dim) => (dim === along ? at : 0));
        at += shape[along]!;
        return wants(k) ? apply(slice, [dy], { begin, size: [...shape] }) : undefined;
      });
    },
  },
});
