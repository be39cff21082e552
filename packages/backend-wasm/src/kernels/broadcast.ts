// Broadcasting as calls: the longest inner run over which each operand either steps or stands still is one
// call; the dimensions outside it are a list of offsets, made when the kernel is bound.
import { sizeOf, type Shape } from '@lacuna/ir';
import type { Stage } from '../kernel.js';
import { moved } from './positions.js';

/** One operation over an output, as calls of `n` numbers. */
export interface Runs {
  readonly n: number;
  /** Whether a (and b) steps with the output inside a run. */
  readonly steps: readonly [boolean, boolean];
  /** Offsets in numbers, one a call: a, b, y. */
  readonly offsets: readonly (readonly [number, number, number])[];
}

/** Strides of `shape` seen as `out`, 0 where it is stretched. */
function strides(shape: Shape, out: Shape): number[] {
  const lead = out.length - shape.length;
  let step = 1;
  const own = shape.map(() => 0);
  for (let dim = shape.length - 1; dim >= 0; dim--) {
    own[dim] = shape[dim] === 1 ? 0 : step;
    step *= shape[dim]!;
  }
  return out.map((_, dim) => (dim < lead ? 0 : own[dim - lead]!));
}

/** How a ∘ b covers `out`. */
export function broadcastRuns(a: Shape, b: Shape, out: Shape): Runs {
  const [sa, sb] = [strides(a, out), strides(b, out)];
  let [n, first] = [1, out.length];
  const steps: [boolean, boolean] = [true, true];
  for (let dim = out.length - 1; dim >= 0; dim--) {
    if (out[dim] !== 1) {
      const here = [sa[dim]! !== 0, sb[dim]! !== 0] as const;
      if (n === 1) [steps[0], steps[1]] = here;
      else if (here[0] !== steps[0] || here[1] !== steps[1]) break;
      n *= out[dim]!;
    }
    first = dim;
  }
  let offsets: [number, number, number][] = [[0, 0, 0]];
  for (let dim = 0; dim < first; dim++) {
    offsets = offsets.flatMap(([x, y, z]) =>
      Array.from({ length: out[dim]! }, (_, c): [number, number, number] => [
        x + c * sa[dim]!,
        y + c * sb[dim]!,
        z * out[dim]! + c,
      ]),
    );
  }
  return { n, steps, offsets: offsets.map(([x, y, z]) => [x, y, z * n]) };
}

/** Calls whose offsets all advance evenly, as one call of several rows. */
export interface RowGroup {
  /** Offsets in numbers: a, b, y. */
  readonly from: readonly [number, number, number];
  readonly rows: number;
  /** From a row to the next, in a and in b; y is contiguous. */
  readonly step: readonly [number, number];
}

/** The offsets of runs in as few groups as follow each other evenly; `contiguous`: a steps by n in each. */
export function rowGroups({ n, offsets }: Runs, contiguous: boolean): readonly RowGroup[] {
  const groups: RowGroup[] = [];
  let at = 0;
  while (at < offsets.length) {
    const from = offsets[at]!;
    const next = offsets[at + 1];
    const step: readonly [number, number] = next ? [next[0] - from[0], next[1] - from[1]] : [n, 0];
    const fits = step[0] >= 0 && step[1] >= 0 && (!contiguous || step[0] === n);
    const rows = fits ? evenRows(offsets, at, step) : 1;
    groups.push({ from, rows, step });
    at += rows;
  }
  return groups;
}

/** How many offsets from `at` on advance by `step`. */
function evenRows(
  offsets: Runs['offsets'],
  at: number,
  [stepA, stepB]: readonly [number, number],
): number {
  const [a, b] = offsets[at]!;
  for (let k = 1; at + k < offsets.length; k++) {
    const [x, z] = offsets[at + k]!;
    if (x !== a + k * stepA || z !== b + k * stepB) return k;
  }
  return offsets.length - at;
}

/** Stretches x over an output: y = x where x stands still or steps. */
export function spread(x: Shape, out: Shape, from: number, y: number): readonly Stage[] {
  if (sizeOf(out) === 0) return [];
  const runs = broadcastRuns(x, out, out);
  const each = runs.steps[0] ? 1 : 0;
  return rowGroups(runs, false).map(({ from: [a, , z], rows, step }) => ({
    name: 'spread_rows',
    units: rows,
    args: [runs.n, from + a * 4, step[0], each, y + z * 4],
    work: rows * runs.n * moved,
  }));
}
