// What an engine has compiled: graphs and traced functions, with the device that they run on. They are planned by the
// engine's registry and rates, given back with it, and made anew when it goes on with another backend.
import type { FormatLike, Graph } from '@lacuna/ir';
import { Compiled } from './compiled.js';
import type { Device } from './device.js';
import type { Eager } from './eager.js';
import type { Engine } from './engine.js';
import type { Listener } from './events.js';
import { compileFunction, type CompiledFunction, type Planner, type Tracing } from './function.js';
import type { Traceable } from './options.js';
import { planned } from './passes/pipeline.js';

/** Something compiled: what gives its memory back, and what makes it anew on another backend. */
interface Moving {
  readonly dispose: () => void;
  readonly again: () => void;
}

/** What is compiled on one device. */
export class Compilations {
  readonly #device: Device;
  readonly #eager: () => Eager;
  readonly #emit: Listener;
  readonly #all = new Map<object, Moving>();

  constructor(device: Device, eager: () => Eager, emit: Listener) {
    [this.#device, this.#eager, this.#emit] = [device, eager, emit];
  }

  /** A graph, to be run by names. */
  graph(graph: Graph, candidates: readonly FormatLike[]): Compiled {
    const compiled = new Compiled(this.#device, this.#plan(graph, candidates, false), this.#emit);
    this.#all.set(compiled, {
      dispose: () => compiled.dispose(),
      again: () => compiled.move(this.#device, () => this.#plan(graph, candidates, false)),
    });
    return compiled;
  }

  /** A function, traced once for every kind of arguments. */
  function<A extends readonly Traceable[], R>(
    engine: Engine,
    fn: (...args: A) => R,
    candidates: readonly FormatLike[],
    tracing: Tracing,
  ): CompiledFunction<A, R> {
    const planner: Planner = (graph) => this.#plan(graph, candidates, true);
    const compiled = compileFunction(engine, this.#device, planner, fn, tracing);
    const dispose = compiled.dispose.bind(compiled);
    // Traced again when it is called.
    this.#all.set(compiled, { dispose, again: () => {} });
    return Object.assign(compiled, {
      dispose: () => {
        this.#all.delete(compiled);
        dispose();
      },
    });
  }

  #plan(
    graph: Graph,
    candidates: readonly FormatLike[],
    tensors: boolean,
  ): ReturnType<typeof planned> {
    const start = performance.now();
    const eager = this.#eager();
    const { rates, memory, packed = [] } = this.#device.backend;
    const made = planned(graph, {
      registry: eager.registry,
      rates,
      candidates,
      packed,
      onHost: memory.view !== undefined,
      tensors,
      separate: memory.separate ?? false,
    });
    for (const [id, { why }] of made.placed.choices) {
      const node = made.placed.graph.nodes[id]!;
      if (why !== undefined && node.kind === 'apply') eager.fallback(node.op, why);
    }
    const ms = performance.now() - start;
    this.#emit({ type: 'plan', key: 'compiled', nodes: graph.nodes.length, ms });
    return made;
  }

  /** Gives all memory back while `move` changes the device, and makes what was alive anew on it. */
  around(move: () => void): void {
    const moving = [...this.#all]
      .filter(([compiled]) => !(compiled instanceof Compiled && compiled.disposed))
      .map(([, each]) => each);
    for (const { dispose } of moving) dispose();
    move();
    for (const { again } of moving) again();
  }

  dispose(): void {
    for (const { dispose } of this.#all.values()) dispose();
  }
}
