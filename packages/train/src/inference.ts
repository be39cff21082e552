// A model that is trained, as a function; and how good it is.
import { assemble, dense, SparseError, toDense, type Tensor } from '@lacuna/ir';
import type { Engine } from '@lacuna/engine';
import { checkData, type Data } from './data.js';
import { forward, seenBy } from './forward.js';
import type { Inputs } from './inputs.js';
import type { Model } from './model.js';
import { State } from './state.js';

/** A model in an engine's memory. */
export interface Deployed {
  /** Inputs to outputs, from and to the host. */
  readonly run: (inputs: Inputs) => Promise<Tensor>;
  /** Graph, choices and plan, as text. */
  readonly explain: () => string;
  readonly dispose: () => void;
}

/**
 * A model as a compiled function; nothing that is for training only acts.
 *
 * @example
 * ```ts
 * import { assemble, createEngine, dense, deploy, mlp, wasm } from '@lacuna/lacuna';
 * const engine = await createEngine(wasm());
 * const net = deploy(engine, mlp({ sizes: [2, 8, 3], seed: 1 }));
 * (await net.run(assemble(dense, [5, 2], new Float32Array(10)))).shape; // [5, 3]
 * engine.dispose();
 * ```
 */
export function deploy(engine: Engine, model: Model): Deployed {
  const state = new State(engine, model, []);
  const end = Number.MAX_SAFE_INTEGER;
  // In the engine's memory, so that a pass may compute with them alone.
  const numbers = [0, end].map((value) => engine.put(assemble(dense, [], [value])));
  const [seed, step] = numbers as [Tensor, Tensor];
  const compiled = engine.compile<readonly [Inputs], Tensor>((x) =>
    forward(model, seenBy(model, state, end), x, { training: false, seed, step, at: end }),
  );
  return {
    async run(inputs) {
      const output = compiled(inputs);
      const copy = await engine.get(output);
      output.dispose();
      return copy;
    },
    explain: () => compiled.explain(),
    dispose() {
      compiled.dispose();
      for (const number of numbers) number.dispose();
      state.dispose();
    },
  };
}

/**
 * The share of rows `[N, C]` whose greatest number is at the target `[N]`, a whole number.
 *
 * @throws SparseError `shape` where they do not fit.
 * @example
 * ```ts
 * import { assemble, dense } from '@lacuna/ir';
 * import { accuracy } from '@lacuna/train';
 * accuracy(assemble(dense, [2, 2], [1, 0, 1, 0]), assemble(dense, [2], [0, 1])); // 0.5
 * ```
 */
export function accuracy(outputs: Tensor, targets: Tensor): number {
  const [rows, classes] = outputs.shape;
  if (outputs.shape.length !== 2 || targets.shape.join() !== `${rows}`)
    throw new SparseError(
      'shape',
      `accuracy was given outputs [${outputs.shape.join(', ')}] and targets [${targets.shape.join(', ')}]`,
      {
        hint: 'write outputs as [N, C] and targets as [N]',
      },
    );
  const [numbers, wanted] = [toDense(outputs), toDense(targets)];
  let right = 0;
  for (let row = 0; row < rows!; row++) {
    let best = 0;
    for (let c = 1; c < classes!; c++)
      if (numbers[row * classes! + c]! > numbers[row * classes! + best]!) best = c;
    if (best === wanted[row]) right++;
  }
  return right / Math.max(1, rows!);
}

/** The accuracy of a model on a data set. */
export async function evaluate(engine: Engine, model: Model, data: Data<Inputs>): Promise<number> {
  checkData(data);
  const net = deploy(engine, model);
  try {
    return accuracy(await net.run(data.inputs), data.targets);
  } finally {
    net.dispose();
  }
}
