// Emit says how an output is to be sparse, in STen's four words:
//   inline sparsifier -> temporary layout -> external sparsifier -> layout
// The inline one runs inside the kernel as each number is made; the external one sees the whole output.
import type { Format } from './layout.js';
import { printFormat } from './format.js';
import type { Pattern } from './pattern.js';
import type { Sparsifier } from './sparsifier.js';

/** How an output (or a gradient) is stored. All absent: dense. */
export interface Emit {
  readonly inline?: Sparsifier;
  readonly temporary?: Format;
  readonly external?: Sparsifier;
  readonly layout?: Format;
  /** Stores just what this pattern has places for: a gradient in its weight's own pattern. */
  readonly into?: Pattern;
  /** Words that were said and cannot act where they stand, such as a layout whose pattern a plan cannot know. */
  readonly passive?: readonly EmitWord[];
}

/** The four words, in the order in which they act. */
export type EmitWord = 'inline' | 'temporary' | 'external' | 'layout';

/** The four words, `keep -> dense -> keep -> dense` when nothing is said; those that do not act in brackets. */
export function printEmit({
  inline,
  temporary,
  external,
  layout,
  into,
  passive = [],
}: Emit): string {
  if (into) return `into ${printFormat(into.format)} [${into.shape.join(', ')}]`;
  const word = (name: EmitWord, text: string): string =>
    passive.includes(name) ? `[${text}]` : text;
  return [
    word('inline', inline?.print() ?? 'keep'),
    word('temporary', temporary ? printFormat(temporary) : 'dense'),
    word('external', external?.print() ?? 'keep'),
    word('layout', layout ? printFormat(layout) : 'dense'),
  ].join(' -> ');
}
