// A trainer holds a model's parameters and its optimiser's moments in an engine's memory, and takes steps: one
// compiled plan from a batch to new parameters. It is what `fit` runs, and what methods that change patterns in
// the middle of training are written with.
import { assemble, dense, toDense, type Auxiliary, type Tensor } from '@lacuna/ir';
import type { CompiledFunction, Engine } from '@lacuna/engine';
import { dueAt, type Due } from './due.js';
import { forward, seenBy } from './forward.js';
import type { Inputs } from './inputs.js';
import type { Model } from './model.js';
import type { Optimiser } from './optimiser.js';
import { randomOf } from './random.js';
import type { Rule } from './rules.js';
import { Scalars } from './scalars.js';
import { sparsifyModel, type SparsifyOptions } from './sparsify.js';
import { pruneAt, type Pruned } from './sparsity.js';
import { State, type Moments, type Saved } from './state.js';
import { sparsifierOf } from './words.js';
import { slopesOf, stepOf, type Loss, type Numbers, type Stepping } from './step.js';

/** What {@link Trainer} is told. */
export interface TrainerOptions<M extends Model = Model> {
  readonly engine: Engine;
  readonly model: M;
  readonly loss: Loss;
  readonly optimiser: Optimiser;
  /** The greatest norm of all gradients together; absent: as they come. */
  readonly clip?: number;
  /** For what the forward pass draws by chance; 0 by default. */
  readonly seed?: number;
  /** Steps taken before, and the moments they left. */
  readonly step?: number;
  readonly moments?: Moments;
}

type Planned<R> = CompiledFunction<readonly [Inputs, Tensor, Numbers], R>;

/**
 * Takes steps on a model.
 *
 * @example
 * ```ts
 * import { assemble, createEngine, dense, meanSquaredError, mlp, sgd, Trainer, wasm } from '@lacuna/lacuna';
 * const engine = await createEngine(wasm());
 * const trainer = new Trainer({ engine, model: mlp({ sizes: [1, 1], seed: 1 }), loss: meanSquaredError, optimiser: sgd() });
 * const [x, y] = [assemble(dense, [2, 1], [0, 1]), assemble(dense, [2, 1], [1, 3])];
 * for (let step = 0; step < 200; step++) await trainer.step(x, y, 0.5);
 * const { parameters } = await trainer.model();
 * Math.round(parameters['layers.0.weight']!.values[0]!); // 2
 * engine.dispose();
 * ```
 */
export class Trainer<M extends Model = Model> {
  readonly engine: Engine;
  readonly #options: TrainerOptions<M>;
  readonly #state: State;
  readonly #scalars: Scalars;
  readonly #names: readonly string[];
  #model: M;
  #taken: number;
  #step: Planned<Tensor> | undefined;
  #gradients = new Map<string, Planned<readonly Tensor[]>>();
  #predict: CompiledFunction<readonly [Inputs, Tensor], Tensor> | undefined;

