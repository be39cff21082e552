// A call of an op with everything that it needs: operands in layouts, attributes, and words for messages.
import {
  assemble,
  dense,
  inferShape,
  printFormat,
  sizeOf,
  SparseError,
  type DType,
  type Format,
  type FormatLike,
  type Op,
  type Shape,
  type Tensor,
} from '@lacuna/ir';
import { randomNumbers } from './numbers.js';
import type { Random } from './random.js';
import { placeIn, randomTensor } from './sample.js';

/** Shapes and attributes that fit an op, without numbers yet. */
export interface Case {
  readonly shapes: readonly (Shape | undefined)[];
  readonly attrs: object;
  /** Inputs that data flows in by, where NaN and infinities come from; absent: all. Weights do not. */
  readonly flow?: readonly number[];
  /** Numbers of inputs that cannot be any, such as indices. */
  readonly fill?: Readonly<Record<number, Fill>>;
  /** Types of inputs that are not float32. */
  readonly dtypes?: Readonly<Record<number, DType>>;
  /** Inputs whose numbers must be positive for the op to be smooth. */
  readonly positive?: readonly number[];
}

/** Makes `count` numbers of one input. */
export type Fill = (random: Random, count: number) => ArrayLike<number>;

/** Makes random cases of one op. */
export type CaseMaker = (random: Random) => Case;

/** A case with its operands. */
export interface OpCall {
  readonly inputs: readonly (Tensor | undefined)[];
  readonly attrs: object;
  readonly words: string;
}

/** What {@link randomCall} may be told. */
export interface CallOptions {
  /** Layouts of each input, one of which is picked; missing ones are dense. */
  readonly layouts?: readonly (readonly FormatLike[])[];
  /** Some numbers are NaN, infinite or −0. */
  readonly specials?: boolean;
}

/** A call of `op` with random float32 operands. */
export function randomCall(
  random: Random,
  op: Op,
  make: CaseMaker,
  { layouts = [], specials = false }: CallOptions = {},
): OpCall {
  const { shapes, attrs, flow, fill, dtypes } = make(random);
  inferShape(op, shapes, attrs);
  const inputs = shapes.map((shape, k) => {
    if (!shape) return undefined;
    const travels = specials && (flow?.includes(k) ?? true);
    const layout = layouts[k]?.length ? random.pick(layouts[k]) : dense;
    const place = layout !== dense ? placeIn(random, layout, shape) : undefined;
    if (fill?.[k]) {
      const numbers = fill[k](random, sizeOf(shape));
      return held(place?.format ?? dense(), shape, numbers, dtypes?.[k] ?? 'float32');
    }
    if (place) return randomTensor(random, place, 'float32', travels);
    const density = random.chance(0.7) ? 1 : 0.5;
    return assemble(
      dense(),
      shape,
      randomNumbers(random, sizeOf(shape), { density, specials: travels }),
    );
  });
  return { inputs, attrs, words: wordsOf(op, inputs, attrs) };
}

/** Numbers in a format, or dense where it cannot hold them. */
function held(format: Format, shape: Shape, numbers: ArrayLike<number>, dtype: DType): Tensor {
  try {
    return assemble(format, shape, numbers, { dtype });
  } catch (error) {
    if (!(error instanceof SparseError)) throw error;
    return assemble(dense(), shape, numbers, { dtype });
  }
}

/** `linear(dense [2, 3], csr [4, 3], none) { activation: relu }` */
export function wordsOf(op: Op, inputs: readonly (Tensor | undefined)[], attrs: object): string {
  const operands = inputs.map((t) =>
    t ? `${printFormat(t.format)} [${t.shape.join(', ')}]` : 'none',
  );
  return `${op.opName}(${operands.join(', ')}) ${JSON.stringify(attrs)}`;
}
