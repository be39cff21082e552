// Products of two dense matrices where a pattern has places: the gradient of a sparse weight, emitted into the
// weight's pattern. Rows of both are read along D, so what is given the other way round is turned first.
//
//   values(i, j) = Σd A[i, d]·B[j, d]                 dW = dyᵀ·x for y = x·Wᵀ
import { anyLayout, dense, type Layout, type OperandType, type Signature } from '@lacuna/ir';
import { bcsr, csc, csr, nmg } from '@lacuna/layouts';
import { matmul, type MatmulAttrs } from '@lacuna/ops';
import { wasmKernel, type Stage, type WasmKernel, type WasmOperand } from '../kernel.js';
import { coordinateBytes } from './family.js';
import { moved } from './positions.js';
import { isFloat } from './products.js';

/** A matrix of rows along D: where it is, and how far apart rows are. */
type Side = readonly [at: number, apart: number];

interface Sampler {
  readonly name: string;
  readonly gives: Layout;
  readonly takes: (output: OperandType) => boolean;
  readonly index?: true;
  /** Share of peak that it reaches for sums of d terms. */
  readonly share: (output: OperandType, d: number) => number;
  /** Words of scratch. */
  readonly scratch: (output: OperandType) => number;
  readonly bind: (
    output: WasmOperand,
    a: Side,
    b: Side,
    d: number,
    scratch: number,
  ) => Omit<Stage, 'work'>;
}

/** Groups of rows, blocks, and single rows. */
const rows = (gives: Layout): Sampler => ({
  name: gives === csr ? 'sampled-csr' : 'sampled-rows',
  gives,
  takes: () => true,
  share: ({ format }, d) => ((format.params['rows'] ?? 1) % 2 === 0 ? 0.9 : 0.6) * (d / (d + 16)),
  scratch: ({ shape }) => 4 * shape[1]! + 8,
  bind: (output, a, b, d, scratch) => {
    const [m, k] = output.operand.shape as [number, number];
    const { rows: r = 1, columns: c = 1 } = output.operand.format.params;
    const crd = [output.buffer(1, 'crd'), coordinateBytes(output, 1)];
    const args = [m, k, r, c, output.buffer(1, 'pos'), ...crd, ...a, ...b, d, output.values];
    const own = { arg: args.length, bytes: (4 * k + 8) * 4 };
    return { name: 'sampled_rows', units: Math.ceil(m / r), args: [...args, scratch], own };
  },
});

const grouped: Sampler = {
  name: 'sampled-nmg',
  gives: nmg,
  takes: ({ shape, format }) =>
    shape.length === 2 && format.params['m']! <= 256 && format.params['along']! <= 1,
  share: ({ format }, d) => (format.params['n'] === 1 ? 0.6 : 0.85) * (d / (d + 16)),
  scratch: ({ format }) => 2 * format.params['g']!,
  bind: (output, a, b, d, scratch) => {
    const { n, m: block, g, along } = output.operand.format.params as Record<string, number>;
    const { levels } = output.operand.pattern;
    const [m, k] = output.operand.shape;
    const order = [levels[2]!.size, output.buffer(4, 'table')];
    const crd = [output.buffer(3, 'crd'), coordinateBytes(output, 3)];
    const both = along === 0 ? [m!, k!] : [k!, m!];
    const given = along === 0 ? [...a, ...b] : [...b, ...a];
    const args = [...both, n!, block!, g!, ...order, ...crd, ...given, d, output.values];
    const own = { arg: args.length, bytes: 2 * g! * 4 };
    return { name: 'sampled_nmg', units: levels[0]!.size, args: [...args, scratch], own };
  },
};

const any: Sampler = {
  name: 'sampled',
  gives: anyLayout,
  takes: ({ shape }) => shape.length === 2,
  index: true,
  share: (_, d) => 0.5 * (d / (d + 48)),
  scratch: () => 0,
  bind: (output, a, b, d) => {
    const { stored, shape, format } = output.operand;
    const turned = Number(format.layout === csc);
    const args = [output.index, shape[1]!, turned, ...a, ...b, d, output.values];
    return { name: 'sampled_index', units: stored, args, grain: 8 };
  },
};

const float = 4;

/** M, K and D of a call, and the numbers that must be turned first. */
function problem({ inputs: [a, b], attrs }: Pick<Signature, 'inputs' | 'attrs'>) {
  const { transposeA, transposeB } = attrs as MatmulAttrs;
  const [m, d] = transposeA ? [a!.shape[1]!, a!.shape[0]!] : [a!.shape[0]!, a!.shape[1]!];
  const k = b!.shape[transposeB ? 0 : 1]!;
  return { m, k, d, turnA: transposeA ? m * d : 0, turnB: transposeB ? 0 : k * d };
}

function sampled({ name, gives, takes, index, share, scratch, bind }: Sampler): WasmKernel {
  return wasmKernel<MatmulAttrs>({
    name,
    op: matmul,
    takes: [dense, dense],
    gives,
    ...(index && { index: ['output' as const] }),
    when: ({ inputs, attrs, output }) =>
      (attrs as MatmulAttrs).activation === 'none' &&
      inputs[2] === undefined &&
      isFloat(inputs, output) &&
      takes(output),
    cost: (signature, { flops, bandwidth, launch }) => {
      const { d, turnA, turnB } = problem(signature);
      const { output } = signature;
      const sums = (2 * output.stored * d) / (flops * Math.max(0.01, share(output, d)));
      return sums + ((turnA + turnB) * 4 * float) / bandwidth + launch;
    },
    scratch: (signature) => {
      const { turnA, turnB } = problem(signature);
      return (turnA + turnB + scratch(signature.output)) * float;
    },
    launch: ({ attrs, inputs: [a, b], output, scratch: at }) => {
      const { m, k, d, turnA, turnB } = problem({ inputs: [a!.operand, b!.operand], attrs });
      const turn = (from: WasmOperand, to: number, rowsOf: number): Stage => ({
        name: 'transpose_2d',
        units: rowsOf,
        args: [d, from.values, rowsOf, to, d],
        work: rowsOf * d * moved,
        grain: 4,
      });
      const [aAt, bAt] = [turnA ? at : a!.values, turnB ? at + turnA * float : b!.values];
      const sums = bind(output, [aAt, d], [bAt, d], d, at + (turnA + turnB) * float);
      const work = (output.operand.stored * d) / Math.max(0.01, share(output.operand, d));
      return [
        ...(turnA ? [turn(a!, aAt, m)] : []),
        ...(turnB ? [turn(b!, bAt, k)] : []),
        { ...sums, work },
      ];
    },
  });
}

/** matmul emitted into patterns. */
export const sampledKernels: readonly WasmKernel[] = [rows(csr), rows(bcsr), grouped, any].map(
  sampled,
);
