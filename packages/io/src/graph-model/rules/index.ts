// Every op of the file that we can read.
import { clips } from './clip.js';
import { convolutions } from './conv.js';
import { elementwise } from './elementwise.js';
import { arithmetic, foldedOnly } from './fold.js';
import { normalizations } from './normalize.js';
import { images } from './pool.js';
import { products } from './product.js';
import type { Rule } from './rule.js';
import { shapes } from './shapes.js';
import { transposedConvolutions } from './transposed.js';

const emitted = {
  ...convolutions,
  ...transposedConvolutions,
  ...images,
  ...elementwise,
  ...clips,
  ...normalizations,
  ...products,
  ...shapes,
};

/** The rule of each op, by its name in the file. */
export const rules: ReadonlyMap<string, Rule> = new Map([
  ...Object.entries(emitted).map(([name, rule]): [string, Rule] => {
    const fold = arithmetic[name];
    return [name, fold ? { ...rule, fold } : rule];
  }),
  ...Object.entries(foldedOnly),
]);
