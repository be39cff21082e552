// Products of dense matrices, either of them turned: in pairs, and with a turned left-hand side.
import { dense, sizeOf, type Signature } from '@lacuna/ir';
import {
  batchMatmul,
  batchSizes,
  matmul,
  type BatchMatmulAttrs,
  type MatmulAttrs,
} from '@lacuna/ops';
import { wasmKernel, type Exports, type Stage, type WasmKernel } from '../kernel.js';
import { registers } from './dense.js';
import { activationCode, large, moved, positions } from './positions.js';

const float = 4;
const panel = 8;
const isFloat = ({ inputs, output }: Signature): boolean =>
  [...inputs, output].every((t) => t === undefined || t.dtype === 'float32');

/** Sizes of y [M, N] = a·b, and whether a is written [K, M], b [N, K]. */
export interface ProductSizes {
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** A product of two dense matrices. */
export interface Product {
  /** Floats of scratch. */
  readonly floats: number;
  readonly bind: (
    exports: Exports,
    at: { readonly a: number; readonly b: number; readonly y: number; readonly scratch: number },
    end?: { readonly bias: number; readonly act: number },
  ) => readonly Stage[];
}

/** The product: a turned first where it is written so, b packed as it lies. */
export function product({ m, k, n, transposeA, transposeB }: ProductSizes): Product {
  const lie = positions({ k, n, rows: k, better: large(k, n, m), transposed: transposeB, panel });
  const turned = transposeA ? m * k : 0;
  return {
    floats: turned + lie.floats,
    bind(exports, { a, b, y, scratch }, { bias, act } = { bias: 0, act: 0 }) {
      const [w, panels] = [transposeA ? scratch : a, scratch + turned * float];
      const x = lie.arguments(b, panels);
      const regs = registers(exports);
      const turn: Stage = {
        name: 'transpose_2d',
        units: m,
        args: [k, a, m, w, k],
        work: m * k * moved,
        grain: 4,
      };
      const args = [k, n, w, k, ...x, bias, act, y, n, x[2], regs];
      const work = (m * k * n) / shareOf(n);
      return [
        ...(transposeA ? [turn] : []),
        ...lie.pack(b, panels),
        { name: 'dense', units: m, args, work, grain: 6 },
      ];
    },
  };
}

/** The share of peak that a dense product reaches for n positions. */
const shareOf = (n: number): number => 0.9 * Math.min(1, (n + 4) / 16);

/** Seconds of a product: arithmetic at most of the peak, and every number moved twice. */
export function productSeconds(
  { m, k, n }: ProductSizes,
  times: number,
  { flops, bandwidth, launch }: { flops: number; bandwidth: number; launch: number },
): number {
  const bytes = 2 * (m * k + k * n + m * n) * float;
  return times * ((2 * m * k * n) / (flops * shareOf(n)) + bytes / bandwidth) + launch;
}

const sizesOfPairs = ({ inputs, attrs }: Pick<Signature, 'inputs' | 'attrs'>): ProductSizes =>
  ({
    ...batchSizes(inputs[0]!.shape, inputs[1]!.shape, attrs as BatchMatmulAttrs),
    ...(attrs as BatchMatmulAttrs),
  }) satisfies ProductSizes;

const batchKernel = wasmKernel<BatchMatmulAttrs>({
  name: 'batchMatmul',
  op: batchMatmul,
  takes: [dense, dense],
  gives: dense,
  when: isFloat,
  scratch: (signature) => product(sizesOfPairs(signature)).floats * float,
  cost: (signature, rates) =>
    productSeconds(sizesOfPairs(signature), sizeOf(signature.inputs[0]!.shape.slice(0, -2)), rates),
  launch: ({ exports, attrs, inputs, output, scratch }) => {
    const [left, right] = [inputs[0]!, inputs[1]!];
    const sizes = sizesOfPairs({ inputs: [left.operand, right.operand], attrs });
    const { m, k, n } = sizes;
    const one = product(sizes);
    const count = sizeOf(left.operand.shape.slice(0, -2));
    return Array.from({ length: count }, (_, at) =>
      one.bind(exports, {
        a: left.values + at * m * k * float,
        b: right.values + at * k * n * float,
        y: output.values + at * m * n * float,
        scratch,
      }),
    ).flat();
  },
});

const turnedSizes = ({ inputs, attrs }: Pick<Signature, 'inputs' | 'attrs'>): ProductSizes => {
  const { transposeA, transposeB } = attrs as MatmulAttrs;
  const [k, m] = inputs[0]!.shape as [number, number];
  const n = inputs[1]!.shape[transposeB ? 0 : 1]!;
  return { m, k, n, transposeA, transposeB };
};

/** matmul with a written [K, M], as gradients of weights want it. */
const turnedKernel = wasmKernel<MatmulAttrs>({
  name: 'dense-matmul-turned',
  op: matmul,
  takes: [dense, dense],
  gives: dense,
  when: (signature) => (signature.attrs as MatmulAttrs).transposeA && isFloat(signature),
  scratch: (signature) => product(turnedSizes(signature)).floats * float,
  cost: (signature, rates) => productSeconds(turnedSizes(signature), 1, rates),
  launch: ({ exports, attrs, inputs, output, scratch }) => {
    const [a, b] = [inputs[0]!, inputs[1]!];
    return product(turnedSizes({ inputs: [a.operand, b.operand], attrs })).bind(
      exports,
      { a: a.values, b: b.values, y: output.values, scratch },
      { bias: inputs[2]?.values ?? 0, act: activationCode[attrs.activation] },
    );
  },
});

/** batchMatmul, and matmul with a turned left-hand side. */
export const batchKernels: readonly WasmKernel[] = [batchKernel, turnedKernel];
