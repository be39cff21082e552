// A network from a graph: simplified, placed, planned, and ready to run; with a table of what became of each
// layer. The layouts of its weights are chosen by cost, or fixed by the caller.
import { wasm } from '@lacuna/backend-wasm';
import { createEngine, simplify, type Compiled, type Engine, type Listener } from '@lacuna/engine';
import { sizeOf, toDense, type Backend, type FormatLike, type Graph } from '@lacuna/ir';
import { bcsr, csr } from '@lacuna/layouts';

/** What {@link compileNetwork} may be told. */
export interface NetworkOptions {
  /**
   * How weights may be stored: `'auto'` (default) chooses for each layer among dense, CSR and row groups by
   * cost, and folds dead channels away; `'dense'` keeps every weight dense; a list is chosen among.
   */
  readonly layouts?: 'auto' | 'dense' | readonly FormatLike[];
  /** Where to run; default the WASM backend. It is disposed with the network. */
  readonly backend?: Backend | Promise<Backend>;
  readonly on?: Listener;
}

/** What became of one layer. */
export interface Layer {
  readonly name: string;
  readonly op: string;
  readonly shape: readonly number[];
  readonly kernel: string;
  /** Share of the weights that are zero; absent for layers without weights. */
  readonly sparsity?: number;
  /** The weight's shape. */
  readonly weight?: readonly number[];
  /** Printed format of the weight. */
  readonly layout?: string;
  /** Values that the weight stores. */
  readonly stored?: number;
  /** Best milliseconds, after {@link Network.profile}. */
  readonly ms?: number;
}

/** Row groups worth trying for a weight that was pruned without structure. */
const automatic: readonly FormatLike[] = [csr, bcsr(2, 1), bcsr(4, 1)];

/**
 * Compiles a graph, such as `readGraphModel` gives.
 *
 * @example
 * ```ts
 * import { assemble, compileNetwork, dense, GraphBuilder, matmul } from '@lacuna/lacuna';
 * const builder = new GraphBuilder();
 * const w = builder.constant(assemble(dense, [2, 3], [1, 0, 0, 0, 0, 2]), 'w');
 * const x = builder.input('x', [3, 1], dense());
 * const net = await compileNetwork(builder.finish({ y: builder.apply(matmul, [w, x]) }));
 * (await net.run({ x: [1, 2, 3] })).y; // Float32Array [1, 6]
 * net.dispose();
 * ```
 */
export async function compileNetwork(
  graph: Graph,
  { layouts = 'auto', backend = wasm(), on }: NetworkOptions = {},
): Promise<Network> {
  const engine = await createEngine(backend, on ? { on } : {});
  try {
    const candidates = layouts === 'auto' ? automatic : layouts === 'dense' ? [] : layouts;
    const compiled = engine.compile(simplify(graph, { fold: layouts !== 'dense' }), { candidates });
    return new Network(engine, compiled);
  } catch (error) {
    engine.dispose();
    throw error;
  }
}

/** A compiled network. */
export class Network {
  readonly engine: Engine;
  readonly compiled: Compiled;
  readonly #sparsity: readonly (number | undefined)[];
  #profile: readonly number[] | undefined;

  constructor(engine: Engine, compiled: Compiled) {
    [this.engine, this.compiled] = [engine, compiled];
    this.#sparsity = compiled.plan.steps.map(({ inputs }) => {
      const source = inputs.slice(0, 2).find((s) => s?.from === 'constant');
      const tensor =
        source?.from === 'constant' ? compiled.plan.constants[source.constant] : undefined;
      return (
        tensor &&
        1 - toDense(tensor).filter((v) => v !== 0).length / Math.max(1, sizeOf(tensor.shape))
      );
    });
  }

  /** Inputs in, outputs out, each by name. */
  run(inputs: Readonly<Record<string, ArrayLike<number>>>): Promise<Record<string, Float32Array>> {
    return this.compiled.run(inputs);
  }

  /** Bytes that weights take in the backend's memory, structure included. */
  get weightBytes(): number {
    return this.compiled.constantBytes;
  }

  /** Times each layer: best milliseconds of `repeats` runs. */
  async profile(repeats = 5): Promise<void> {
    this.#profile = await this.compiled.profile(repeats);
  }

  /** What became of each layer, in order. */
  get layers(): readonly Layer[] {
    return this.compiled
      .report(this.#profile)
      .map(({ name, op, shape, kernel, weight, ms }, at) => ({
        name,
        op,
        shape,
        kernel,
        ...(weight && {
          sparsity: this.#sparsity[at]!,
          weight: weight.shape,
          layout: weight.format,
          stored: weight.stored,
        }),
        ...(ms !== undefined && { ms }),
      }));
  }

  /** The graph, what was chosen and why, and the plan, as text. */
  explain(): string {
    return this.compiled.explain();
  }

  /** Disposes the network and its engine. A second call does nothing. */
  dispose(): void {
    this.engine.dispose();
  }
  [Symbol.dispose](): void {
    this.dispose();
  }
}
