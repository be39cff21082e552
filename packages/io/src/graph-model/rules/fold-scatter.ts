// SparseToDense on known numbers: values at coordinates, a default everywhere else.
import { stridesOf } from '@lacuna/ir';
import { corrupt } from '../../corrupt.js';
import { folded, isWhole, type Fold } from './rule.js';

export const sparseToDense: Fold = (node, [coordinates, sizes, values, rest]) => {
  const shape = Array.from(sizes?.data ?? []);
  const strides = stridesOf(shape);
  const data = coordinates?.data ?? [];
  const count = shape.length > 0 ? data.length / shape.length : 0;
  const shared = values?.shape.length === 0;
  if (!Number.isInteger(count) || !(shared || values?.data.length === count))
    throw corrupt(
      `node "${node.name}"`,
      `has ${data.length} coordinates and ${values?.data.length ?? 0} values in [${shape.join(', ')}]`,
    );
  const dense = folded(node.name, shape, isWhole(values), () => rest?.data[0] ?? 0);
  for (let entry = 0; entry < count; entry++) {
    let flat = 0;
    strides.forEach((stride, dim) => {
      const at = data[entry * shape.length + dim] ?? 0;
      if (!(at >= 0 && at < (shape[dim] ?? 0)))
        throw corrupt(`node "${node.name}"`, `puts a value at ${at} of ${shape[dim]}`);
      flat += at * stride;
    });
    dense.data[flat] = values?.data[shared ? 0 : entry] ?? 0;
  }
  return dense;
};
