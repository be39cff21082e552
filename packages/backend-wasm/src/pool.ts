// Runs stages: small ones on the caller's thread, large ones cut into tickets for a crew of threads. A pool
// of one has no crew and cuts nothing.
import { SparseError, type Rates } from '@lacuna/ir';
import type { Exports, Stage } from './kernel.js';
import { mostArguments, mostTickets } from './poolboard.js';
import { Trial } from './poolbalance.js';
import type { Crew } from './poolcrew.js';
import type { Job } from './poolturns.js';
import { Warmer, type WarmStage } from './warm.js';

/** Seconds of one thread's work below which cutting costs more than it gains. */
const worthCutting = 15e-6;
/** Seconds that a ticket should be worth at least, and the most tickets that a thread should have. */
const [ticketSeconds, ticketsEach] = [4e-6, 8];

/** A function as jobs name it: a module, and its place among the exports. */
interface Place {
  readonly module: number;
  readonly function: number;
}

/** Our binaries, and their exports together. */
export interface Ours {
  readonly exports: Exports;
  readonly modules: readonly WebAssembly.Module[];
}

/** What runs stages. */
export class Pool {
  readonly #crew: Crew | undefined;
  readonly #flops: number;
  readonly #known = new Map<Exports, ReadonlyMap<string, Place>>();
  readonly #ours: { readonly exports: Exports; readonly warmer: Warmer } | undefined;

  /** A pool of one, or of a crew, on a machine with these rates; our exports are kept warm. */
  constructor({ flops }: Rates, ours?: Ours, crew?: Crew) {
    [this.#flops, this.#crew] = [flops, crew];
    this.#ours = ours && { exports: ours.exports, warmer: new Warmer(ours.modules[0]!) };
    if (ours && crew) this.#know(ours.exports, ours.modules, 0);
  }

  /** Lets threads run the exports of modules; the crew calls the first of them `number`, and so on. */
  #know(exports: Exports, modules: readonly WebAssembly.Module[], number: number): void {
    const places = modules.flatMap((one, at) =>
      WebAssembly.Module.exports(one).map(
        ({ name }, place) => [name, { module: number + at, function: place }] as const,
      ),
    );
    this.#known.set(exports, new Map(places));
  }

  /** Lets threads run a plug-in's module too. */
  async learn(exports: Exports, module: WebAssembly.Module): Promise<void> {
    if (this.#crew) this.#know(exports, [module], await this.#crew.add(module));
  }

  /** What runs stages one after another. */
  bind(exports: Exports, stages: readonly Stage[]): () => void {
    const all = stages.filter(({ units }) => units > 0).map((stage) => this.#time(exports, stage));
    if (exports === this.#ours?.exports) this.#ours.warmer.warm(all);
    const runs = all.map((stage) => this.#bind(exports, stage));
    return runs.length === 1 ? runs[0]! : () => runs.forEach((run) => run());
  }

  /** A stage with what it calls and its estimated time. */
  #time(exports: Exports, stage: Stage): WarmStage {
    const call = exports[stage.name];
    if (!call)
      throw new SparseError('plugin', `a kernel calls ${stage.name}, which its module lacks`, {
        hint: `its exports are: ${Object.keys(exports).join(', ')}`,
      });
    return { ...stage, call, seconds: (2 * stage.work) / this.#flops };
  }

  #bind(exports: Exports, stage: WarmStage): () => void {
    const crew = this.#crew;
    const job = crew && this.#job(exports, stage, crew);
    if (job) return () => crew.run(job);
    // A bound function calls with no array in between.
    return stage.call.bind(undefined, 0, stage.units, ...stage.args);
  }

  /** A stage cut into tickets; undefined where it is better left whole. */
  #job(
    exports: Exports,
    { name, units, args, call, seconds, grain = 1, own }: WarmStage,
    crew: Crew,
  ): Job | undefined {
    const known = this.#known.get(exports)?.get(name);
    const small = seconds < worthCutting && !crew.always;
    if (!known || small || args.length > mostArguments) return undefined;
    const worth = crew.always ? Infinity : Math.floor(seconds / ticketSeconds);
    const most = Math.min(crew.threads * ticketsEach, worth, mostTickets);
    const unit = crew.always ? 1 : grain;
    const size = Math.max(1, Math.ceil(units / most / unit)) * unit;
    const tickets = Math.ceil(units / size);
    if (tickets < 2 || (own && !crew.reserve(own.bytes))) return undefined;
    return {
      kernel: call,
      args,
      ...known,
      units,
      tickets,
      size,
      own: own?.arg ?? -1,
      seconds,
      trial: new Trial(),
    };
  }

  dispose(): void {
    this.#crew?.dispose();
  }
}
