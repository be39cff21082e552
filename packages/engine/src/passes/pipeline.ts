// From a graph to a plan, by passes in their order. What each leaves is kept, so that it can be read; each says
// what it may change.
//
//   trace -> shapes -> sweep -> left -> fuse -> turn -> epilogue -> inline -> chain -> pack -> place -> plan
import { printGraph, type Graph, type Layout, type Signature } from '@lacuna/ir';
import { fused, matmul } from '@lacuna/ops';
import type { Registry } from '../registry.js';
import { readsItself } from './choose.js';
import { chain } from './chain.js';
import { epilogue, type CanEnd } from './epilogue.js';
import { fuse } from './fuse.js';
import { inline, type CanInline } from './inline.js';
import { left } from './left.js';
import { pack, type PackOptions } from './pack.js';
import { place, type Placed, type PlaceOptions } from './place.js';
import { plan, printPlan, type Plan } from './plan.js';
import { sweep } from './rewrite.js';
import { checkShapes } from './shapes.js';
import { turn } from './turn.js';

/** What a pass left, and what it may change. */
export interface CompileStage {
  readonly name: string;
  readonly legality: string;
  /** The graph, or the plan, as text. */
  readonly print: () => string;
}

/** A plan, and how it came about. */
export interface Planned {
  readonly placed: Placed;
  readonly plan: Plan;
  readonly stages: readonly CompileStage[];
}

/** What the pipeline needs to know. */
export interface PipelineOptions extends PlaceOptions, PackOptions {
  /** Values that live together are in blocks of their own. */
  readonly separate: boolean;
}

/**
 * Runs all passes over a graph.
 *
 * @throws SparseError `shape` where the graph is not sound.
 */
export function planned(graph: Graph, options: PipelineOptions): Planned {
  const stages: CompileStage[] = [];
  const note = (name: string, legality: string, print: () => string): void =>
    void stages.push({ name, legality, print });
  const pass = (name: string, legality: string, change: (graph: Graph) => Graph): Graph => {
    graph = change(graph);
    const left = graph;
    note(name, legality, () => printGraph(left));
    return graph;
  };

  pass(
    'trace',
    'each call is a node, in order; what is emitted and what is differentiated are nodes by the rules of their ops',
    (traced) => traced,
  );
  pass(
    'shapes',
    'changes nothing: every input comes earlier, and every shape is what the op says',
    checkShapes,
  );
  pass('sweep', 'drops nodes that no result, no assignment and no guard needs', sweep);
  pass(
    'left',
    'puts what is emitted in a layout on the left of a product, where a kernel takes it; bias and activation follow',
    (swept) => left(swept, onLeft(options.registry)),
  );
  pass(
    'fuse',
    'moves biases, scales, activations and padding into a product that nothing else reads, and that emits nothing; sums are regrouped, so that numbers differ by rounding',
    fuse,
  );
  pass(
    'turn',
    'keeps activations a row an output between linear layers that nothing else reads: they are turned once before and once after',
    turn,
  );
  pass(
    'epilogue',
    'moves an elementwise op into what makes its numbers, where a kernel takes it along, and nothing else reads them; numbers stay',
    (biased) => epilogue(biased, canEnd(options.registry)),
  );
  pass(
    'inline',
    'moves a sparsifier that looks at one number at a time into the kernel that makes the numbers, where nothing else reads those or the mask',
    (fused) => inline(fused, canInline(options.registry)),
  );
  pass(
    'chain',
    'joins elementwise nodes that nothing else reads, where a kernel takes their formula; numbers stay',
    (single) => chain(single, canFuse(options.registry)),
  );
  pass(
    'pack',
    'lays values out as the products that read them want them, where rates say that it pays; numbers stay',
    (chained) => pack(chained, options),
  );
  const placed = place(graph, options);
  note(
    'place',
    'chooses kernels by cost; formats change where nothing is lost, or where an emit says so',
    () => printGraph(placed.graph),
  );
  const laid = plan(placed, options.separate);
  note('plan', 'values that are alive at one step share no bytes', () => printPlan(laid));
  return { placed, plan: laid, stages };
}

/** What runs: the graph as it was placed, and its plan. */
export const explained = ({ stages }: Planned): string =>
  stages
    .slice(-2)
    .map(({ print }) => print())
    .join('\n\n');

/** Whether a kernel for a node takes an elementwise op along. */
const canEnd =
  (registry: Registry): CanEnd =>
  ({ op }, last) =>
    registry.kernelsFor(op).some((kernel) => kernel.epilogue?.(last));

/** Whether a kernel for a node prunes what it makes. */
const canInline =
  (registry: Registry): CanInline =>
  ({ op, dtype }, how) =>
    registry.kernelsFor(op).some((kernel) => kernel.inline?.(how, dtype));

/** Whether products take a layout on the left as it is, whatever its pattern. */
const onLeft =
  (registry: Registry) =>
  (layout: Layout): boolean =>
    registry
      .kernelsFor(matmul)
      .some((kernel) => kernel.takes[0] === layout && readsItself(kernel, 0));

/** Whether a kernel takes a formula. */
const canFuse =
  (registry: Registry) =>
  (signature: Signature): boolean =>
    registry.kernelsFor(fused).some((kernel) => kernel.when?.(signature) ?? true);

/**
 * Stages as text, each under its name and what it may change.
 *
 * @example
 * ```ts
 * import { createEngine, printStages, relu, wasm, type Tensor } from '@lacuna/lacuna';
 * const engine = await createEngine(wasm());
 * const f = engine.compile((x: Tensor) => relu(x));
 * f(engine.tensor([-1, 2], [2])).dispose();
 * printStages(f.stages()).split('\n')[0]; // '── trace: each call is a node, in order; what is emitted and what is differentiated are nodes by the rules of their ops'
 * engine.dispose();
 * ```
 */
export function printStages(stages: readonly CompileStage[]): string {
  const texts = stages.map(({ print }) => print());
  return stages
    .map(({ name, legality }, at) => {
      const text = texts[at] === texts[at - 1] ? 'as before' : texts[at];
      return `── ${name}: ${legality}\n${text}`;
    })
    .join('\n\n');
}
