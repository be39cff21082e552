// A matrix turned, padded or decoded: what products do with an x that is written [N, K], whose rows are no whole
// vectors, or whose numbers have 16 bits.
//
//   out[r, c] = x[r·down + c·right]   for c < columns, 0 beyond, in rows of `width` vectors
//
//            a thread makes one vector; x is read once and out written once, 4 bytes each a number, or 2. Threads
//            follow the rows of x, so that reads are in whole cache lines whichever way it lies.
import type { OperandType } from '@lacuna/ir';
import type { Binding, Dispatch } from '../kernel.js';
import { program, type Program } from '../program.js';
import { valueParams, valuesOf, type Values } from './values.js';

const made = new Map<string, Program>();

function turn({ key: kind, params, buffer, head, value }: Values, half: boolean): Program {
  const key = `${kind} ${half}`;
  const found = made.get(key);
  if (found) return found;
  const turns = program({
    name: half ? 'turn-halves' : 'turn',
    params: ['rows', 'columns', 'width', 'down', 'right', ...params],
    buffers: [buffer, { name: 'out', type: half ? 'array<vec2u>' : 'array<vec4f>', write: true }],
    workgroup: [8, 8, 1],
    head,
    body: `
let down = p.down < p.right;
let r = select(id.y, id.x, down);
let c4 = select(id.x, id.y, down);
if (r >= p.rows || c4 >= p.width) { return; }
let at = r * p.down + c4 * 4u * p.right;
var v = vec4f();
for (var i = 0u; i < 4u; i++) {
  if (c4 * 4u + i < p.columns) { v[i] = ${value('at + i * p.right')}; }
}
out[r * p.width + c4] = ${half ? 'vec2u(pack2x16float(v.xy), pack2x16float(v.zw))' : 'v'};`,
  });
  made.set(key, turns);
  return turns;
}

/** How a matrix lies in memory, in numbers. */
export interface Lie {
  readonly rows: number;
  readonly columns: number;
  readonly down: number;
  readonly right: number;
}

const limit = 65535;

/**
 * Copies into rows of whole vectors of float32, or of float16 for `half`, filled up with zeros; `x` holds values of
 * `type`.
 */
export function pack(
  lie: Lie,
  type: OperandType,
  x: Binding,
  out: Binding,
  half = false,
): Dispatch {
  const { rows, columns, down, right } = lie;
  const width = Math.ceil(columns / 4);
  const [a, b] = down < right ? [rows, width] : [width, rows];
  return {
    program: turn(valuesOf(type, false, 'x'), half),
    params: [rows, columns, width, down, right, ...valueParams(type)],
    buffers: [x, out],
    workgroups: [Math.min(limit, Math.ceil(a / 8)), Math.min(limit, Math.ceil(b / 8)), 1],
  };
}
