// The shelf holds broken implementations. Each is broken in one way that has been seen in the wild, and
// names the law that must reject it: a kit that lets one through is broken itself.
import type { Law } from '../law.js';

/** A broken implementation with the laws that are put to it. */
export interface ShelfEntry {
  /** What is wrong with it, in a phrase. */
  readonly name: string;
  readonly laws: readonly Law[];
  /** The name of a law that must reject it. */
  readonly rejectedBy: string;
}
