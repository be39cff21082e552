// Sparsifiers as text, the way they print: `magnitude(fraction=0.9)`. Rules beside weights are data, and
// this is how they name what to do.
import { parseBackward, withBackward, type Sparsifier } from '@lacuna/ir';
import { blocks } from './blocks.js';
import type { Budget, Within } from './budget.js';
import { parseCall, type ParsedParams } from './call.js';
import { keep } from './keep.js';
import { magnitude } from './magnitude.js';
import { nmMagnitude } from './nm.js';
import { nmgMagnitude } from './nmg.js';
import { random } from './random.js';
import { movement, snip, snr, wanda } from './scored.js';
import { butterfly } from './static.js';
import { threshold } from './threshold.js';
import { transposableNm } from './transposable.js';
import { vnmMagnitude } from './vnm.js';

/** Makes a sparsifier from parameters that were read. */
export type SparsifierMaker = (params: ParsedParams) => Sparsifier;

const pers = ['tensor', 'row', 'column', 'group'] as const;

const within = (p: ParsedParams): Within => {
  const [per, group] = [p.word('per', pers), p.maybe('group')];
  return { ...(per && { per }), ...(group !== undefined && { group }) };
};
const budget = (p: ParsedParams): Budget => {
  const [fraction, count] = [p.maybe('fraction'), p.maybe('count')];
  return {
    ...(fraction !== undefined && { fraction }),
    ...(count !== undefined && { count }),
    ...within(p),
  };
};

const scorers = { magnitude, movement, snip, wanda, snr };

/** The sparsifiers that {@link parseSparsifier} knows, by name. */
export const sparsifierMakers: Readonly<Record<string, SparsifierMaker>> = Object.freeze({
  keep: () => keep(),
  magnitude: (p) => magnitude(budget(p)),
  movement: (p) => movement(budget(p)),
  snip: (p) => snip(budget(p)),
  wanda: (p) => wanda(budget(p)),
  snr: (p) => snr(budget(p)),
  random: (p) => random({ fraction: p.number('fraction'), seed: p.number('seed') }),
  threshold: (p) => {
    const per = p.word('per', ['tensor', 'row'] as const);
    return threshold({ value: p.number('value'), ...(per && { per }) });
  },
  blocks: (p) => {
    const by = p.word('by', ['magnitude', 'movement', 'snip', 'wanda', 'snr'] as const);
    return blocks({
      rows: p.number('rows'),
      columns: p.number('columns'),
      fraction: p.number('fraction'),
      ...(by && { by: scorers[by]({ fraction: 0 }) }),
    });
  },
  nmMagnitude: (p) =>
    nmMagnitude({ n: p.number('n'), m: p.number('m'), along: p.maybe('along') ?? 1 }),
  vnmMagnitude: (p) => vnmMagnitude({ v: p.number('v'), n: p.number('n'), m: p.number('m') }),
  nmgMagnitude: (p) => {
    const mode = p.word('mode', ['greedy', 'swaps'] as const);
    const [along, group] = [p.maybe('along') ?? 0, p.maybe('group') ?? 1];
    return nmgMagnitude({
      n: p.number('n'),
      m: p.number('m'),
      g: p.number('g'),
      along,
      group,
      ...(mode && { mode }),
    });
  },
  transposableNm: (p) => transposableNm({ n: p.number('n'), m: p.number('m') }),
  butterfly: (p) =>
    butterfly({ block: p.number('block'), size: p.number('size'), factors: p.number('factors') }),
});

/**
 * Reads a sparsifier as it prints; `backward=` says what flows back.
 *
 * @throws SparseError `format` where it cannot be read, naming the nearest.
 * @example
 * ```ts
 * import { parseSparsifier } from '@lacuna/sparsifiers';
 * parseSparsifier('nmMagnitude(n=1, m=16, backward=decay:0.002)').backward; // { decay: 0.002 }
 * parseSparsifier('magnitud(fraction=0.5)'); // throws format: no sparsifier is called "magnitud"; did you mean magnitude?
 * ```
 */
export function parseSparsifier(
  text: string,
  makers: Readonly<Record<string, SparsifierMaker>> = sparsifierMakers,
): Sparsifier {
  const known = Object.entries(makers).map(([name, make]) => [
    name,
    (params: ParsedParams): Sparsifier => {
      const backward = params.text('backward');
      const made = make(params);
      return backward === undefined ? made : withBackward(made, parseBackward(backward));
    },
  ]);
  const all = Object.fromEntries(known) as Record<string, SparsifierMaker>;
  return parseCall('sparsifier', text, all, (made) => made.print());
}
