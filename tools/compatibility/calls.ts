// The calls that a cell of the table is run with: small, never empty, with the operand in the layout.
import {
  encodeValues,
  inferShape,
  makeTensor,
  sizeOf,
  type DType,
  type Layout,
  type Op,
  type Tensor,
} from '@lacuna/ir';
import { cases, Random, randomCall, seedFor, type OpCall } from '@lacuna/testing';

const most = 3;
/** The operand that is in the layout, where it is not the first. */
const weights: Readonly<Record<string, number>> = {
  linear: 1,
  conv2d: 1,
  convTranspose2d: 1,
  where: 1,
};

/** Which operand of an op is in the layout. */
export const operandOf = ({ opName }: Op): number => weights[opName] ?? 0;

/** Calls of an op with the operand in a layout, in float32, none of them empty. */
export function callsOf(op: Op, layout: Layout): OpCall[] {
  const which = operandOf(op);
  const tried: readonly (readonly Layout[])[] = Array.from({ length: which + 1 }, (_, k) =>
    k === which ? [layout] : [],
  );
  const found: OpCall[] = [];
  for (let attempt = 0; attempt < 60 && found.length < most; attempt++) {
    const random = new Random(seedFor(attempt, `${op.opName} ${layout.layoutName}`), 0.3);
    const call = randomCall(random, op, cases.get(op)!, { layouts: tried });
    const operand = call.inputs[which];
    if (operand?.format.layout !== layout || operand.stored === 0) continue;
    const shapes = call.inputs.map((t) => t?.shape);
    const all = [...shapes, inferShape(op, shapes, call.attrs)].map((s) => (s ? sizeOf(s) : 1));
    if (all.every((size) => size > 0 && size <= 600)) found.push(call);
  }
  return found;
}

/** The same call with numbers of a type; whole ones are those of float32, times four and rounded. */
export const inType = (call: OpCall, dtype: DType): OpCall => ({
  ...call,
  inputs: call.inputs.map((t) => t && typed(t, dtype)),
});

/** Calls in whole numbers of an op that makes whole numbers of them; none for another. */
export function wholeCalls(op: Op, byLayout: readonly (readonly OpCall[])[]): OpCall[][] {
  const whole = (call: OpCall): boolean =>
    op.spec
      .reference(call.inputs, call.attrs)
      .every((x) => Number.isInteger(x) && Math.abs(x) < 2 ** 31);
  const broken = (call: OpCall): boolean =>
    op.spec
      .reference(call.inputs, call.attrs)
      .some((x) => Number.isFinite(x) && !Number.isInteger(x));
  const all = byLayout.map((calls) => calls.map((call) => inType(call, 'int32')));
  const takes = !all.flat().some(broken);
  // An index that names nothing gives NaN, which no whole number is.
  return all.map((calls) => (takes ? calls.filter(whole) : []));
}

function typed(tensor: Tensor, dtype: DType): Tensor {
  if (tensor.dtype !== 'float32' || dtype === 'float32') return tensor;
  const numbers = dtype === 'int32' ? tensor.values.map((x) => Math.round(4 * x)) : tensor.values;
  return makeTensor(tensor.pattern, dtype, encodeValues(dtype, numbers));
}
