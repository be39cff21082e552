// One error class for everything Lacuna refuses. A message says what was asked, what was
// nearest, and what to write; `code` is for programs, `hint` for people.

/** Why something was refused. The union is closed: adding a code needs a paragraph of why. */
export type ErrorCode =
  | 'shape'
  | 'format'
  | 'lossy'
  | 'no-kernel'
  | 'corrupt'
  | 'capacity'
  | 'home'
  | 'disposed'
  | 'plugin'
  | 'device-lost'
  | 'unsupported';

/** Facts behind a refusal, by name: what a program may want to branch on. */
export type ErrorDetail = Readonly<Record<string, unknown>>;

/** What else a {@link SparseError} carries beside its code and message. */
export interface ErrorExtra {
  /** What to write instead, in one line. */
  readonly hint?: string;
  readonly detail?: ErrorDetail;
  readonly cause?: unknown;
}

/**
 * The one error that Lacuna throws.
 *
 * @example
 * ```ts
 * import { SparseError } from '@lacuna/ir';
 * const e = new SparseError('shape', 'matmul was given 3×4 and 5×6', { hint: 'transpose one of them' });
 * e.message; // 'matmul was given 3×4 and 5×6; transpose one of them'
 * ```
 */
export class SparseError extends Error {
  override readonly name = 'SparseError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly detail: ErrorDetail;

  constructor(code: ErrorCode, message: string, extra: ErrorExtra = {}) {
    super(extra.hint === undefined ? message : `${message}; ${extra.hint}`, { cause: extra.cause });
    this.code = code;
    this.hint = extra.hint;
    this.detail = Object.freeze({ ...extra.detail });
  }
}

/** The name in `names` nearest to `asked` by edit distance, for "did you mean". */
export function nearest(asked: string, names: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Infinity;
  for (const name of names) {
    const distance = editDistance(asked, name);
    if (distance < bestDistance) [best, bestDistance] = [name, distance];
  }
  return best;
}

/** Letters to add, drop, change or exchange with a neighbour. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const exchanged = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const exchange = exchanged ? before[j - 2]! + 1 : Infinity;
      next.push(Math.min(change, exchange, row[j]! + 1, next[j - 1]! + 1));
    }
    before = row;
    row = next;
  }
  return row[b.length]!;
}
