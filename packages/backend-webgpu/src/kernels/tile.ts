// WGSL that inner loops are made of: lines for each of a few, the steps of a loop, and the sums of a thread's tile.
import { block, float32, type Arithmetic } from './arithmetic.js';

/** WGSL of  a{r}_{v} += w·x{v}  for the vectors of a tile, by way of h{r}_{v} where sums are partial. */
export function addTo(
  r: number,
  wide: number,
  w: string,
  x = 'x',
  { add, partial = 'a' }: Pick<Arithmetic, 'add' | 'partial'> = float32,
): string {
  return each(wide, (v) => {
    const sum = `${partial}${r}_${v}`;
    return `${sum} = ${add(w, `${x}${v}`, sum)};`;
  });
}

/** WGSL that loads the vectors of row `j` of x as `{x}{v}`. */
export function loadX(wide: number, j: string, x = 'x', { load } = float32): string {
  return each(
    wide,
    (v) => `let ${x}${v} = ${load(`x[(${j}) * p.ldx + c${v ? ` + ${v}u` : ''}]`)};`,
  );
}

/** WGSL that declares the sums of so many rows. */
export function declareSums(
  rows: number,
  wide: number,
  { four, partial } = float32,
  to = 'a',
): string {
  const sums = (letter: string, type: string): string =>
    each(rows, (r) => each(wide, (v) => `var ${letter}${r}_${v} = ${type}();`));
  const whole = sums(to, 'vec4f');
  return partial ? `${whole}\n${sums(partial, four)}` : whole;
}

/** WGSL that takes partial sums over to those of 32 bits, `to`, on lines of its own; none, where there are none. */
export function settle(rows: number, wide: number, { four, partial } = float32, to = 'a'): string {
  if (!partial) return '';
  const lines = each(rows, (r) =>
    each(wide, (v) => {
      const sum = `${partial}${r}_${v}`;
      return `${to}${r}_${v} += vec4f(${sum});\n${sum} = ${four}();`;
    }),
  );
  return `\n${lines}`;
}

/** The same after the four entries from `q`, a multiple of four, on, where a block ends with them. */
export function settleAt(q: string, rows: number, wide: number, arithmetic = float32): string {
  const last = `${block - 4}u`;
  const lines = settle(rows, wide, arithmetic);
  return lines && `\nif ((${q} & ${last}) == ${last}) {${lines}\n}`;
}

/**
 * WGSL of a loop's three parts, from `start`, a declaration or assignment, in steps of `by`: of all steps, or of those
 * of a lane.
 */
export function stride(start: string, by: number, condition: string, spread: boolean): string {
  const name = /(?<name>\w+) =/.exec(start)!.groups!['name']!;
  if (!spread) return `${start}; ${condition}; ${name}${by === 1 ? '++' : ` += ${by}u`}`;
  const times = by === 1 ? '' : ` * ${by}u`;
  return `${start} + lane${times}; ${condition}; ${name} += lanes${times}`;
}

/** Lines, one for each of 0..n. */
export function each(n: number, line: (at: number) => string): string {
  return Array.from({ length: n }, (_, at) => line(at)).join('\n');
}
