// A compiled function: traced once for every kind of arguments it is called with, and then replayed. Calls copy
// arguments in and results out; everything between keeps its place.
import {
  assemble,
  byteWidth,
  dense,
  densePattern,
  host,
  patternIn,
  SparseError,
  valueCount,
  type Graph,
  type Home,
  type Pattern,
  type Tensor,
} from '@lacuna/ir';
import type { Device } from './device.js';
import { identity } from './identity.js';
import { explained, type CompileStage, type Planned } from './passes/pipeline.js';
import type { PlanOutput } from './passes/plan.js';
import { Replay } from './replay.js';
import { refuseOther, Tracer } from './trace.js';
import { leavesOf, withLeaves, type Leaf } from './tree.js';

/** What a call may pass where the function takes `T`: numbers stand for tensors of one number. */
export type Given<T> = T extends Tensor ? Tensor | number : T;

/** A function that was compiled. */
export interface CompiledFunction<A extends readonly unknown[], R> {
  (...args: { readonly [K in keyof A]: Given<A[K]> }): R;
  /** Graphs, choices and plans of every kind of arguments seen, as text. */
  explain(): string;
  /** What each pass left, in their order, with what it may change; for every kind of arguments seen. */
  stages(): readonly CompileStage[];
  /** Gives the memory of all plans back. */
  dispose(): void;
}

/** How an engine places and plans a graph. */
export type Planner = (graph: Graph) => Planned;

/** Runs something while calls of ops go to a tracer. */
export type Tracing = <T>(tracer: Tracer, run: () => T) => T;

interface Version {
  readonly planned: Planned;
  readonly replay: Replay;
  /** The result with traced tensors as leaves. */
  readonly result: unknown;
  readonly results: number;
}

/** Compiles a function for an engine. */
export function compileFunction<A extends readonly unknown[], R>(
  home: Home,
  device: Device,
  planner: Planner,
  fn: (...args: A) => R,
  tracing: Tracing,
): CompiledFunction<A, R> {
  const versions = new Map<string, Version>();
  const call = (...args: unknown[]): R => {
    const leaves = leavesOf(args);
    for (const { leaf } of leaves) if (typeof leaf !== 'number') refuseOther(home, leaf);
    const key = keyOf(leaves);
    let version = versions.get(key);
    if (!version) versions.set(key, (version = trace(args, leaves)));
    return run(version, leaves);
  };

  function trace(args: readonly unknown[], leaves: ReturnType<typeof leavesOf>): Version {
    const tracer = new Tracer(home);
    const traced = leaves.map(({ path, leaf }) => {
      if (typeof leaf === 'number') return tracer.input(path, densePattern([]), 'float32');
      return tracer.input(path, leaf.pattern, leaf.dtype);
    });
    const result = tracing(tracer, () => fn(...(withLeaves(args, traced.values()) as A)));
    const results = leavesOf(result).map(({ path, leaf }) => ({
      name: path,
      tensor: typeof leaf === 'number' ? assemble(dense(), [], [leaf]) : leaf,
    }));
    const planned = planner(tracer.finish(results));
    const replay = new Replay(device, planned.plan);
    return { planned, replay, result, results: results.length };
  }

  function run(
    { replay, result, results }: Version,
    leaves: readonly { readonly leaf: Leaf }[],
  ): R {
    const { memory } = device.backend;
    replay.plan.inputs.forEach(({ slot }, at) => {
      const to = replay.blockOf({ from: 'slot', slot });
      const { leaf } = leaves[at]!;
      if (typeof leaf === 'number') memory.write(to, Float32Array.of(leaf));
      else if (leaf.home === host) memory.write(to, leaf.values);
      else memory.copy(device.blockOf(leaf), to, leaf.stored * byteWidth(leaf.dtype));
    });
    replay.run();
    const made: Tensor[] = [];
    try {
      for (const output of replay.plan.outputs.slice(0, results)) {
        const pattern = patternOf(replay, output);
        const bytes = valueCount(pattern) * byteWidth(output.type.dtype);
        const block = device.alloc(bytes);
        made.push(device.tensor(home, pattern, output.type.dtype, block));
        memory.copy(replay.blockOf(output.source), block, bytes);
      }
    } catch (error) {
      for (const tensor of made) tensor.dispose();
      throw error;
    }
    return withLeaves(result, made.values()) as R;
  }

  return Object.assign(call as CompiledFunction<A, R>, {
    explain: () => [...versions.values()].map(({ planned }) => explained(planned)).join('\n\n'),
    stages: () => [...versions.values()].flatMap(({ planned }) => planned.stages),
    dispose: () => {
      for (const { replay } of versions.values()) replay.dispose();
      versions.clear();
    },
  });
}

/** The pattern that a result has after a run: the one that was found in its room, where it varies. */
function patternOf(replay: Replay, { source, type }: PlanOutput): Pattern {
  const { pattern = densePattern(type.shape), varies } = type;
  if (!varies) return pattern;
  const { structure } = replay.roomOf(source, type);
  return patternIn(pattern, replay.device.backend.memory.view!(structure));
}

/** Everything that a trace depends on: paths, shapes, types, and which pattern a sparse argument has. */
function keyOf(leaves: ReturnType<typeof leavesOf>): string {
  return leaves
    .map(({ path, leaf }) => {
      if (typeof leaf === 'number') return `${path}:number`;
      if (leaf.disposed)
        throw new SparseError('disposed', `argument ${path} of a compiled function is disposed`, {
          hint: 'pass a tensor that is alive',
        });
      return `${path}:${leaf.dtype}:${leaf.shape.join('x')}:${leaf.format.layout === dense ? '' : identity(leaf.pattern)}`;
    })
    .join(';');
}
