// When an elementwise op may run on stored values alone: every operand has the same pattern (or is one
// number), and what is not stored stays zero, or is not wanted, since the value is emitted into that pattern. An
// optimiser's step is this, for any layout.
import { assemble, dense, type Op, type OperandType, type Pattern } from '@lacuna/ir';
import { densify } from '@lacuna/ops';
import { isDenseType } from './types.js';

/**
 * The pattern that all operands share, if the op keeps it; or that of the first, which some ops always keep.
 * Emitted `into` that pattern, any elementwise op keeps it.
 */
export function sharedPattern(
  op: Op,
  attrs: object,
  types: readonly (OperandType | undefined)[],
  into?: Pattern,
): Pattern | undefined {
  if (op === densify) return undefined; // it is asked to leave the pattern
  if (types.some((t) => t?.varies)) return undefined; // the same room is not the same pattern
  if (op.spec.keepsPattern) return types[0]?.pattern;
  if (!op.spec.pointwise) return undefined;
  const sparse = types.filter((t) => t !== undefined && !isDenseType(t));
  const pattern = sparse[0]?.pattern;
  const numbers = types.some((t) => t !== undefined && isDenseType(t));
  const fits = types.every(
    (t) => t === undefined || t.pattern === pattern || (isDenseType(t) && t.stored === 1),
  );
  if (!pattern || !fits || types.some((t) => t && t.dtype !== sparse[0]!.dtype)) return undefined;
  if (into === pattern) return pattern;
  if (numbers) return op.spec.zeroToZero && types[0]?.pattern === pattern ? pattern : undefined;
  return zeroAtZero(op, attrs, types.length) ? pattern : undefined;
}

/** Whether f(0, …, 0) = 0, by asking the reference. */
function zeroAtZero(op: Op, attrs: object, operands: number): boolean {
  const zero = assemble(dense, [1], [0]);
  const [y] = op.spec.reference(
    Array.from({ length: operands }, () => zero),
    attrs,
  );
  return y === 0;
}
