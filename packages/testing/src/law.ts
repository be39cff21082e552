// A law is a name and a function that tries one random case and throws where the case breaks it. It knows
// no test runner: hand laws to any, or run them with `runLaw`.
import { Random, seedFor } from './random.js';

/** A claim about every case. The name is a sentence. */
export interface Law {
  readonly name: string;
  readonly run: (random: Random) => void | Promise<void>;
}

/** Thrown where a case breaks a law. */
export class Broken extends Error {
  override readonly name = 'Broken';
}

/** @throws Broken where it does not hold, with the case in words. */
export function claim(holds: boolean, why: string | (() => string)): asserts holds {
  if (!holds) throw new Broken(typeof why === 'string' ? why : why());
}

/** How many cases, and from which seed. */
export interface LawOptions {
  readonly seed: number;
  readonly cases: number;
}

/** A law that a case broke: `new Random(seed, size)` makes the case again. */
export interface Failure {
  readonly law: string;
  readonly seed: number;
  readonly size: number;
  readonly error: Error;
}

/**
 * Tries cases of growing size until one breaks the law, and then smaller ones, to report the smallest.
 *
 * @example
 * ```ts
 * import { claim, runLaw, type Law } from '@lacuna/testing';
 * const small: Law = { name: 'extents are small', run: (random) => claim(random.extent() < 30, 'large') };
 * (await runLaw(small, { seed: 1, cases: 200 }))?.error.message; // 'large'
 * ```
 */
export async function runLaw(law: Law, { seed, cases }: LawOptions): Promise<Failure | undefined> {
  for (let at = 0; at < cases; at++) {
    const failure = await tryCase(law, seedFor(seed, `${law.name} ${at}`), (at + 1) / cases);
    if (failure) return smallest(law, failure);
  }
  return undefined;
}

/** Runs a law on one case. */
export async function tryCase(law: Law, seed: number, size: number): Promise<Failure | undefined> {
  try {
    await law.run(new Random(seed, size));
    return undefined;
  } catch (cause) {
    const error = cause instanceof Error ? cause : new Error(String(cause));
    return { law: law.name, seed, size, error };
  }
}

async function smallest(law: Law, found: Failure): Promise<Failure> {
  for (let size = 0; size < found.size; size += Math.max(found.size / 8, 1 / 64)) {
    for (let again = 0; again < 12; again++) {
      const smaller = await tryCase(law, seedFor(found.seed, `smaller ${again}`), size);
      if (smaller) return smaller;
    }
  }
  return found;
}

/** A failure in one line, with what makes the case again. */
export function printFailure({ law, seed, size, error }: Failure): string {
  return `"${law}" is broken (seed ${seed}, size ${size.toFixed(3)}): ${error.message}`;
}
