// WGSL as it stands, with the elements of some buffers read and written in other words: what a program does with
// numbers stays its own, where they are is the backend's.
import { SparseError } from '@lacuna/ir';

/** How the elements of a buffer are written in WGSL. */
export interface Elements {
  readonly read: (index: string) => string;
  /** A statement, without its semicolon. */
  readonly write: (index: string, value: string) => string;
  /** The beginning of a call of an atomic function, up to its other arguments. */
  readonly atomic: (name: string, index: string) => string;
}

/** The place of the bracket that closes the one at `open`. */
function closing(code: string, open: number): number {
  for (let at = open, depth = 0; at < code.length; at++) {
    if ('[('.includes(code[at]!)) depth++;
    if ('])'.includes(code[at]!) && --depth === 0) return at;
  }
  throw new SparseError('plugin', `a bracket of this WGSL is not closed: ${code.slice(open)}`);
}

/** WGSL with the elements of some buffers read and written in other words. */
export function rewrite(code: string, buffers: ReadonlyMap<string, Elements>): string {
  const names = [...buffers.keys()].join('|');
  const element = new RegExp(`(?<![\\w.])(?:(atomic\\w+)\\(\\s*&\\s*)?(${names})\\s*\\[`);
  let [done, rest] = ['', code];
  for (let found = element.exec(rest); found; found = element.exec(rest)) {
    const [text, atomic, name] = found;
    const buffer = buffers.get(name!)!;
    const open = found.index + text.length - 1;
    const close = closing(rest, open);
    const index = rewrite(rest.slice(open + 1, close), buffers);
    const after = rest.slice(close + 1);
    done += rest.slice(0, found.index);
    const assigned = /^\s*(\+|-|\*|\/|%|&|\||\^|<<|>>)?=(?!=)/.exec(after);
    if (atomic) {
      done += buffer.atomic(atomic, index);
      rest = after;
    } else if (assigned) {
      const end = after.indexOf(';');
      const value = rewrite(after.slice(assigned[0].length, end), buffers).trim();
      const sum = assigned[1] && `${buffer.read(index)} ${assigned[1]} (${value})`;
      done += buffer.write(index, sum ?? value);
      rest = after.slice(end);
    } else {
      done += buffer.read(index);
      rest = after;
    }
  }
  return done + rest;
}
