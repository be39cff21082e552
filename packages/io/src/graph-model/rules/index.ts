// Every op of the file that we can read.
import { batches } from './batch.js';
import { clips } from './clip.js';
import { convolutions } from './conv.js';
import { elementwise } from './elementwise.js';
import { arithmetic, foldedOnly } from './fold.js';
import { gathers } from './gather.js';
import { normalizations } from './normalize.js';
import { pairs } from './pairs.js';
import { images } from './pool.js';
import { products } from './product.js';
import { reductions } from './reductions.js';
import type { Rule, Rules } from './rule.js';
import { shapes } from './shapes.js';
import { slices } from './slices.js';
import { transposedConvolutions } from './transposed.js';

const emitted: Rules = {
  ...convolutions,
  ...transposedConvolutions,
  ...images,
  ...elementwise,
  ...pairs,
  ...clips,
  ...normalizations,
  ...products,
  ...batches,
  ...reductions,
  ...shapes,
  ...slices,
  ...gathers,
};

/** The rule of each op, by its name in the file. */
export const rules: ReadonlyMap<string, Rule> = new Map([
  ...Object.entries(emitted).map(([name, rule]): [string, Rule] => {
    const fold = arithmetic[name];
    return [name, fold ? { ...rule, fold } : rule];
  }),
  ...Object.entries(foldedOnly),
]);
