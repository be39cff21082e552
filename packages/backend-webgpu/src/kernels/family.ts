// A family is one layout of the left-hand side of a product, as an inner loop; the shell around it is shared.
// Each thread makes a tile of Y: some rows by `wide` vectors of four columns, sums in registers.
//
//   Y[m, c] = act( Σk W[m, k]·X[k, c] + bias[m] )
//
//            c: 4·wide columns            neighbouring threads take neighbouring columns, so that x is
//          ┌───────────────┐              read in whole cache lines, and share their rows of W, so that
//   rows   │ a0_0     a0_1 │  a thread    weights are broadcast; every edge is a guard outside the loop
//          │ a1_0     a1_1 │
//          └───────────────┘
import type { Derive, Layout, OperandType } from '@lacuna/ir';
import { activate, rangeParams } from './activation.js';
import { float32, type Arithmetic } from './arithmetic.js';
import type { Binding, Tuning, WebgpuOperand } from '../kernel.js';
import { program, variants, type Buffer, type Program } from '../program.js';
import type { Uneven } from './uneven.js';
import { declareSums, each, settle } from './tile.js';
import type { Values } from './values.js';

/** How an inner loop is compiled for a weight. */
export interface Inner {
  /** Distinguishes programs: everything that the code depends on. */
  readonly key: string;
  /** Rows that a thread makes, and threads that all rows need. */
  readonly rows: number;
  readonly items: number;
  /** WGSL of row r's index, r of the thread's rows; `item` is the thread's. */
  readonly row: (r: number) => string;
  /** Names of further parameters, before those of the values. */
  readonly params: readonly string[];
  /** The structure, if any. */
  readonly buffers: readonly Buffer[];
  /** How the values of W are read: their buffer follows the structure. */
  readonly values: Values;
  readonly head?: string;
  /** Threads of a workgroup load tiles together: all of them go through the loop, in this shape. */
  readonly together?: Pick<Shell, 'wide' | 'across'>;
  /** What it computes with; default float32. */
  readonly arithmetic?: Arithmetic;
  /** x is seen in single numbers: for one position, where entries gather from it. */
  readonly gathers?: boolean;
  /** For one position: the loop goes from `lane` in steps of `lanes`, the lanes of a subgroup sharing its rows. */
  readonly spread?: boolean;
  /** For one position: the type of x's elements, where it is neither `vec4f` nor gathered. */
  readonly x?: string;
  /** The loop can see x in tiles of `wide` vectors, where its rows are whole ones. */
  readonly tiles?: boolean;
  /** WGSL that adds to a{r}_{v}: see {@link addTo}; `c` is the first vector column, `p.ldx` vectors a row of x. */
  readonly loop: (wide: number, tiled: boolean) => string;
}

/** Products with one layout on the left. */
export interface Family {
  readonly name: string;
  readonly layout: Layout;
  /** W is stored `[K, M]`: the product with its transpose, over the same storage. */
  readonly turned?: true;
  /** It takes W in any layout, and patterns that every run finds. */
  readonly varying?: true;
  /** What it reads beside W's structure. */
  readonly derive?: Derive;
  /** Bytes that it reads of that. */
  readonly beside?: (w: OperandType) => number;
  /** Whether W, an operand of `layout`, is one that the kernel takes. */
  readonly takes: (w: OperandType) => boolean;
  /** Share of peak that it reaches for n positions, of the stored entries' arithmetic. */
  readonly share: (w: OperandType, n: number) => number;
  /** Vectors of columns that a thread makes for n > 4 positions; default 2. */
  readonly wide?: (n: number, w: OperandType) => number;
  readonly inner: (w: OperandType, tuning: Tuning, n: number) => Inner;
  readonly bind: (
    w: WebgpuOperand,
    n: number,
    tuning: Tuning,
  ) => {
    readonly params: readonly number[];
    readonly buffers: readonly (Binding | undefined)[];
  };
  /** The loop in another arithmetic, for several positions; undefined, or absent: there is none for W. */
  readonly half?: (w: OperandType, arithmetic: Arithmetic) => Inner | undefined;
  /** One position: x is a contiguous vector. `spread`: its loop may be shared by the lanes of a subgroup. */
  readonly vector: (w: OperandType, spread: boolean) => Inner;
  /** How it is cut where rows are not alike; absent: its rows are, or it has no streams to cut. */
  readonly uneven?: Uneven;
}

