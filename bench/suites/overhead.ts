// What a call costs beside its arithmetic: a chain of tiny products replayed, over the same kernel calls
// made bare; and one eager call.
import {
  assemble,
  createEngine,
  dense,
  GraphBuilder,
  matmul,
  WasmBackend,
  wasm,
  type Graph,
} from '@lacuna/lacuna';
import { randomNumbers } from '../problem.js';
import { race } from '../race.js';
import type { Row, Shape } from '../report.js';
import { gflops, summarize } from '../statistics.js';
import type { Suite } from './suite.js';

const [links, side] = [256, 16];

/** Microseconds an op. */
export const overhead: Suite = async function* ({ engine, race: options }) {
  const graph = chain();
  const x = randomNumbers(side, 2);
  const compiled = engine.compile(graph);
  compiled.write({ x });
  const w = engine.tensor(randomNumbers(side * side, 1), [side, side]);
  const b = engine.tensor(x, [side, 1]);
  const bare = await bareCalls(graph, x);
  const before = heap();
  for (let i = 0; i < 1000; i++) compiled.replay();
  const bytes = before === undefined ? undefined : (heap()! - before) / 1000;
  const [bareMs, planMs, eagerMs] = await race(
    [
      { run: bare },
      { run: () => compiled.replay() },
      {
        run: () => {
          for (let i = 0; i < links; i++) matmul(w, b).dispose();
        },
      },
    ],
    options,
  );
  const one = summarize(bareMs!.map((ms) => ms / links));
  const row = (
    contender: string,
    times: readonly number[],
    extra: Record<string, number> = {},
  ): Row => {
    const ms = summarize(times.map((t) => t / links));
    const over = summarize(times.map((t, at) => ((t - bareMs![at]!) / links) * 1000)).median;
    const flops = 2 * side * side;
    const rate = gflops(flops, ms.median);
    return {
      suite: 'overhead',
      shape: [side, side, 1] as Shape,
      sparsity: 0,
      layout: 'dense',
      contender,
      threads: 1,
      ms,
      gflopsEffective: rate,
      gflopsStored: rate,
      ofRoofline: null,
      vsOwnDense: null,
      vsBestPeer: null,
      bestPeer: null,
      extra: {
        'µs over the bare call': Math.round(over * 1000) / 1000,
        'µs of the bare call': one.median * 1000,
        ...extra,
      },
    };
  };
  yield {
    rows: [
      row('bare kernel call', bareMs!),
      row(
        'lacuna plan',
        planMs!,
        bytes === undefined ? {} : { 'heap bytes a replayed op': Math.max(0, bytes / links) },
      ),
      row('lacuna eager', eagerMs!),
    ],
  };
  compiled.dispose();
  for (const tensor of [w, b]) tensor.dispose();
};

function chain(): Graph {
  const builder = new GraphBuilder();
  const w = builder.constant(assemble(dense(), [side, side], randomNumbers(side * side, 1)), 'w');
  let y = builder.input('x', [side, 1], dense());
  for (let i = 0; i < links; i++) y = builder.apply(matmul, [w, y]);
  return builder.finish({ y });
}

/**
 * The kernel calls of a replay with nothing around them: recorded from an engine whose backend notes the
 * arguments, and made on the same exports.
 */
async function bareCalls(graph: Graph, x: Float32Array): Promise<() => void> {
  const { memory, exports, variant, rates } = await wasm();
  const names: string[] = [];
  const given: number[] = [];
  const noted = Object.fromEntries(
    Object.entries(exports).map(([name, call]) => [
      name,
      typeof call !== 'function'
        ? call
        : (...args: readonly number[]) => {
            names.push(name);
            given.push(...args);
            return call(...args);
          },
    ]),
  );
  const engine = await createEngine(new WasmBackend(memory, noted, variant, rates));
  const compiled = engine.compile(graph);
  compiled.write({ x });
  names.length = given.length = 0;
  compiled.replay();
  const [name] = names;
  const width = given.length / names.length;
  if (name !== 'dense_vec' || names.some((other) => other !== name) || width !== 9)
    throw new Error(
      `a chain of dense products replays ${[...new Set(names)].join(', ')} with ${width} arguments`,
    );
  const call = exports[name]!;
  const a = Float64Array.from(given);
  return () => {
    for (let at = 0; at < a.length; at += 9)
      call(
        a[at]!,
        a[at + 1]!,
        a[at + 2]!,
        a[at + 3]!,
        a[at + 4]!,
        a[at + 5]!,
        a[at + 6]!,
        a[at + 7]!,
        a[at + 8]!,
      );
  };
}

const heap = (): number | undefined => globalThis.process?.memoryUsage?.().heapUsed;
