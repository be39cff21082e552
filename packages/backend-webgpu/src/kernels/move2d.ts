// A matrix turned or padded: what products do with an x that is written [N, K], or whose rows are no whole
// vectors.
//
//   out[r, c] = x[r·down + c·right]   for c < columns, 0 beyond, in rows of `width` vectors
//
//            a thread makes one vector; x is read once and out written once, 4 bytes each a number. Threads
//            follow the rows of x, so that reads are in whole cache lines whichever way it lies.
import type { Binding, Dispatch } from '../kernel.js';
import { program } from '../program.js';

const turn = program({
  name: 'turn',
  params: ['rows', 'columns', 'width', 'down', 'right'],
  buffers: [
    { name: 'x', type: 'array<f32>' },
    { name: 'out', type: 'array<vec4f>', write: true },
  ],
  workgroup: [8, 8, 1],
  body: `
let down = p.down < p.right;
let r = select(id.y, id.x, down);
let c4 = select(id.x, id.y, down);
if (r >= p.rows || c4 >= p.width) { return; }
let at = r * p.down + c4 * 4u * p.right;
var v = vec4f();
for (var i = 0u; i < 4u; i++) {
  if (c4 * 4u + i < p.columns) { v[i] = x[at + i * p.right]; }
}
out[r * p.width + c4] = v;`,
});

/** How a matrix lies in memory, in numbers. */
export interface Lie {
  readonly rows: number;
  readonly columns: number;
  readonly down: number;
  readonly right: number;
}

const limit = 65535;

/** Copies into rows of whole vectors, filled up with zeros. */
export function pack({ rows, columns, down, right }: Lie, x: Binding, out: Binding): Dispatch {
  const width = Math.ceil(columns / 4);
  const [a, b] = down < right ? [rows, width] : [width, rows];
  return {
    program: turn,
    params: [rows, columns, width, down, right],
    buffers: [x, out],
    workgroups: [Math.min(limit, Math.ceil(a / 8)), Math.min(limit, Math.ceil(b / 8)), 1],
  };
}
