// Whether time and memory grow as the stored entries do: sizes ten times apart, each in its own process.
import { kinds } from '../probes/growth.js';
import type { Row, Shape } from '../report.js';
import { gflops } from '../statistics.js';
import type { Suite } from './suite.js';

/** Nanoseconds an entry, and peak memory over input and output, from 10^5 entries to `--entries`. */
export const growth: Suite = async function* ({ probe, options }) {
  for (const [kind, layout] of kinds.entries()) {
    for (let entries = 1e5; entries <= options.entries; entries *= 10) {
      const shape: Shape = [entries / 50, 4096, 8];
      let seen: Readonly<Record<string, number>>;
      try {
        seen = await probe('growth', { entries, kind });
      } catch (error) {
        yield {
          absent: [
            { suite: 'growth', contender: 'lacuna', layout, shape, why: (error as Error).message },
          ],
        };
        break;
      }
      const ms = { best: seen['best']!, median: seen['median']! };
      const row: Row = {
        suite: 'growth',
        shape,
        sparsity: 1 - 50 / 4096,
        layout,
        contender: 'lacuna',
        threads: 1,
        ms,
        gflopsEffective: 0,
        gflopsStored: kind === 0 ? gflops(16 * entries, ms.median) : 0,
        ofRoofline: null,
        vsOwnDense: null,
        vsBestPeer: null,
        bestPeer: null,
        extra: {
          entries,
          'ns an entry': (ms.best * 1e6) / entries,
          ...(typeof seen['memory'] === 'number' && {
            'peak memory over input and output': seen['memory'],
          }),
        },
      };
      yield { rows: [row] };
    }
  }
};
