// Linear layers with sparse weights: outputs and gradients in double precision, for W in every layout.
import {
  assemble,
  dense,
  printFormat,
  sparsify,
  toDense,
  type Format,
  type FormatLike,
} from '@lacuna/ir';
import { bcsr, bitmask, coo, csc, csr, dcsr, ell, nmg } from '@lacuna/layouts';
import { magnitude, nmgMagnitude } from '@lacuna/sparsifiers';
import { close, same } from './compare.ts';
import { layerGradients } from './engine.ts';
import type { Fields } from './fields.ts';
import { sameBuffers } from './layouts.ts';
import { paramsOf, sameStorage } from './nmg.ts';
import { gradients, product, tensorOf, transposed } from './product.ts';

/** What the files ask for: they hold float32 roundings of double-precision results. */
const tolerance = 1e-5;

const anyPattern: readonly FormatLike[] = [
  dense,
  csr,
  csc,
  dcsr,
  coo,
  bcsr(2, 2),
  bcsr(4, 1),
  bcsr(1, 4),
  bitmask,
  ell,
];

export async function runLinear(file: Fields): Promise<string> {
  const shape = file.numbers('w_shape');
  const w = file.floats('w');
  const how = magnitude({ fraction: file.number('fraction') });
  const original = assemble(dense(), shape, file.floats('w_dense_original'));
  same('mask', how.keep(file.floats('w_dense_original'), shape), file.numbers('mask'));
  same('w', toDense(sparsify(original, how, csr)), w);
  for (const field of ['csr', 'csc'])
    if (file.has(field)) sameBuffers('w', field, file.object(field), shape, w);
  await sameProducts(file, anyPattern, anyPattern);
  if (file.has('grad_weight_scalar_fraction')) {
    const theirs = file.floats('grad_weight_scalar_fraction');
    const gradient = Float32Array.from(weightGradient(file));
    const kept = how.keep(gradient, shape);
    close(
      'grad_weight_scalar_fraction',
      gradient.map((x, at) => x * kept[at]!),
      theirs,
      tolerance,
    );
  }
  return `pruned W, its csr and csc, outputs and gradients with W in ${anyPattern.length} layouts, on two backends`;
}

export async function runNmgLinear(file: Fields): Promise<string> {
  const params = paramsOf(file);
  const shape = file.numbers('w_shape');
  const original = assemble(dense(), shape, file.floats('w_original'));
  const ours = sparsify(original, nmgMagnitude({ ...params, mode: 'greedy' }), nmg(params));
  sameStorage(ours, params, file);
  same('w', toDense(ours), file.floats('w'));
  const { along, group } = params;
  const turned = nmg({ ...params, along: group, group: along });
  await sameProducts(file, [nmg(params), ...anyPattern], [turned, ...anyPattern]);
  return `values, indices and W, outputs and gradients with W in ${printFormat(nmg(params))} and ${anyPattern.length} other layouts, on two backends`;
}

/** Compares the output and the gradients, with W in each of some formats, and Wᵀ in each of others. */
async function sameProducts(
  file: Fields,
  formats: readonly FormatLike[],
  turned: readonly FormatLike[],
): Promise<void> {
  const [m, k] = file.numbers('w_shape');
  const x = tensorOf(file.numbers('x_shape'), file.floats('x'));
  const bias = file.has('bias') ? tensorOf([m!], file.floats('bias')) : undefined;
  const w = file.floats('w');
  const name = (like: FormatLike): string =>
    printFormat(typeof like === 'function' ? like() : (like satisfies Format));
  for (const like of formats) {
    const y = product(x, assemble(like, [m!, k!], w), bias);
    close(`y, W in ${name(like)}`, y, file.floats('y'), tolerance);
  }
  const gy = tensorOf([...x.shape.slice(0, -1), m!], file.floats('grad_out'));
  for (const like of turned) {
    const gx = product(gy, assemble(like, [k!, m!], transposed(w, [m!, k!])));
    close(`grad_x, Wᵀ in ${name(like)}`, gx, file.floats('grad_x'), tolerance);
  }
  const gw = weightGradient(file);
  close('grad_weight', gw, file.floats('grad_weight'), tolerance);
  const masked = gw.map((g, at) => (w[at] === 0 ? 0 : g));
  close('grad_weight_masked', masked, file.floats('grad_weight_masked'), tolerance);
  await sameGradients(file, formats);
  if (!bias) return;
  const { bias: gb } = gradients(file.floats('x'), x.shape, file.floats('grad_out'), m!);
  close('grad_bias', gb, file.floats('grad_bias'), tolerance);
}

/** Compares the gradients that engines trace, with W in each of some formats. */
async function sameGradients(file: Fields, formats: readonly FormatLike[]): Promise<void> {
  const wShape = file.numbers('w_shape');
  const x = tensorOf(file.numbers('x_shape'), file.floats('x'));
  const bias = file.has('bias') ? tensorOf([wShape[0]!], file.floats('bias')) : undefined;
  const gy = tensorOf([...x.shape.slice(0, -1), wShape[0]!], file.floats('grad_out'));
  const whole = file.floats('grad_weight');
  for (const like of formats) {
    const w = printFormat(typeof like === 'function' ? like() : like);
    for (const found of await layerGradients({ x, w: file.floats('w'), wShape, bias, gy }, like)) {
      const where = `W in ${w} on ${found.backend}`;
      close(`grad_x, ${where}`, found.x, file.floats('grad_x'), tolerance);
      const own = whole.map((g, at) => g * found.places[at]!);
      close(`grad_weight, ${where}`, found.weight, own, tolerance);
      if (found.bias) close(`grad_bias, ${where}`, found.bias, file.floats('grad_bias'), tolerance);
    }
  }
}

function weightGradient(file: Fields): Float64Array {
  const outputs = file.numbers('w_shape')[0]!;
  return gradients(file.floats('x'), file.numbers('x_shape'), file.floats('grad_out'), outputs)
    .weight;
}
