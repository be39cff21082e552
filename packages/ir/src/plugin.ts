// A plug-in is a value: a name and arrays. Nothing registers itself anywhere.
import type { Kernel } from './kernel.js';
import type { Layout } from './layout.js';
import type { Op } from './op.js';
import type { Sparsifier } from './sparsifier.js';

/** What a package adds to an engine. */
export interface Plugin {
  readonly name: string;
  readonly layouts?: readonly Layout[];
  readonly ops?: readonly Op[];
  readonly sparsifiers?: readonly Sparsifier[];
  readonly kernels?: readonly Kernel[];
}