  constructor(options: TrainerOptions<M>) {
    const { engine, model, optimiser, step = 0, moments = {} } = options;
    [this.engine, this.#options, this.#model, this.#taken] = [engine, options, model, step];
    this.#state = new State(engine, model, optimiser.moments, moments);
    this.#names = Object.keys(model.parameters);
    this.#scalars = new Scalars(['rate', 'seed', 'step', ...Object.keys(optimiser.numbers(0))]);
  }

  /** Steps taken. */
  get steps(): number {
    return this.#taken;
  }

  /**
   * One step on a batch at a learning rate; gives the loss before it. Prunes first what a schedule says is due.
   *
   * @throws SparseError `unsupported` where the loss is not finite. Whatever it throws, parameters, masks and moments
   * are as they were.
   */
  async step(inputs: Inputs, targets: Tensor, rate: number): Promise<number> {
    const { rules, plans } = dueAt(this.#model, this.#taken);
    const before = new Map<string, Saved>();
    for (const { name } of rules.flat()) before.set(name, await this.#state.saved(name));
    if (plans) this.#forget();
    try {
      for (const due of rules) await this.#prune(due, inputs, targets);
      return await this.#take(inputs, targets, rate);
    } catch (error) {
      for (const [name, saved] of before) this.#state.restore(name, saved);
      if (before.size > 0) this.#forget();
      throw error;
    }
  }

  async #take(inputs: Inputs, targets: Tensor, rate: number): Promise<number> {
    const { optimiser, seed = 0 } = this.#options;
    const step = this.#taken;
    const draw = Math.floor(randomOf(seed, `pass ${step}`).uniform() * 2 ** 23);
    this.#scalars.set({ rate, seed: draw, step, ...optimiser.numbers(step) });
    this.#step ??= this.engine.compile(stepOf(this.#stepping, this.#options));
    const loss = this.#step(inputs, targets, this.#scalars.tensors);
    const [value] = await loss.read();
    loss.dispose();
    this.#taken++;
    return value!;
  }

  get #stepping(): Stepping {
    const { loss } = this.#options;
    return { model: this.#model, state: this.#state, step: this.#taken, loss };
  }

  /**
   * Dense gradients of weights on a batch, on the host, whatever is stored of the weights: what growing and scores
   * are made from. Nothing is changed.
   */
  async gradients(
    inputs: Inputs,
    targets: Tensor,
    names: readonly string[] = this.#names,
  ): Promise<Readonly<Record<string, Tensor>>> {
    const key = names.join();
    let of = this.#gradients.get(key);
    if (!of) {
      of = this.engine.compile(slopesOf(this.#stepping, names));
      this.#gradients.set(key, of);
    }
    this.#scalars.set({ seed: this.#taken, step: this.#taken });
    const found: Record<string, Tensor> = {};
    const made = of(inputs, targets, this.#scalars.tensors);
    for (const [k, name] of names.entries()) {
      found[name] = await this.engine.get(made[k]!);
      made[k]!.dispose();
    }
    return found;
  }

  /** The model's output, on the host; nothing that is for training only acts. */
  async predict(inputs: Inputs): Promise<Tensor> {
    this.#predict ??= this.engine.compile<readonly [Inputs, Tensor], Tensor>((x, step) => {
      const weights = seenBy(this.#model, this.#state, this.#taken);
      const seed = assemble(dense, [], [0]);
      return forward(this.#model, weights, x, { training: false, seed, step, at: this.#taken });
    });
    this.#scalars.set({ step: this.#taken });
    const output = this.#predict(inputs, this.#scalars.tensors['step']!);
    const copy = await this.engine.get(output);
    output.dispose();
    return copy;
  }

  /** A copy of a parameter on the host. */
  parameter(name: string): Promise<Tensor> {
    return this.engine.get(this.#state.parameters[name]!);
  }

  /** 1 where a number of a dense weight is trained, 0 where it is not; absent: everywhere. */
  async mask(name: string): Promise<Tensor | undefined> {
    const mask = this.#state.masks[name];
    return mask && (await this.engine.get(mask));
  }

  /**
   * Puts a weight of the host in another's place, in any layout; moments follow by intersection, so that entries
   * that are new begin with moments of zero. `mask` says which numbers of a dense weight are trained.
   */
  async replace(name: string, pruned: Pruned): Promise<void> {
    if (await this.#state.replace(name, pruned)) this.#forget();
  }

  /** Makes the model sparse by further rules, where it is: moments follow by intersection. */
  async sparsify(rules: readonly Rule[], options: SparsifyOptions = {}): Promise<void> {
    const before = await this.model();
    const after = sparsifyModel(before, rules, options);
    for (const name of this.#names) {
      const [weight, mask] = [after.parameters[name]!, after.sparsity.masks[name]];
      if (weight !== before.parameters[name])
        await this.replace(name, { weight, ...(mask && { mask }) });
    }
    this.#model = after;
    this.#forget();
  }

  /** The model as it is now, on the host. */
  async model(): Promise<M> {
    const { parameters, masks } = await this.#state.read();
    const { sparsity } = this.#model;
    return { ...this.#model, parameters, ...(sparsity && { sparsity: { ...sparsity, masks } }) };
  }

  /** The optimiser's moments as they are now, on the host, each in its parameter's pattern. */
  async moments(): Promise<Moments> {
    return (await this.#state.read()).moments;
  }

  /** The plans of the steps taken, as text. */
  explain(): string {
    return this.#step?.explain() ?? 'no step was taken yet';
  }

  /** Prunes the weights of one rule as its schedule says. */
  async #prune(due: readonly Due[], inputs: Inputs, targets: Tensor): Promise<void> {
    const given = await Promise.all(
      due.map(async (one) => ({
        ...one,
        weight: await this.parameter(one.name),
        auxiliary: await this.#beside(one, inputs, targets),
      })),
    );
    for (const [k, pruned] of pruneAt(this.#taken, given).entries())
      await this.replace(due[k]!.name, pruned);
  }

  /** What a sparsifier needs beside a weight: its gradient on this batch, or a moment. */
  async #beside({ name, about }: Due, x: Inputs, t: Tensor): Promise<Auxiliary> {
    const found: Record<string, Auxiliary[string]> = {};
    for (const need of sparsifierOf(about.emit).needs ?? []) {
      const moment = this.#state.moments[name]?.[need];
      if (moment) found[need] = toDense(await this.engine.get(moment));
      else if (need === 'gradient')
        found[need] = toDense((await this.gradients(x, t, [name]))[name]!);
    }
    return found;
  }

  /** Drops plans, which refer to tensors that are no longer. */
  #forget(): void {
    for (const of of [this.#step, this.#predict, ...this.#gradients.values()]) of?.dispose();
    [this.#step, this.#predict] = [undefined, undefined];
    this.#gradients.clear();
  }

  /** Gives all memory back. */
  dispose(): void {
    this.#forget();
    this.#state.dispose();
  }
  [Symbol.dispose](): void {
    this.dispose();
  }
}