/** What the shell is compiled for. */
export interface Shell {
  readonly wide: number;
  /** An element of x is a tile of so many vectors: one place is computed, and checked against its end, for all. */
  readonly tiled?: boolean;
  /** Threads of a workgroup along columns; 64 in all. */
  readonly across: number;
  /** How y lies: in rows of whole vectors, of single numbers, or turned, `[N, M]`. */
  readonly lies: 'whole' | 'single' | 'turned';
}

export const threads = 64;

/**
 * The shell's own parameters, before the family's: vectors of a row of x, and rows of all of y, of which these may be a
 * part.
 */
export const shellParams = ['m', 'k', 'n', 'ldx', 'ldy', 'items', ...rangeParams] as const;

/** A family's program for a shell. */
export const shell = (name: string, inner: Inner): ((variant: Shell) => Program) => {
  const key = keyOf(name, inner);
  let made = shells.get(key);
  if (!made) shells.set(key, (made = variants((v: Shell) => build(name, inner, v))));
  return made;
};
const shells = new Map<string, (variant: Shell) => Program>();

export const keyOf = (name: string, { key, values, arithmetic }: Inner): string =>
  `${name} ${key} ${values.key} ${arithmetic?.key ?? ''}`;

/** What both shells declare of an inner loop. */
export const declared = ({ params, buffers, values, arithmetic, head = '' }: Inner) => ({
  params: [...shellParams, ...params, ...values.params],
  buffers: [...buffers, values.buffer],
  head: activate('vec4f') + (arithmetic?.head ?? '') + values.head + head,
});

/** WGSL that finishes the sums a{r}_{v} of `row` and writes them. */
export function storeRow(r: number, { wide, lies }: Pick<Shell, 'wide' | 'lies'>): string {
  const store = (v: number): string =>
    lies === 'whole'
      ? `y[row * (p.n / 4u) + c + ${v}u] = out;`
      : each(4, (i) => {
          const place = lies === 'turned' ? `(at + ${i}u) * p.ldy + row` : `row * p.n + at + ${i}u`;
          return `if (at + ${i}u < p.n) { y[${place}] = out[${i}]; }`;
        });
  return `
    let b = bias[row]; // an empty one reads as zero
    ${each(
      wide,
      (v) => `{
      let at = (c + ${v}u) * 4u;
      ${v > 0 ? 'if (at < p.n) ' : ''}{
        let out = activate(a${r}_${v} + vec4f(b));
        ${store(v)}
      }
    }`,
    )}`;
}

function build(name: string, inner: Inner, { wide, across, lies, tiled = false }: Shell): Program {
  const rows = each(
    inner.rows,
    (r) => `{
  let row = ${inner.row(r)};
  if (row < p.m) {${storeRow(r, { wide, lies })}
  }
}`,
  );
  const { params, buffers, head } = declared(inner);
  const { arithmetic = float32 } = inner;
  return program({
    name,
    params,
    ...(arithmetic.enable && { enable: [arithmetic.enable] }),
    head: tiled ? `alias Tile${wide} = array<vec4f, ${wide}>;\n${head}` : head,
    buffers: [
      ...buffers,
      { name: 'x', type: `array<${tiled ? `Tile${wide}` : arithmetic.stored}>` },
      { name: 'bias', type: 'array<f32>' },
      { name: 'y', type: lies === 'whole' ? 'array<vec4f>' : 'array<f32>', write: true },
    ],
    workgroup: [across, threads / across, 1],
    body: `
let c = id.x * ${wide}u;
let item = (group.y + group.z * groups.y) * ${threads / across}u + local.y;
${inner.together ? '' : 'if (c * 4u >= p.n || item >= p.items) { return; }'}
${declareSums(inner.rows, wide, arithmetic)}
${inner.loop(wide, tiled)}${settle(inner.rows, wide, arithmetic)}
${inner.together ? `if (c * 4u < p.n && item < p.items) {\n${rows}\n}` : rows}`,
  });
}
