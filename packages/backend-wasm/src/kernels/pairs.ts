// Two csr operands: products and elementwise sums, differences and products, linear in the entries that meet. The
// result is dense, or in compressed rows whose pattern is given.
import { dense, type Layout, type Op, type OperandType, type Signature } from '@lacuna/ir';
import { csr } from '@lacuna/layouts';
import { add, matmul, multiply, subtract, type MatmulAttrs } from '@lacuna/ops';
import { wasmKernel, type WasmKernel, type WasmOperand } from '../kernel.js';
import { coordinateBytes, lastOf } from './family.js';
import { moved } from './positions.js';
import { isFloat } from './products.js';

const float = 4;
/** Share of peak of multiply-adds into a row of sums, wherever its columns are. */
const scattered = 0.06;
/** Multiply-adds at the best rate in the time that an entry is merged. */
const merged = 60;

const rowsOf = (w: WasmOperand): readonly number[] => [
  w.buffer(1, 'pos'),
  w.buffer(1, 'crd'),
  coordinateBytes(w, 1),
  w.values,
];

/** Multiply-adds of a product, if entries of b lie evenly. */
const meetings = ([a, b]: readonly (OperandType | undefined)[]): number =>
  (a!.stored * b!.stored) / Math.max(1, b!.shape[0]!);

/** A pattern that is given, or dense. */
const given = ({ pattern, varies }: OperandType, gives: Layout): boolean =>
  gives === dense || (pattern !== undefined && !varies);

const product = (gives: Layout): WasmKernel =>
  wasmKernel<MatmulAttrs>({
    name: gives === dense ? 'csr-csr' : 'csr-csr-into',
    op: matmul,
    takes: [csr, csr],
    gives,
    when: ({ inputs, attrs, output }) => {
      const { transposeA, transposeB, activation } = attrs as MatmulAttrs;
      return (
        !transposeA &&
        !transposeB &&
        activation === 'none' &&
        inputs[2] === undefined &&
        isFloat(inputs, output) &&
        given(output, gives)
      );
    },
    cost: ({ inputs, output }, { flops, bandwidth, launch }) =>
      (2 * meetings(inputs)) / (flops * scattered) + (output.stored * float) / bandwidth + launch,
    scratch: ({ output }) => (gives === dense ? 0 : output.shape[1]! * float),
    launch: ({ inputs: [a, b], output, scratch }) => {
      const [m, n] = output.operand.shape as [number, number];
      const work = meetings([a!.operand, b!.operand]) / scattered + output.operand.stored;
      const both = [...rowsOf(a!), ...rowsOf(b!)];
      if (gives === dense)
        return [{ name: 'pair_product', units: m, args: [n, ...both, output.values], work }];
      const args = [...both, ...rowsOf(output), scratch];
      return [{ name: 'pair_product_into', units: m, args, work, own: lastOf(args, n * float) }];
    },
  });

/** A csr of the output's shape. */
const same = ({ format, shape }: OperandType, output: OperandType): boolean =>
  format.layout === csr && shape.join() === output.shape.join();

const joins: readonly (readonly [Op, number])[] = [
  [add, 0],
  [subtract, 1],
  [multiply, 2],
];

const join = (op: Op, kind: number, gives: Layout): WasmKernel => {
  const fits = ({ inputs, output }: Signature): boolean =>
    inputs.length === 2 &&
    inputs.every((t) => t!.dtype === 'float32' && same(t!, output)) &&
    output.dtype === 'float32' &&
    given(output, gives);
  const entries = (types: readonly (OperandType | undefined)[]): number =>
    types.reduce((sum, t) => sum + (t?.stored ?? 0), 0);
  return wasmKernel<object>({
    name: `csr-csr-${op.opName}${gives === dense ? '' : '-into'}`,
    op,
    takes: [csr, csr],
    gives,
    when: fits,
    cost: ({ inputs, output }, { flops, bandwidth, launch }) =>
      (2 * merged * entries(inputs)) / flops + (output.stored * float) / bandwidth + launch,
    exact: true,
    launch: ({ inputs: [a, b], output }) => {
      const [m, n] = output.operand.shape as [number, number];
      const both = [...rowsOf(a!), ...rowsOf(b!)];
      const work = entries([a!.operand, b!.operand]) * merged + output.operand.stored * moved;
      return gives === dense
        ? [{ name: 'pair_join', units: m, args: [n, kind, ...both, output.values], work }]
        : [{ name: 'pair_join_into', units: m, args: [kind, ...both, ...rowsOf(output)], work }];
    },
  });
};

/** matmul, add, subtract and multiply of two csr operands. */
export const pairKernels: readonly WasmKernel[] = [dense, csr].flatMap((gives) => [
  product(gives),
  ...joins.map(([op, kind]) => join(op, kind, gives)),
]);
