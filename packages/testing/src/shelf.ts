// The whole shelf of broken implementations. A kit of your own for a new kind of thing brings its entries.
import { brokenBackends } from './shelf/backends.js';
import { brokenCodecs } from './shelf/codecs.js';
import { brokenCompositions } from './shelf/compositions.js';
import type { ShelfEntry } from './shelf/entry.js';
import { brokenKernels } from './shelf/kernels.js';
import { brokenLayouts } from './shelf/layouts.js';
import { brokenOps } from './shelf/ops.js';
import { brokenSparsifiers } from './shelf/sparsifiers.js';

/** Every broken implementation that the laws must reject. */
export const shelf: readonly ShelfEntry[] = [
  ...brokenLayouts,
  ...brokenCodecs,
  ...brokenCompositions,
  ...brokenSparsifiers,
  ...brokenOps,
  ...brokenKernels,
  ...brokenBackends,
];
