// StridedSlice on known numbers, with its masks: bit i of a mask speaks of item i of the lists.
//   begin_mask, end_mask: from the start, to the end · shrink_axis_mask: one place, the dimension goes
//   new_axis_mask: a dimension of 1 · ellipsis_mask: all dimensions that are left over
import { SparseError, sizeOf, stridesOf } from '@lacuna/ir';
import { int } from '../attributes.js';
import { folded, isWhole, type Fold } from './rule.js';

export const stridedSlice: Fold = (node, [x, begin, end, strides]) => {
  const lists = { begin: begin?.data ?? [], end: end?.data ?? [], stride: strides?.data ?? [] };
  if (!x) throw new SparseError('corrupt', `node "${node.name}" slices nothing`);
  const mask = (name: string, i: number): boolean =>
    ((int(node, `${name}_mask`, 0) >> i) & 1) === 1;
  const count = lists.begin.length;
  const items = Array.from({ length: count }, (_, i) => i);
  const used = items.filter((i) => !mask('new_axis', i) && !mask('ellipsis', i)).length;
  const shape: number[] = [];
  const steps: number[] = []; // for each output dimension: how far apart its places are in x
  const from = stridesOf(x.shape);
  let [dim, base] = [0, 0];
  const whole = (): void => {
    shape.push(x.shape[dim] ?? 1);
    steps.push(from[dim++] ?? 0);
  };
  for (const i of items) {
    if (mask('ellipsis', i)) {
      for (let rest = x.shape.length - used; rest > 0; rest--) whole();
      continue;
    }
    if (mask('new_axis', i)) {
      shape.push(1);
      steps.push(0);
      continue;
    }
    const extent = x.shape[dim] ?? 0;
    const step = lists.stride[i] ?? 1;
    const place = (at: number): number => (at < 0 ? at + extent : at);
    const clamp = (at: number): number =>
      step > 0 ? Math.min(Math.max(at, 0), extent) : Math.min(Math.max(at, -1), extent - 1);
    if (mask('shrink_axis', i)) {
      base += place(lists.begin[i] ?? 0) * (from[dim++] ?? 0);
      continue;
    }
    const first = mask('begin', i)
      ? step > 0
        ? 0
        : extent - 1
      : clamp(place(lists.begin[i] ?? 0));
    const last = mask('end', i) ? (step > 0 ? extent : -1) : clamp(place(lists.end[i] ?? 0));
    shape.push(Math.max(0, Math.ceil((last - first) / step)));
    base += first * (from[dim] ?? 0);
    steps.push(step * (from[dim++] ?? 0));
  }
  while (dim < x.shape.length) whole();
  const to = stridesOf(shape);
  return folded(node.name, shape, isWhole(x), (at) => {
    let flat = base;
    shape.forEach((extent, d) => (flat += (Math.floor(at / to[d]!) % extent) * steps[d]!));
    return flat < sizeOf(x.shape) ? (x.data[flat] ?? 0) : 0;
  });
};
