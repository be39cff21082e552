// Start: each time in a process or page of its own. Startup is what a user waits for, so it is the wall's time.
import type { Row, Shape } from '../report.js';
import { summarize } from '../statistics.js';
import type { Suite } from './suite.js';

/** From createEngine to the first result, and the first call over the later ones. */
export const startup: Suite = async function* ({ probe, options }) {
  for (const sparse of [0, 1]) {
    const seen: Readonly<Record<string, number>>[] = [];
    for (let time = 0; time < (options.quick ? 2 : 7); time++)
      seen.push(await probe('startup', { sparse }));
    const of = (name: string): number => summarize(seen.map((s) => s[name]!)).median;
    const row: Row = {
      suite: 'startup',
      shape: [768, 768, 128] as Shape,
      sparsity: sparse ? 0.9 : 0,
      layout: sparse ? 'csr' : 'dense',
      contender: 'lacuna plan',
      threads: 1,
      ms: summarize(seen.map((s) => s['total']!)),
      gflopsEffective: 0,
      gflopsStored: 0,
      ofRoofline: null,
      vsOwnDense: null,
      vsBestPeer: null,
      bestPeer: null,
      rounds: seen.length,
      extra: {
        'ms of createEngine': of('create'),
        'ms of compile': of('compile'),
        'first call over steady': summarize(seen.map((s) => s['first']! / s['steady']!)).median,
      },
    };
    yield { rows: [row] };
  }
};
