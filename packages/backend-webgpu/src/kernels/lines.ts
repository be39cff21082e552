// Ops along the lines of a tensor: element e of line (o, i) lies at (o·extent + e)·inner + i. The body of a
// kernel is written once, and compiled in two forms, which give the threads of a line different parts of it.
//
//   a thread a line       neighbouring threads take neighbouring lines: whole cache lines where inner > 1
//   a workgroup a line    64 threads take every 64th element, and meet in workgroup memory, in a fixed order:
//                         for long lines that lie in one piece, on machines where that memory is quick
import { sizeOf, type Shape } from '@lacuna/ir';
import type { Dispatch, Tuning } from '../kernel.js';
import { grid, item, program, variants, type Buffer, type Program } from '../program.js';
import { absent, bits } from './math.js';

const size = 64;
/** A line that is worth a workgroup. */
const long = 32;

/** The lines of a shape along a dimension. */
export interface Lines {
  readonly outer: number;
  readonly extent: number;
  readonly inner: number;
}

/** The lines of a shape along `axis`, −1 being the last. */
export function linesOf(shape: Shape, axis: number): Lines {
  const along = axis < 0 ? axis + shape.length : axis;
  return {
    outer: sizeOf(shape.slice(0, along)),
    extent: shape[along]!,
    inner: sizeOf(shape.slice(along + 1)),
  };
}

/** What a kernel along lines is compiled from. */
export interface LineSpec {
  readonly name: string;
  /** Beside `lines`, `extent` and `inner`. */
  readonly params?: readonly string[];
  readonly buffers: readonly Buffer[];
  readonly head?: string;
  /**
   * WGSL that sees `line`, its outer and inner coordinate `o` and `i`, the place `start` of its first element,
   * and which of `threads` threads this is, `me`; {@link elements} goes over a thread's part of the line, and
   * `sumOf(v, me)`, `mostOf(v, me)` and `sumBefore(v, me)` join the threads.
   */
  readonly body: string;
}

/** WGSL: over the elements of this thread, `e` of the line, at the place `at`. */
export const elements = (body: string): string => `
for (var e = me; e < p.extent; e += threads) {
  let at = start + e * p.inner;
  ${body.trim()}
}`;

const larger = `
fn larger(a: f32, b: f32) -> f32 { return select(a, b, b > a || absent(b)); }`;

const alone = `${absent}${bits}${larger}
const threads = 1u;
fn sumOf(v: f32, me: u32) -> f32 { return v; }
fn mostOf(v: f32, me: u32) -> f32 { return v; }
fn sumBefore(v: f32, me: u32) -> f32 { return 0.0; }
`;

const tree = (name: string, join: string): string => `
fn ${name}(v: f32, me: u32) -> f32 {
  workgroupBarrier();
  meet[me] = v;
  for (var half = threads / 2u; half > 0u; half >>= 1u) {
    workgroupBarrier();
    if (me < half) { meet[me] = ${join}; }
  }
  workgroupBarrier();
  return meet[0];
}`;

const together = `${absent}${bits}${larger}
const threads = ${size}u;
var<workgroup> meet: array<f32, ${size}>;
${tree('sumOf', 'meet[me] + meet[me + half]')}
${tree('mostOf', 'larger(meet[me], meet[me + half])')}
fn sumBefore(v: f32, me: u32) -> f32 {
  workgroupBarrier();
  meet[me] = v;
  workgroupBarrier();
  var sum = 0.0;
  for (var k = 0u; k < me; k++) { sum += meet[k]; }
  return sum;
}
`;

interface Form extends LineSpec {
  readonly joined: boolean;
}

const lineProgram: (form: Form) => Program = variants(
  ({ name, params = [], buffers, head = '', body, joined }: Form) =>
    program({
      name: joined ? `${name}-joined` : name,
      params: ['lines', 'extent', 'inner', ...params],
      buffers,
      workgroup: [size, 1, 1],
      head: (joined ? together : alone) + head,
      body: `
${joined ? 'let line = group.x + group.y * groups.x;' : `let line = ${item(size)};`}
if (line >= p.lines) { return; }
let me = ${joined ? 'local.x' : '0u'};
let o = line / p.inner;
let i = line % p.inner;
let start = o * p.extent * p.inner + i;
${body.trim()}`,
    }),
);

/** One run over all lines. */
export function overLines(
  spec: LineSpec,
  { outer, extent, inner }: Lines,
  tuning: Pick<Tuning, 'shared'>,
  params: readonly number[],
  buffers: Dispatch['buffers'],
): Dispatch {
  const joined = tuning.shared && inner === 1 && extent >= long;
  const lines = outer * inner;
  return {
    program: lineProgram({ ...spec, joined }),
    params: [lines, extent, inner, ...params],
    buffers,
    workgroups: grid(lines, joined ? 1 : size),
  };
}
