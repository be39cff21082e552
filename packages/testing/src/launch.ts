// One launch of a kernel without an engine, under guard: its output and scratch lie between fences, and
// the output is painted first, so that what is written too far, or not at all, is seen.
import {
  anyLayout,
  byteWidth,
  dense,
  densePattern,
  flatIndex,
  inferShape,
  isDense,
  outputType,
  outside,
  roomFor,
  sizeOf,
  valueCount,
  valueView,
  type Backend,
  type Block,
  type Kernel,
  type Op,
  type Operand,
  type OperandType,
  type Pattern,
  type Shape,
  type Signature,
  type Tensor,
} from '@lacuna/ir';
import { layouts } from '@lacuna/layouts';
import { Random } from './random.js';
import { placeIn, randomTensor } from './sample.js';

/** What came of a launch. */
export interface Launched {
  readonly numbers: ArrayLike<number>;
  /** The first number of the output that was not written, −1 for none. */
  readonly unwritten: number;
  /** Where bytes outside output and scratch changed. */
  readonly trespass: string | undefined;
}

const fence = 256;
/** A float32 NaN that no arithmetic makes. */
const paint = [0xa5, 0x5a, 0xfa, 0x7f];

/** Launches a kernel; undefined where it does not take the operands. */
export async function launch(
  backend: Backend,
  kernel: Kernel,
  inputs: readonly (Tensor | undefined)[],
  attrs: object,
): Promise<Launched | undefined> {
  const { memory } = backend;
  const types = inputs.map((t, k) => t && typeOf(t, kernel.codecs?.includes(k) ?? false));
  const shape = inferShape(
    kernel.op,
    inputs.map((t) => t?.shape),
    attrs,
  );
  const dtype = outputType(
    inputs.map((t) => t?.dtype),
    kernel.op,
  );
  const signed = (pattern: Pattern): Signature & { output: { pattern: Pattern } } => {
    const { format } = pattern;
    const output = { format, shape, dtype, stored: valueCount(pattern), constant: false, pattern };
    return { op: kernel.op, attrs, inputs: types, output };
  };
  const patterns = kernel.op.spec.keepsPattern ? [inputs[0]!.pattern] : patternsFor(kernel, shape);
  const signature = firstOf(patterns, signed, (one) => kernel.when?.(one) ?? true);
  if (!signature) return undefined;
  const { output } = signature;
  const { pattern, format } = output;

  const blocks: Block[] = [];
  const put = (bytes: ArrayBufferView): Block => {
    const block = memory.alloc(Math.max(16, bytes.byteLength));
    blocks.push(block);
    memory.write(block, bytes);
    return block;
  };
  const fenced = (bytes: number): { whole: Block; inner: Block } => {
    const painted = new Uint8Array(fence + bytes + fence).map((_, at) => paint[at % 4]!);
    const whole = put(painted);
    return { whole, inner: memory.part(whole, fence, bytes) };
  };
  const broken = async (whole: Block, bytes: number): Promise<number> => {
    const all = await memory.read(whole, fence + bytes + fence);
    return all.findIndex((x, at) => (at < fence || at >= fence + bytes) && x !== paint[at % 4]);
  };
  try {
    const operands = inputs.map((t, k): Operand | undefined => {
      if (!t) return undefined;
      const prepare = kernel.prepare?.[k];
      const prepared = prepare && put(prepare(t, signature));
      const structure = !prepared && t.pattern.structure.byteLength > 0 && put(t.pattern.structure);
      return {
        ...types[k]!,
        pattern: t.pattern,
        values: put(types[k]!.format.codec ? t.storage.encoded!.bytes : t.values),
        ...(structure && { structure }),
        ...(prepared && { prepared }),
        ...(kernel.index?.includes(k) && { index: put(flatIndex(t.pattern)) }),
        ...(kernel.derive?.[k] &&
          !isDense(t.pattern.format) && { derived: put(kernel.derive[k](t.pattern)) }),
      };
    });
    const bytes = output.stored * byteWidth(dtype);
    const scratchBytes = Math.ceil((kernel.scratch?.(signature) ?? 0) / 4) * 4;
    const [y, scratch] = [fenced(bytes), fenced(scratchBytes)];
    const structure = pattern.structure.byteLength > 0 && put(pattern.structure);
    backend.bind(kernel, {
      op: kernel.op,
      attrs,
      inputs: operands,
      output: {
        ...output,
        pattern,
        values: y.inner,
        ...(structure && { structure }),
        ...(kernel.index?.includes('output') && { index: put(flatIndex(pattern)) }),
        ...(kernel.derive?.output && { derived: put(kernel.derive.output(pattern)) }),
      },
      ...(scratchBytes > 0 && { scratch: scratch.inner }),
    })();
    backend.submit?.();
    const raw = await memory.read(y.inner, bytes);
    const words = new Uint32Array(raw.buffer, raw.byteOffset, raw.byteLength >> 2);
    const painted = new Uint32Array(Uint8Array.from(paint).buffer)[0]!;
    const [outside, past] = [
      await broken(y.whole, bytes),
      await broken(scratch.whole, scratchBytes),
    ];
    const values = valueView(dtype, raw.buffer, raw.byteOffset, output.stored);
    return {
      numbers: isDense(format) ? values : spread(values, pattern, kernel.op, inputs, attrs),
      unwritten: words.indexOf(painted),
      trespass:
        outside >= 0
          ? `byte ${outside - fence} of an output of ${bytes}`
          : past >= 0
            ? `byte ${past - fence} of a scratch of ${scratchBytes}`
            : undefined,
    };
  } finally {
    for (const block of blocks) memory.free(block);
  }
}

