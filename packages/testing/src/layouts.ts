// The laws of layouts: what goes in comes out, everything that is derived agrees, and nothing is dropped
// or damaged without a word.
import type { FormatLike } from '@lacuna/ir';
import { corruptionLaws } from './corruption.js';
import { derivationLaws } from './derivation.js';
import { exchangeLaws } from './exchange.js';
import type { Law } from './law.js';
import { storageLaws } from './storage.js';

/**
 * What each layout must keep to. A layout with parameters is tried with random ones; a format with its own.
 *
 * @example
 * ```ts
 * import { int, layout, level } from '@lacuna/ir';
 * import { layoutLaws, runLaw } from '@lacuna/testing';
 * const stripes = layout({
 *   name: 'stripes',
 *   params: { width: int(1, 64) },
 *   levels: ({ width }) => [level.compressed(`j/${width}`), level.dense('i'), level.dense(`j%${width}`)],
 * });
 * for (const law of layoutLaws(stripes)) await runLaw(law, { seed: 1, cases: 20 }); // undefined
 * ```
 */
export function layoutLaws(like: FormatLike): readonly Law[] {
  return [
    ...storageLaws(like),
    ...derivationLaws(like),
    ...exchangeLaws(like),
    ...corruptionLaws(like),
  ];
}
