// Emit says how an output is to be sparse, in STen's four words:
//   inline sparsifier -> temporary layout -> external sparsifier -> layout
// The inline one runs inside the kernel as each number is made; the external one sees the whole output.
import { printFormat, type Format } from './layout.js';
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
}

/** The four words, `keep -> dense -> keep -> dense` when nothing is said. */
export function printEmit({ inline, temporary, external, layout, into }: Emit): string {
  if (into) return `into ${printFormat(into.format)} [${into.shape.join(', ')}]`;
  const format = (f: Format | undefined): string => (f ? printFormat(f) : 'dense');
  return `${inline?.print() ?? 'keep'} -> ${format(temporary)} -> ${external?.print() ?? 'keep'} -> ${format(layout)}`;
}
