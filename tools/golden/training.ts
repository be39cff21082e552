// Steps of gradient descent on mean((x·Wᵀ + b − t)²). The gradient into W is dense, and the magnitude
// sparsifier is run again after each step, so that what was pruned may come back.
import { assemble, dense, sparsify, toDense, type Tensor } from '@lacuna/ir';
import { csr } from '@lacuna/layouts';
import { magnitude } from '@lacuna/sparsifiers';
import { close, same } from './compare.ts';
import type { Fields } from './fields.ts';
import { meanSquaredStep } from './engine.ts';
import { tensorOf } from './product.ts';

const tolerance = 1e-5;

export async function runTraining(file: Fields): Promise<string> {
  const shape = file.numbers('w_shape');
  const xShape = file.numbers('x_shape');
  const [x, target, rate] = [file.floats('x'), file.floats('target'), file.number('lr')];
  const how = magnitude({ fraction: file.number('fraction') });
  const prune = (numbers: ArrayLike<number>): Tensor =>
    sparsify(assemble(dense(), shape, numbers), how, csr);

  let weight = prune(file.floats('w_dense_original'));
  let bias = file.floats('b0');
  same('w0', toDense(weight), file.floats('w0'));
  const steps = file.objects('steps');
  const run = await meanSquaredStep(
    tensorOf(xShape, x),
    tensorOf([...xShape.slice(0, -1), shape[0]!], target),
  );
  for (const [at, step] of steps.entries()) {
    const gradient = await run(tensorOf(shape, toDense(weight)), tensorOf([shape[0]!], bias));
    close(`step ${at}: loss`, [gradient.loss], [step.number('loss')], tolerance);
    const moved = Float32Array.from(toDense(weight), (w, o) => w - rate * gradient.weight[o]!);
    bias = bias.map((b, o) => b - rate * gradient.bias[o]!);
    weight = prune(moved);
    close(`step ${at}: weight`, toDense(weight), step.floats('weight'), tolerance);
    close(`step ${at}: bias`, bias, step.floats('bias'), tolerance);
    same(`step ${at}: mask`, how.keep(moved, shape), step.numbers('mask'));
  }
  return `loss, weight, bias and mask of ${steps.length} steps`;
}
