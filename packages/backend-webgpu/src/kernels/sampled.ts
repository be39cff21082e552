// Products of two dense matrices where a pattern has places: the gradient of a sparse weight, emitted into the
// weight's pattern, whatever its layout. A thread makes four stored values one after another; which rows they
// want says the flat index.
//
//   values(i, j) = Σd A[i, d]·B[j, d]                dW = dyᵀ·x for y = x·Wᵀ
//
//            four of one row i, as in csr:       a step of four d: 1 vector of A, 4 of B, 16 multiply-adds
//            four of one column j, as in bcsr(4,1) and n:m:g with n = 4:   4 of A, 1 of B
//            any other four:                     4 of A, 4 of B
//
//            Rows of both are read along D, so that what is given the other way round is turned first, at 8
//            bytes a number. Threads of a workgroup have neighbouring values, whose rows of A are the same and
//            come from caches; all threads of a group run through D together. Workgroups: values / 256.
import { anyLayout, dense, type Signature } from '@lacuna/ir';
import { matmul, type MatmulAttrs } from '@lacuna/ops';
import {
  webgpuKernel,
  type Binding,
  type Dispatch,
  type WebgpuKernel,
  type WebgpuOperand,
} from '../kernel.js';
import { grid, item, program } from '../program.js';
import { isFloat } from './dims.js';
import { pack, type Lie } from './move2d.js';
import { each } from './tile.js';

const size = 64;
const lanes = ['x', 'y', 'z', 'w'] as const;

/** Sums of four values, whose rows of A and of B are one, or one each. */
const sums = (a: 'one' | 'four', b: 'one' | 'four'): string => `
for (var d = 0u; d < p.d; d++) {
  ${each(a === 'one' ? 1 : 4, (t) => `let a${t} = a[ai.${lanes[t]} + d];`)}
  ${each(b === 'one' ? 1 : 4, (t) => `let b${t} = b[bj.${lanes[t]} + d];`)}
  ${each(4, (t) => `s${t} = fma(a${a === 'one' ? 0 : t}, b${b === 'one' ? 0 : t}, s${t});`)}
}`;

const sampledProgram = program({
  name: 'sampled',
  params: ['count', 'k', 'd'],
  buffers: [
    { name: 'index', type: 'array<vec4u>' },
    { name: 'a', type: 'array<vec4f>' },
    { name: 'b', type: 'array<vec4f>' },
    { name: 'y', type: 'array<f32>', write: true },
  ],
  workgroup: [size, 1, 1],
  body: `
let quad = ${item(size)};
let first = quad * 4u;
if (first >= p.count) { return; }
let given = index[quad];
let outside = given == vec4u(0xffffffffu);
let place = select(given, vec4u(given.x), outside);
let ai = place / p.k * p.d;
let bj = place % p.k * p.d;
${each(4, (t) => `var s${t} = vec4f();`)}
if (all(ai == ai.xxxx)) {${sums('one', 'four')}
} else if (all(bj == bj.xxxx)) {${sums('four', 'one')}
} else {${sums('four', 'four')}
}
${each(
  4,
  (t) =>
    `if (first + ${t}u < p.count) { y[first + ${t}u] = select(dot(s${t}, vec4f(1.0)), 0.0, outside.${lanes[t]}); }`,
)}`,
});

const float = 4;
const whole = (n: number): number => Math.ceil(n / 4) * 4;
const apart = (bytes: number): number => Math.ceil(bytes / 256) * 256;

/** How A and B lie, as rows along D, and whether they must be written so first. */
function sides({ inputs: [a, b], attrs }: Pick<Signature, 'inputs' | 'attrs'>) {
  const { transposeA, transposeB } = attrs as MatmulAttrs;
  const [m, d] = transposeA ? [a!.shape[1]!, a!.shape[0]!] : [a!.shape[0]!, a!.shape[1]!];
  const k = b!.shape[transposeB ? 0 : 1]!;
  const lie = (rows: number, turned: boolean): Lie & { readonly bytes: number } => ({
    rows,
    columns: d,
    down: turned ? 1 : d,
    right: turned ? rows : 1,
    bytes: turned || d % 4 !== 0 ? apart(rows * whole(d) * float) : 0,
  });
  return { d, k, a: lie(m, transposeA), b: lie(k, !transposeB) };
}

/** matmul emitted into a pattern. */
export const sampledKernel: WebgpuKernel = webgpuKernel<MatmulAttrs>({
  name: 'sampled-matmul',
  op: matmul,
  takes: [dense, dense],
  gives: anyLayout,
  index: ['output'],
  when: (signature) =>
    (signature.attrs as MatmulAttrs).activation === 'none' &&
    signature.inputs[2] === undefined &&
    signature.output.shape.length === 2 &&
    isFloat(signature),
  cost: (signature, { flops, bandwidth, launch }) => {
    const { d, a, b } = sides(signature);
    const share = 0.4 * (d / (d + 16));
    const moves = [a, b].filter(({ bytes }) => bytes > 0);
    const moved = moves.reduce((sum, { bytes }) => sum + 2 * bytes, 0);
    return (
      (2 * signature.output.stored * d) / (flops * Math.max(0.01, share)) +
      moved / bandwidth +
      (1 + moves.length) * launch
    );
  },
  scratch: (signature) => {
    const { a, b } = sides(signature);
    return a.bytes + b.bytes;
  },
  launch: ({ attrs, inputs: [a, b], output, scratch }) => {
    const { d, k, ...lies } = sides({ inputs: [a!.operand, b!.operand], attrs });
    const before: Dispatch[] = [];
    const rows = (lie: typeof lies.a, { operand, values }: WebgpuOperand, at: number): Binding => {
      if (lie.bytes === 0) return values;
      const packed = scratch(at, lie.rows * whole(d) * float);
      if (d > 0) before.push(pack(lie, operand, values, packed));
      return packed;
    };
    const left = rows(lies.a, a!, 0);
    const right = rows(lies.b, b!, lies.a.bytes);
    const { stored } = output.operand;
    const quads = Math.ceil(stored / 4);
    return [
      ...before,
      {
        program: sampledProgram,
        params: [stored, k, Math.ceil(d / 4)],
        buffers: [output.index, left, right, output.values],
        workgroups: grid(quads, size),
      },
    ];
  },
});
