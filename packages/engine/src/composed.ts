// Compositions where a tensor is asked for: what has no meaning for parts that stand for one matrix is refused with what
// to write.
import { isComposed, SparseError, type Composed, type Tensor } from '@lacuna/ir';

const instead = {
  put: 'put its parts: mapParts(w, (part) => engine.put(part))',
  gradients: 'ask for those of its parts: gradients(loss, tensorsOf(w))',
  emit: 'emit its parts, or a value that is computed from it',
  loss: 'give a number, such as sum(multiply(error, error))',
} as const;

/** Throws `unsupported`: a composition was given to what takes tensors alone. */
export function refuseComposed(
  what: string,
  asked: keyof typeof instead,
  { shape }: Composed,
): never {
  throw new SparseError('unsupported', `${what} was given a composition [${shape.join(', ')}]`, {
    hint: instead[asked],
  });
}

/**
 * The parts of two compositions, one beside the other.
 *
 * @throws SparseError `shape` where one of them is none, or they are composed in other ways.
 */
export function pairedParts(
  target: Tensor | Composed,
  value: Tensor | Composed,
): readonly (readonly [Tensor | Composed, Tensor | Composed])[] {
  const [to, from] = [target, value].map((x) => (isComposed(x) ? x.apart().parts : {}));
  const names = Object.keys(to!);
  if (names.length === 0 || names.join() !== Object.keys(from!).join())
    throw new SparseError('shape', `${value.toString()} was assigned to ${target.toString()}`, {
      hint: 'assign a composition of the same parts, or each part for itself: tensorsOf(w)',
    });
  return names.map((name) => [to![name]!, from![name]!] as const);
}
