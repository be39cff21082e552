// A step of training, forward and backward: Y = W · X, then the gradients dW (of stored entries alone) and dX for a
// given dY. Ours with W dense and in each layout, and TensorFlow.js, which keeps W dense. Gradients are checked
// against double precision before anything is timed.
import {
  assemble,
  bcsr,
  csr,
  dense,
  gradients,
  isDense,
  makeTensor,
  matmul,
  multiply,
  nmg,
  sum,
  toDense,
  type Engine,
  type Format,
  type Tensor,
} from '@lacuna/lacuna';
import { boundOf, firstOutside } from '@lacuna/testing';
import { transpose } from '../contenders/contender.js';
import { tfjsStep } from '../contenders/tfjs-step.js';
import { format } from '../options.js';
import { makeInput, ownSparsity, randomNumbers, type Input, type Weights } from '../problem.js';
import { race, type Runner } from '../race.js';
import type { Absent, Row, Shape } from '../report.js';
import { gflops, speedUp, summarize } from '../statistics.js';
import { Shelf, type Context, type Suite } from './suite.js';

/** A step that is ready. */
export interface Step extends Runner {
  readonly threads: number;
  /** dW [M, K] and dX [K, N], row-major, zeros where W stores nothing. */
  readonly results: () => Promise<readonly [ArrayLike<number>, ArrayLike<number>]>;
  readonly dispose: () => void;
}

interface Starter {
  readonly contender: string;
  readonly weights: Weights;
  readonly step: Step;
}

const usual: readonly Format[] = [csr(), bcsr(4, 1), nmg(2, 4, 8), nmg(1, 10, 8)];
const usualShapes: readonly Shape[] = [
  [768, 768, 32],
  [768, 768, 128],
  [3072, 768, 128],
];

/** Milliseconds a step. */
export const train: Suite = async function* (context) {
  const { options } = context;
  const quick = usualShapes.slice(1, 2);
  const shapes = options.chosen ? options.shapes : options.quick ? quick : usualShapes;
  for (const shape of shapes) yield await ofShape(context, shape);
};

async function ofShape(context: Context, shape: Shape) {
  const { engine, options, race: timing, tfjs } = context;
  const [m, k, n] = shape;
  const input = makeInput(k, n, options.seed);
  const dy = randomNumbers(m * n, options.seed + 1);
  const shelf = new Shelf(options.seed);
  const absent: Absent[] = [];
  const ready: Starter[] = [];
  const enter = async (contender: string, layout: Format, sparsity: number, make: MakeStep) => {
    const refuse = (why: string): void => {
      const { layoutName } = layout.layout;
      absent.push({ suite: 'train', contender, layout: layoutName, shape, why });
    };
    let step: Step | undefined;
    try {
      const weights = shelf.get(m, k, layout, sparsity);
      step = await make(weights, input, dy);
      const why = await wrong(step, weights, input, dy);
      if (why === undefined) return void ready.push({ contender, weights, step });
      refuse(`wrong: ${why}`);
    } catch (error) {
      refuse(`failed: ${(error as Error).message}`);
    }
    step?.dispose();
  };
  const own: MakeStep = (weights, x, by) => ours(engine, weights, x, by, options.threads);
  await enter('lacuna', dense(), 0, own);
  if (tfjs)
    await enter(tfjs.name, dense(), 0, (w, x, by) => tfjsStep(tfjs, w, x, by, options.threads));
  const layouts = options.layouts.length > 0 ? options.layouts.map(format) : usual;
  for (const layout of layouts.filter((l) => !isDense(l))) {
    const fixed = ownSparsity(layout);
    for (const sparsity of fixed === undefined ? options.sparsities : [fixed])
      await enter('lacuna', layout, sparsity, own);
  }
  const times = await race(
    ready.map(({ step }) => step),
    timing,
  );
  const rows = toRows(ready, times, shape, context);
  for (const { step } of ready) step.dispose();
  return { rows, absent };
}

type MakeStep = (weights: Weights, input: Input, dy: Float32Array) => Step | Promise<Step>;

