// What a file from outside gets when it does not hold together: one error, before anything is allocated.
import { SparseError, type ErrorDetail } from '@lacuna/ir';

/** A refusal of a file: `what` names the file or entry, `why` what is wrong with it. */
export function corrupt(what: string, why: string, detail: ErrorDetail = {}): SparseError {
  return new SparseError('corrupt', `${what} ${why}`, {
    hint: 'fetch or write the file again',
    detail,
  });
}

/** Whether `x` is a whole number, 0 or more, that a double holds exactly. */
export const isCount = (x: unknown): x is number => Number.isSafeInteger(x) && Number(x) >= 0;

/** Whether `x` is an object with names, no array and not null. */
export const isRecord = (x: unknown): x is Readonly<Record<string, unknown>> =>
  typeof x === 'object' && x !== null && !Array.isArray(x);
