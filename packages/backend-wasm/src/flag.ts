// A word in which stages say that they found something, on whatever threads they run.
import type { Exports } from './kernel.js';

/** Runs what may raise the word at an address, and says whether it did. */
export function raised(exports: Exports, word: number, run: () => void): boolean {
  exports['fill']!(0, 1, 0, word);
  run();
  return exports['number_at']!(word, 0) !== 0;
}
