// Places as numbers: what gather, scatterAdd and embedding read. An index is a whole number in 0..extent, of
// any number type; one outside has nothing: gather gives NaN there or what it is told, scatterAdd adds nothing.

/** The index that a number names, −1 where it names none. */
export function indexOf(v: number, extent: number): number {
  return v >= 0 && v < extent ? Math.floor(v) : -1;
}