function toRows(
  ready: readonly Starter[],
  times: readonly (readonly number[])[],
  shape: Shape,
  { tfjs, race: { rounds } }: Context,
): Row[] {
  const [m, k, n] = shape;
  const at = (name: string): number =>
    ready.findIndex((r) => r.contender === name && r.weights.layout === 'dense');
  const [dense, peer] = [times[at('lacuna')], tfjs && times[at(tfjs.name)]];
  return ready.map(({ contender, weights, step }, index): Row => {
    const own = times[index]!;
    const ms = summarize(own);
    const isOurs = contender === 'lacuna';
    const over = dense && speedUp(dense, own);
    return {
      suite: 'train',
      shape,
      sparsity: weights.sparsity,
      layout: weights.layout,
      contender,
      threads: step.threads,
      ms,
      gflopsEffective: gflops(6 * m * k * n, ms.median),
      gflopsStored: gflops(6 * weights.tensor.stored * n, ms.median),
      ofRoofline: null,
      vsOwnDense: over?.median ?? null,
      ...(over && { vsOwnDenseBest: over.best }),
      vsBestPeer: isOurs && peer ? speedUp(peer, own).median : null,
      bestPeer: isOurs && peer ? tfjs!.name : null,
      ...(own.length < rounds && { rounds: own.length }),
    };
  });
}

/** A compiled function of X and dY; its gradients are new tensors, disposed after each call. */
function ours(
  engine: Engine,
  { tensor, m }: Weights,
  { k, n, numbers }: Input,
  by: Float32Array,
  threads: number,
): Step {
  const w = engine.put(tensor);
  const x = engine.tensor(numbers, [k, n]);
  const dy = engine.tensor(by, [m, n]);
  const step = engine.compile((right: Tensor, above: Tensor) => {
    const loss = sum(multiply(matmul(w, right), above), { axes: [0, 1] });
    return gradients(loss, [w, right]);
  });
  return {
    threads,
    run: () => {
      for (const gradient of step(x, dy)) gradient.dispose();
    },
    ...(engine.backend.finish && { settle: () => engine.backend.finish!() }),
    results: async () => {
      const made = step(x, dy);
      const [dw, dx] = await Promise.all(made.map(async (t) => toDense(await engine.get(t))));
      for (const gradient of made) gradient.dispose();
      return [dw!, dx!];
    },
    dispose: () => {
      step.dispose();
      for (const t of [w, x, dy]) t.dispose();
    },
  };
}

/** Why a step's gradients are not those of the reference, over some rows of dW and of dX. */
async function wrong(
  step: Step,
  weights: Weights,
  { k, n, numbers }: Input,
  dy: Float32Array,
): Promise<string | undefined> {
  const { m, tensor } = weights;
  await step.run();
  const [dw, dx] = await step.results();
  const stored = makeTensor(tensor.pattern, 'float32', new Float32Array(tensor.stored).fill(1));
  const stores = toDense(stored);
  const product = (
    rows: number,
    inner: number,
    columns: number,
    a: Float32Array,
    b: Float32Array,
  ) =>
    boundOf(
      matmul,
      [assemble(dense(), [rows, inner], a), assemble(dense(), [inner, columns], b)],
      matmul.spec.defaults,
    );
  const some = Math.min(m, 8);
  const ofWeights = product(some, n, k, dy.slice(0, some * n), transpose(numbers, k, n));
  for (let at = 0; at < some * k; at++) if (stores[at] === 0) ofWeights.exact[at] = 0;
  const badWeight = firstOutside(first(dw, some * k), ofWeights);
  if (badWeight >= 0) return `dW[${badWeight}] is ${dw[badWeight]}`;
  const few = Math.min(k, 8);
  const turned = transpose(weights.numbers, m, k).slice(0, few * m);
  const badInput = firstOutside(first(dx, few * n), product(few, m, n, turned, dy));
  return badInput < 0 ? undefined : `dX[${badInput}] is ${dx[badInput]}`;
}

const first = (numbers: ArrayLike<number>, count: number): number[] =>
  Array.from({ length: count }, (_, at) => numbers[at]!);
