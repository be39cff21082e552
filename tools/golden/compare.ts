// Comparisons that throw at the first difference.

/** Refuses numbers that are not the same, bit for bit (but for the sign of zero, which JSON may lose). */
export function same(what: string, ours: ArrayLike<number>, theirs: ArrayLike<number>): void {
  differ(what, ours, theirs, (a, b) => a === b || (a !== a && b !== b));
}

/** Refuses numbers that differ by more than `tolerance · (1 + |theirs|)`. */
export function close(
  what: string,
  ours: ArrayLike<number>,
  theirs: ArrayLike<number>,
  tolerance: number,
): void {
  differ(what, ours, theirs, (a, b) => Math.abs(a - b) <= tolerance * (1 + Math.abs(b)));
}

function differ(
  what: string,
  ours: ArrayLike<number>,
  theirs: ArrayLike<number>,
  agree: (a: number, b: number) => boolean,
): void {
  if (ours.length !== theirs.length)
    throw new Error(`${what}: ${ours.length} numbers, and the file has ${theirs.length}`);
  for (let at = 0; at < ours.length; at++) {
    if (!agree(ours[at]!, theirs[at]!))
      throw new Error(`${what}[${at}] is ${ours[at]}, and the file says ${theirs[at]}`);
  }
}

/** Refuses numbers that differ by more than `tolerance` times the largest of them. */
export function within(
  what: string,
  ours: ArrayLike<number>,
  theirs: Float32Array,
  tolerance: number,
): void {
  const largest = theirs.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  differ(what, ours, theirs, (a, b) => Math.abs(a - b) <= tolerance * largest);
}
