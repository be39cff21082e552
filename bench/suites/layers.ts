// Linear layers one after another, as networks have them: planned together, so that activations stay turned and in
// panels between them, over the same layers planned one by one.
import {
  bcsr,
  csr,
  dense,
  GraphBuilder,
  linear,
  nmg,
  type Compiled,
  type Format,
} from '@lacuna/lacuna';
import { makeWeights, randomNumbers, type Weights } from '../problem.js';
import { race } from '../race.js';
import type { Row, Shape } from '../report.js';
import { gflops, speedUp, summarize } from '../statistics.js';
import type { Context, Suite } from './suite.js';

const depth = 4;
const formats: readonly Format[] = [dense(), csr(), bcsr(4, 1), nmg(2, 4, 8)];

/** Milliseconds of four layers [K, K] over N positions. */
export const layers: Suite = async function* (context) {
  const { options } = context;
  const square = options.shapes.filter(([m, k, n]) => m === k && n > 1);
  for (const [side, , n] of square)
    for (const format of formats)
      for (const sparsity of format.layout === dense ? [0] : options.sparsities) {
        // n:m:g fixes its own share of zeros.
        if (format.layout === nmg && sparsity !== options.sparsities[0]) continue;
        yield await ofLayout(context, side, n, format, sparsity);
      }
};

async function ofLayout(
  { engine, race: timing, options: { seed } }: Context,
  side: number,
  n: number,
  format: Format,
  sparsity: number,
): Promise<{ readonly rows: readonly Row[] }> {
  const ws = Array.from({ length: depth }, (_, at) =>
    makeWeights(side, side, format, sparsity, seed + at),
  );
  const x = randomNumbers(n * side, seed);
  const together = compiled(engine, ws, n);
  const apart = ws.map((w) => compiled(engine, [w], n));
  for (const one of [together, ...apart]) one.write({ x });
  const [own, each] = await race(
    [{ run: () => together.replay() }, { run: () => apart.forEach((one) => one.replay()) }],
    timing,
  );
  for (const one of [together, ...apart]) one.dispose();
  const { layout, sparsity: zeros, tensor } = ws[0]!;
  const [all, stored] = [2 * side * side * n, 2 * tensor.stored * n].map((f) => f * depth);
  const over = speedUp(each!, own!);
  const row = (contender: string, times: readonly number[], extra: Row['extra'] = {}): Row => {
    const ms = summarize(times);
    return {
      suite: 'layers',
      shape: [side, side, n] as Shape,
      sparsity: zeros,
      layout,
      contender,
      threads: 1,
      ms,
      gflopsEffective: gflops(all!, ms.median),
      gflopsStored: gflops(stored!, ms.median),
      ofRoofline: null,
      vsOwnDense: null,
      vsBestPeer: null,
      bestPeer: null,
      extra,
    };
  };
  const gain = { '× one by one': over.median, 'at best': over.best };
  return { rows: [row('lacuna together', own!, gain), row('lacuna one by one', each!)] };
}

/** y [N, K] of some layers. */
function compiled(engine: Context['engine'], ws: readonly Weights[], n: number): Compiled {
  const builder = new GraphBuilder();
  let y = builder.input('x', [n, ws[0]!.k], dense());
  for (const { tensor } of ws) y = builder.apply(linear, [y, builder.constant(tensor, 'w')]);
  return engine.compile(builder.finish({ y }));
}
