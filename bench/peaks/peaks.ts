// The machine's own rates as contenders, which run in every race beside the others.
import type { Runner } from '../race.js';

/** Two runners that do nothing but one thing, as fast as the machine can. */
export interface Peaks {
  /** Multiply-adds: operations of a call, two each. */
  readonly multiplying: Runner & { readonly flops: number };
  /** Loads: bytes of a call. */
  readonly loading: Runner & { readonly bytes: number };
}
