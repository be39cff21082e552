// What engines may be told, when they are made and when they are asked.
import type { Composed, DType, FormatLike, Pattern, Plugin, Tensor } from '@lacuna/ir';
import type { FallbackPolicy } from './eager.js';
import type { Listener } from './events.js';

/** What {@link createEngine} may be told. */
export interface EngineOptions {
  readonly plugins?: readonly Plugin[];
  /** What to do where no kernel fits; default `'explain'`: run the reference, and report an event. */
  readonly fallback?: FallbackPolicy;
  readonly on?: Listener;
}

/** What {@link Engine.compile} may be told. */
export interface CompileOptions {
  /** Formats that dense constants may be stored in instead, where that is cheaper; default none. */
  readonly candidates?: readonly FormatLike[];
}

/** What a function to be compiled may take: tensors and compositions, in arrays and records. */
export type Traceable =
  | Tensor
  | Composed
  | readonly Traceable[]
  | { readonly [name: string]: Traceable };

/** What {@link Engine.tensor} may be told. */
export interface TensorOptions {
  readonly dtype?: DType;
  /** Stores the entries that are not zero in this layout; default dense. */
  readonly layout?: FormatLike;
}

/** What {@link Engine.adopt} may be told. */
export interface AdoptOptions {
  readonly dtype?: DType;
  /** Whose stored values are in the block; default the dense pattern of the shape. */
  readonly pattern?: Pattern;
}
