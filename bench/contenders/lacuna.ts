// Lacuna, in the ways that a user may call it. Weights are constants in all of them.
//
//   plan     a compiled graph of one matmul, replayed over inputs that are in place
//   run      the same with the input written and the output read, as other libraries' `run` does
//   linear   x [N, K] -> y [N, M], as layers of networks are written, replayed
//   eager    matmul(w, x) on tensors; the result is a new tensor, disposed
import type { WebgpuBackend } from '@lacuna/backend-webgpu';
import {
  dense,
  GraphBuilder,
  linear,
  matmul,
  toDense,
  type Compiled,
  type Engine,
  type Op,
  type WasmBackend,
} from '@lacuna/lacuna';
import { counted } from '../gpu/counts.js';
import type { Input, Weights } from '../problem.js';
import { transpose, type Contender } from './contender.js';

/** A way to call Lacuna. */
export type Way = 'plan' | 'run' | 'linear' | 'eager';

/** Lacuna as a contender, on whatever backend the engine has; `loads` has its loads counted on WebGPU. */
export async function lacuna(
  engine: Engine,
  way: Way,
  weights: Weights,
  input: Input,
  loads = false,
): Promise<Contender> {
  const { threads, counters } = engine.backend as Partial<WasmBackend & WebgpuBackend>;
  const make = (): Contender => called(engine, way, weights, input);
  if (counters) return counted(engine, weights, input, make, loads);
  return { ...make(), ...(threads !== undefined && { threads }) };
}

function called(engine: Engine, way: Way, weights: Weights, input: Input): Contender {
  switch (way) {
    case 'plan':
      return replayed(engine, compile(engine, matmul, weights, input), input.numbers);
    case 'run':
      return run(compile(engine, matmul, weights, input), input.numbers);
    case 'linear':
      return turned(engine, compile(engine, linear, weights, input), weights, input);
    case 'eager':
      return eager(engine, weights, input);
    default:
      return way satisfies never;
  }
}

/** A graph of one product, compiled; refused where only the reference could run it. */
function compile(engine: Engine, op: Op, { tensor }: Weights, { k, n }: Input): Compiled {
  const builder = new GraphBuilder();
  const w = builder.constant(tensor, 'w');
  const x = builder.input('x', op === linear ? [n, k] : [k, n], dense());
  const y = builder.apply(op, op === linear ? [x, w] : [w, x]);
  const compiled = engine.compile(builder.finish({ y }));
  const without = compiled.plan.steps.find(({ choice }) => !choice.kernel);
  if (without) {
    compiled.dispose();
    throw new Error(without.choice.why);
  }
  return compiled;
}

const kernelOf = ({ plan }: Compiled): string =>
  plan.steps.map(({ choice }) => choice.kernel!.name).join(', ');

/** Where launching does not compute, what was launched is waited for. */
function settle({ backend }: Engine): Pick<Contender, 'settle'> {
  return backend.finish ? { settle: () => backend.finish!() } : {};
}

function replayed(engine: Engine, compiled: Compiled, x: Float32Array): Contender {
  compiled.write({ x });
  return {
    run: () => compiled.replay(),
    ...settle(engine),
    result: async () => (await compiled.read())['y']!,
    kernel: kernelOf(compiled),
    dispose: () => compiled.dispose(),
  };
}

function run(compiled: Compiled, x: Float32Array): Contender {
  let y: Float32Array | undefined;
  return {
    run: async () => (y = (await compiled.run({ x }))['y']),
    waits: true,
    result: () => y!,
    kernel: kernelOf(compiled),
    dispose: () => compiled.dispose(),
  };
}

function turned(
  engine: Engine,
  compiled: Compiled,
  { m }: Weights,
  { k, n, numbers }: Input,
): Contender {
  const plain = replayed(engine, compiled, transpose(numbers, k, n));
  return { ...plain, result: async () => transpose(await plain.result(), n, m) };
}

function eager(engine: Engine, { tensor }: Weights, { k, n, numbers }: Input): Contender {
  const [w, x] = [engine.put(tensor), engine.tensor(numbers, [k, n])];
  const [, kernel = ''] = /: ([\w-]+)/.exec(engine.explain(matmul, [w, x])) ?? [];
  return {
    run: () => matmul(w, x).dispose(),
    ...settle(engine),
    result: async () => {
      const y = matmul(w, x);
      const numbers = Float32Array.from(toDense(await engine.get(y)));
      y.dispose();
      return numbers;
    },
    kernel,
    dispose: () => [w, x].forEach((tensor) => tensor.dispose()),
  };
}