/** Patterns of the layout that a kernel gives, or of some layout, the same for the same shape: one may suit it. */
function* patternsFor({ gives }: Kernel, shape: Shape): Generator<Pattern> {
  const random = new Random(sizeOf(shape) + 1, 1);
  const layout = gives === anyLayout ? random.pick([dense, ...layouts]) : gives;
  if (layout === dense) return yield densePattern(shape);
  for (let left = gives === anyLayout ? 1 : 12; left > 0; left--) {
    const place = placeIn(random, layout, shape);
    const room = place && roomFor(place.format, shape);
    // Without structure there is but one pattern, whatever the numbers.
    if (room?.buffers.length === 0) yield room;
    else if (place) yield randomTensor(random, place).pattern;
  }
}

/** What is made of the first that suits, of as few as that takes. */
function firstOf<A, B>(
  all: Iterable<A>,
  make: (each: A) => B,
  suits: (made: B) => boolean,
): B | undefined {
  for (const each of all) {
    const made = make(each);
    if (suits(made)) return made;
  }
  return undefined;
}

/** All numbers of an output: what was computed where its pattern has places, the reference's elsewhere. */
function spread(
  values: ArrayLike<number>,
  pattern: Pattern,
  op: Op,
  inputs: readonly (Tensor | undefined)[],
  attrs: object,
): ArrayLike<number> {
  const numbers = op.spec.reference(inputs, attrs);
  flatIndex(pattern).forEach((flat, at) => {
    if (flat !== outside) numbers[flat] = values[at]!;
    // Places outside the shape must be zero; a NaN somewhere says that one is not.
    else if (values[at] !== 0) numbers[0] = NaN;
  });
  return numbers;
}

/** A tensor as an operand, its values as a codec wrote them or decoded. */
function typeOf(tensor: Tensor, codecs: boolean): OperandType {
  const { format, pattern, shape, dtype, stored } = tensor;
  const own = codecs ? format : pattern.format;
  const type = { format: own, shape, dtype, stored, constant: true };
  return isDense(pattern.format) ? type : { ...type, pattern };
}
