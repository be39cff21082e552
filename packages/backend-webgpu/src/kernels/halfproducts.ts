// matmul and linear in arithmetic of 16 bits, for a W of float16 and several positions: one reads W once whatever it
// computes with, and is bound by that. The sums, the bias and y have 32 bits: see arithmetic.ts for what is rounded.
//
//   x [K, N] float16, N in fours    bound as it lies        otherwise    rounded into rows of whole vectors, once
//
//            bytes: 2 a value of W and of x; a packed x is read and written once more.
import {
  byteWidth,
  dense,
  sizeOf,
  type OperandType,
  type Rates,
  type Shape,
  type Signature,
} from '@lacuna/ir';
import { linear, matmul, type LinearAttrs, type MatmulAttrs } from '@lacuna/ops';
import { webgpuKernel, type WebgpuCall, type WebgpuKernel, type WebgpuOperand } from '../kernel.js';
import type { Arithmetic } from './arithmetic.js';
import { takesAlong } from './ending.js';
import type { Family } from './family.js';
import { pack } from './move2d.js';
import { product } from './product.js';
import { countsOf, isUneven } from './uneven.js';
import { isRead } from './values.js';

const half = 2;
/** Multiply-adds of 16 bits that a card makes in the time of one of 32. */
const rate = 2;

/** The right-hand side of a product: `[K, N]`, or turned `[N, K]`. */
interface Side {
  readonly k: number;
  readonly n: number;
  readonly turned: boolean;
}

const rows = (n: number): number => Math.ceil(n / 4) * 4;
const packs = (x: OperandType, { n, turned }: Side): boolean =>
  turned || n % 4 !== 0 || x.dtype !== 'float16';
const spaceOf = (x: OperandType, side: Side): number =>
  packs(x, side) ? side.k * rows(side.n) * half : 0;

function takes({ half: loop, uneven, takes: own }: Family, w: OperandType, arithmetic: Arithmetic) {
  if (w.dtype !== 'float16' || w.format.codec || w.varies || !own(w)) return false;
  if (uneven && w.pattern && isUneven(countsOf(w.pattern, false))) return false;
  return loop?.(w, arithmetic) !== undefined;
}

function seconds({ share }: Family, w: OperandType, x: OperandType, side: Side, rates: Rates) {
  const { k, n } = side;
  const moved = w.stored * half + k * n * byteWidth(x.dtype) + w.shape[0]! * n * 4;
  const space = spaceOf(x, side);
  return (
    (2 * w.stored * n) / (rates.flops * rate * share(w, n)) +
    (moved + 2 * space) / rates.bandwidth +
    (space > 0 ? 2 : 1) * rates.launch
  );
}

/** The kernels of a family that has loops of 16 bits, in one arithmetic. */
export function halfProducts(family: Family, arithmetic: Arithmetic): readonly WebgpuKernel[] {
  if (!family.half) return [];
  const own: Family = {
    ...family,
    name: `${family.name}-half`,
    inner: (w) => family.half!(w, arithmetic)!,
  };
  const fits = ({ inputs, output }: Signature, w: OperandType, x: OperandType, side: Side) =>
    side.n > 1 &&
    isRead(x) &&
    [inputs[2], output].every((t) => !t || t.dtype === 'float32') &&
    takes(family, w, arithmetic);
  const shared = { gives: dense, inline: true, epilogue: takesAlong } as const;

  const sideOf = ({ shape: [a, b] }: { readonly shape: Shape }, turned: boolean): Side =>
    turned ? { k: b!, n: a!, turned } : { k: a!, n: b!, turned };
  const right = (x: OperandType, attrs: object): Side =>
    sideOf(x, (attrs as MatmulAttrs).transposeB);
  const matmulHalf = webgpuKernel<MatmulAttrs>({
    ...shared,
    name: `${own.name}-matmul`,
    op: matmul,
    takes: [family.layout, dense],
    when: (signature) => {
      const { attrs, inputs } = signature;
      const [w, x] = [inputs[0]!, inputs[1]!];
      return !(attrs as MatmulAttrs).transposeA && fits(signature, w, x, right(x, attrs));
    },
    cost: ({ inputs: [w, x], attrs }, rates) => seconds(family, w!, x!, right(x!, attrs), rates),
    scratch: ({ inputs: [, x], attrs }) => spaceOf(x!, right(x!, attrs)),
    launch: (call) => {
      const [w, x, bias] = call.inputs;
      return run(own, call, [w!, x!, bias], right(x!.operand, call.attrs), false);
    },
  });

  const flat = ({ shape }: OperandType): Side => ({
    k: shape.at(-1)!,
    n: sizeOf(shape.slice(0, -1)),
    turned: true,
  });
  const linearHalf = webgpuKernel<LinearAttrs>({
    ...shared,
    name: `${own.name}-linear`,
    op: linear,
    takes: [dense, family.layout],
    when: (signature) => {
      const [x, w] = signature.inputs;
      return fits(signature, w!, x!, flat(x!));
    },
    cost: ({ inputs: [x, w] }, rates) => seconds(family, w!, x!, flat(x!), rates),
    scratch: ({ inputs: [x] }) => spaceOf(x!, flat(x!)),
    launch: (call) => {
      const [x, w, bias] = call.inputs;
      return run(own, call, [w!, x!, bias], flat(x!.operand), true);
    },
  });
  return [matmulHalf, linearHalf];
}

function run(
  family: Family,
  { output, scratch, tuning, attrs: { activation } }: WebgpuCall<MatmulAttrs | LinearAttrs>,
  [w, x, bias]: readonly [WebgpuOperand, WebgpuOperand, WebgpuOperand | undefined],
  side: Side,
  turnedY: boolean,
): ReturnType<WebgpuKernel['dispatches']> {
  const { k, n, turned } = side;
  const space = spaceOf(x.operand, side);
  const laid = space > 0 ? scratch(0, space) : x.values;
  const [down, right] = turned ? [1, k] : [n, 1];
  const lie = { rows: k, columns: n, down, right };
  const before = space > 0 ? [pack(lie, x.operand, x.values, laid, true)] : [];
  const lies = turnedY ? 'turned' : n % 4 === 0 ? 'whole' : 'single';
  // What has arithmetic of 16 bits is a card, and takes a card's loops.
  const card = { ...tuning, shared: true };
  const left = family.bind(w, n, card);
  const ends = { k, n, x: laid, bias: bias?.values, activation, y: output.values, lies } as const;
  return [...before, product(family, w.operand, left, { ...ends, tuning: card })];
}
