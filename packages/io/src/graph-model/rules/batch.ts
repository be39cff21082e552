// Products of matrices in pairs. By one constant matrix it is `linear` over the rows of all of them.
import { batchMatmul, broadcast, linear, reshape } from '@lacuna/ops';
import type { NodeId } from '@lacuna/ir';
import { bool } from '../attributes.js';
import { unsupported, type Importer } from '../importer.js';
import type { ModelNode } from '../model.js';
import { transposeData, type Folded, type Value } from '../value.js';
import type { Emit, Rules } from './rule.js';

const emit: Emit = (node, importer) => {
  const [a, b] = [importer.input(node, 0), importer.input(node, 1)];
  const [transposeA, transposeB] = [bool(node, 'adj_x'), bool(node, 'adj_y')];
  if (a.shape.length < 2 || b.shape.length < 2)
    throw unsupported(node, `multiplies [${a.shape.join(', ')}] by [${b.shape.join(', ')}]`);
  if (b.kind === 'folded' && b.shape.length === 2 && !transposeA)
    return byConstant(node, importer, a, b, transposeB);
  const rank = Math.max(a.shape.length, b.shape.length);
  const [leadA, leadB] = [lead(a, rank), lead(b, rank)];
  const common = leadA.map((extent, dim) => (extent === 1 ? (leadB[dim] ?? 1) : extent));
  const pair = [a, b].map((value) => stretchedTo(importer, value, common));
  const made = importer.apply(batchMatmul, pair, { transposeA, transposeB }, node.name);
  return importer.plainValue(node.name, made);
};

/** Leading extents, as many as the other operand has. */
const lead = ({ shape }: Value, rank: number): number[] => [
  ...Array<number>(rank - shape.length).fill(1),
  ...shape.slice(0, -2),
];

function stretchedTo(importer: Importer, value: Value, common: readonly number[]): NodeId {
  const from = importer.plain(value);
  const shape = [...common, ...value.shape.slice(-2)];
  return shape.join() === value.shape.join()
    ? from
    : importer.apply(broadcast, [from], { shape }, `${value.name}/stretched`);
}

function byConstant(
  node: ModelNode,
  importer: Importer,
  a: Value,
  b: Folded,
  transposeB: boolean,
): Value {
  const [rows = 0, columns = 0] = b.shape;
  const w = importer.constant(b.name, `linear ${transposeB}`, () =>
    transposeB ? b : { shape: [columns, rows], data: transposeData(b.data, b.shape, [1, 0]) },
  );
  const lead = a.shape.slice(0, -1);
  const flat = [lead.reduce((n, extent) => n * extent, 1), a.shape.at(-1) ?? 1];
  const x = importer.apply(reshape, [importer.plain(a)], { shape: flat }, `${node.name}/rows`);
  const product = importer.apply(linear, [x, w], {}, `${node.name}/product`);
  const shape = [...lead, transposeB ? rows : columns];
  return importer.plainValue(node.name, importer.apply(reshape, [product], { shape }, node.name));
}

export const batches: Rules = {
  BatchMatMul: { emit },
  BatchMatMulV2: { emit },
  BatchMatMulV3: { emit },
};
