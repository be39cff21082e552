// Products of matrices. By a constant [K, M] it is `linear`, whose weights are [M, K].
import { linear, matmul } from '@lacuna/ops';
import { bool } from '../attributes.js';
import { unsupported, type Importer } from '../importer.js';
import type { ModelNode } from '../model.js';
import { transposeData, type Value } from '../value.js';
import { fusedParts, lacksFused } from './fused.js';
import type { Rule, Rules } from './rule.js';

function emit(node: ModelNode, importer: Importer): Value {
  const [a, b] = [importer.input(node, 0), importer.input(node, 1)];
  const [transposeA, transposeB] = [bool(node, 'transpose_a'), bool(node, 'transpose_b')];
  if (a.shape.length !== 2 || b.shape.length !== 2)
    throw unsupported(node, `multiplies [${a.shape.join(', ')}] by [${b.shape.join(', ')}]`);
  const { bias, activation, after } = fusedParts(node, importer);
  const name = after ? `${node.name}/product` : node.name;
  const biased = bias === undefined ? [] : [bias];
  let product: number;
  if (b.kind === 'folded' && !transposeA) {
    const [rows = 0, columns = 0] = b.shape;
    const w = importer.constant(b.name, `linear ${transposeB}`, () =>
      transposeB ? b : { shape: [columns, rows], data: transposeData(b.data, b.shape, [1, 0]) },
    );
    product = importer.apply(linear, [importer.plain(a), w, ...biased], { activation }, name);
  } else {
    if (bias !== undefined)
      throw unsupported(node, 'adds a bias to a product of two run-time values');
    const attrs = { transposeA, transposeB, activation };
    product = importer.apply(matmul, [importer.plain(a), importer.plain(b)], attrs, name);
  }
  return importer.plainValue(node.name, after ? after(product) : product);
}

const product: Rule = { lacks: lacksFused, emit };

export const products: Rules = { MatMul: product, _FusedMatMul: product, FusedMatMul: product };
