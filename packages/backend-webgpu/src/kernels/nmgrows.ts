// Sums of a pattern of an n:m:g on their way to its rows: which those are is a constant array of the program, so that
// patterns may be gone through by a loop, and the rows' sums stay variables of their own.
import { patternOrder } from '@lacuna/layouts';
import type { Nmg } from './nmgtable.js';
import { each } from './tile.js';

/** WGSL of an array with the rows of each pattern, in the layout's order. */
export const rowsOfPatterns = ({ n, m, patterns }: Nmg): string =>
  `const rows = array<u32, ${patterns * n}>(${patternOrder(n, m)
    .flat()
    .map((row) => `${row}u`)
    .join(', ')});`;

/** WGSL that adds sums `{t}{i}_{v}` of pattern `p` to the sums of its rows, which begin at a{`from`}. */
export function toRows({ n, m }: Nmg, wide: number, p: string, t: string, from = 0): string {
  const order = patternOrder(n, m);
  return each(n, (i) => {
    const taken = Array.from({ length: m }, (_, row) => row).filter((row) =>
      order.some((rows) => rows[i] === row),
    );
    return `let row${i} = rows[${p} * ${n}u + ${i}u];
${taken.map((row) => each(wide, (v) => `a${from + row}_${v} += select(vec4f(), ${t}${i}_${v}, row${i} == ${row}u);`)).join('\n')}`;
  });
}
