// What StridedSlice means by its lists and masks: bit i of a mask speaks of item i of the lists.
//   begin_mask, end_mask: from the start, to the end · shrink_axis_mask: one place, the dimension goes
//   new_axis_mask: a dimension of 1 · ellipsis_mask: all dimensions that are left over
import type { Shape } from '@lacuna/ir';
import { corrupt } from '../../corrupt.js';
import { int } from '../attributes.js';
import type { ModelNode } from '../model.js';

/** What becomes of one dimension: places first, first + step, … of it; or a dimension that is new. */
export interface Places {
  /** Absent: a new dimension. */
  readonly dim: number | undefined;
  readonly first: number;
  readonly step: number;
  readonly extent: number;
  /** The dimension goes. */
  readonly shrinks: boolean;
}

type List = ArrayLike<number>;

/** The places that are taken along each dimension, in the order of the output. */
export function stridesOfNode(
  node: ModelNode,
  shape: Shape,
  [begin = [], end = [], strides = []]: readonly List[],
): Places[] {
  const mask = (name: string, i: number): boolean =>
    ((int(node, `${name}_mask`, 0) >> i) & 1) === 1;
  const items = Array.from({ length: begin.length }, (_, i) => i);
  const used = items.filter((i) => !mask('new_axis', i) && !mask('ellipsis', i)).length;
  if (used > shape.length || items.length > 31)
    throw corrupt(`node "${node.name}"`, `slices ${items.length} of ${shape.length} dimensions`);
  const found: Places[] = [];
  let dim = 0;
  const whole = (): void => {
    const extent = shape[dim] ?? 1;
    found.push({ dim: dim++, first: 0, step: 1, extent, shrinks: false });
  };
  for (const i of items) {
    if (mask('ellipsis', i)) for (let rest = shape.length - used; rest > 0; rest--) whole();
    else if (mask('new_axis', i))
      found.push({ dim: undefined, first: 0, step: 1, extent: 1, shrinks: false });
    else {
      const extent = shape[dim] ?? 0;
      const range = rangeOf(
        extent,
        mask('begin', i) ? undefined : begin[i],
        mask('end', i) ? undefined : end[i],
        strides[i] ?? 1,
      );
      const at = begin[i] ?? 0;
      found.push(
        mask('shrink_axis', i)
          ? { dim, first: at < 0 ? at + extent : at, step: 1, extent: 1, shrinks: true }
          : { dim, ...range, shrinks: false },
      );
      dim++;
    }
  }
  while (dim < shape.length) whole();
  for (const { dim, first, shrinks } of found)
    if (shrinks && !(first >= 0 && first < (shape[dim ?? 0] ?? 0)))
      throw corrupt(`node "${node.name}"`, `takes place ${first} of [${shape.join(', ')}]`);
  return found;
}

function rangeOf(
  extent: number,
  begin: number | undefined,
  end: number | undefined,
  step: number,
): Pick<Places, 'first' | 'step' | 'extent'> {
  const clamp = (at: number): number => {
    const place = at < 0 ? at + extent : at;
    return step > 0
      ? Math.min(Math.max(place, 0), extent)
      : Math.min(Math.max(place, -1), extent - 1);
  };
  const first = begin === undefined ? (step > 0 ? 0 : extent - 1) : clamp(begin);
  const last = end === undefined ? (step > 0 ? extent : -1) : clamp(end);
  const count = step === 0 ? 0 : Math.ceil((last - first) / step);
  return { first, step, extent: Math.max(0, count) };
}
