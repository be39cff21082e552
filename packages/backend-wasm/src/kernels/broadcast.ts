// Broadcasting as calls: the longest inner run over which each operand either steps or stands still is one
// call; the dimensions outside it are a list of offsets, made when the kernel is bound.
import type { Shape } from '@lacuna/ir';

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
