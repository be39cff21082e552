// A suite yields outcomes, race by race. What it needs of its host, it is given.
import type { Backend, Engine, Format } from '@lacuna/lacuna';
import type { Clock } from '../clock.js';
import type { NetworkPeer, Peer } from '../contenders/contender.js';
import { lacuna, type Way } from '../contenders/lacuna.js';
import type { Tfjs } from '../contenders/tfjs.js';
import type { Entry, Outcome } from '../field.js';
import type { Options } from '../options.js';
import type { Peaks } from '../peaks/peaks.js';
import { makeWeights, type Weights } from '../problem.js';
import type { RaceOptions } from '../race.js';

/** What suites are given. */
export interface Context {
  readonly options: Options;
  readonly engine: Engine;
  /** Another backend like the engine's. */
  readonly backend: (threads: number) => Promise<Backend>;
  readonly peaks: Peaks;
  /** TensorFlow.js on what the engine runs on; absent where it does not run there. */
  readonly tfjs?: Tfjs;
  readonly peers: readonly Peer[];
  /** Peers that take whole networks, besides TensorFlow.js. */
  readonly networks: readonly NetworkPeer[];
  readonly clock: Clock;
  readonly race: RaceOptions;
  /** Runs a probe by itself, in a fresh process or page. */
  readonly probe: Probe;
  /** A file of the repository. */
  readonly file: (path: string) => Promise<Uint8Array<ArrayBuffer>>;
}

/** Measures something that only a fresh process shows, and returns it by name. */
export type Probe = (
  name: 'startup' | 'growth',
  settings: Readonly<Record<string, number>>,
) => Promise<Readonly<Record<string, number>>>;

/** Yields what it measured. */
export type Suite = (context: Context) => AsyncIterable<Partial<Outcome>>;

/** Weights by everything they depend on, so that races of one matrix share them. */
export class Shelf {
  readonly #kept = new Map<string, Weights>();
  readonly #seed: number;
  constructor(seed: number) {
    this.#seed = seed;
  }
  /** @throws SparseError where the format takes no such matrix. */
  get(m: number, k: number, format: Format, sparsity: number): Weights {
    const key = `${m}x${k} ${format.layout.layoutName} ${JSON.stringify(format.params)} ${sparsity}`;
    let weights = this.#kept.get(key);
    if (!weights) this.#kept.set(key, (weights = makeWeights(m, k, format, sparsity, this.#seed)));
    return weights;
  }
  clear(): void {
    this.#kept.clear();
  }
}

/** Ours, called in some way. */
export function own({ engine, options }: Context, way: Way, weights: Weights): Entry {
  const role = way === 'plan' && weights.layout === 'dense' ? 'own dense' : 'own';
  return {
    contender: `lacuna ${way}`,
    weights,
    role,
    make: (w, x) => lacuna(engine, way, w, x, options.loads && way === 'plan'),
  };
}

/** A peer with weights; `why` it does not take part here, if it does not. */
export function peer({ name, role, absent, make }: Peer, weights: Weights, why?: string): Entry {
  return { contender: name, weights, role, make, absent: absent ?? why };
}
