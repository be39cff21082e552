// Layouts and ops are told apart by identity, so there must be one copy of this package. Each carries the stamp
// of the copy that made it; an engine refuses those of another, and says so once, at the door.

/** Marks what one copy of `@lacuna/ir` made. */
export interface Stamp {
  readonly version: string;
}

/** The stamp of this copy. */
export const stamp: Stamp = Object.freeze({ version: '0.1.0' });
