// From a choice and its memory to a function that computes the output, any number of times: the kernel's
// own, or the op's reference over the host's view of memory.
import {
  assemble,
  densePattern,
  encodeValues,
  fillRoom,
  flatIndex,
  isDense,
  makeTensor,
  outside,
  patternIn,
  roomBytes,
  SparseError,
  valueCount,
  valueView,
  type Backend,
  type Block,
  type Bound,
  type Call,
  type Op,
  type Operand,
  type Signature,
  type Sparsifier,
  type Tensor,
} from '@lacuna/ir';
import type { Device } from './device.js';
import type { Choice } from './passes/choose.js';
import { flatType, isDenseType } from './passes/types.js';

/** What a choice is bound to. */
export interface Binding {
  readonly op: Op;
  readonly attrs: object;
  readonly choice: Choice;
  readonly inputs: readonly (Operand | undefined)[];
  readonly output: Operand;
  readonly scratch?: Block;
  readonly inline?: Sparsifier;
}

/** What kernels are asked when they are chosen, for the questions they answer later. */
export function signatureOf(op: Op, attrs: object, { inputs, output, flat }: Choice): Signature {
  if (!flat) return { op, attrs, inputs, output };
  return {
    op,
    attrs,
    inputs: inputs.map((t) => t && (isDenseType(t) ? t : flatType(t))),
    output: flatType(output),
  };
}

/** Bytes of scratch memory that a choice needs. */
export function scratchBytes(op: Op, attrs: object, choice: Choice): number {
  return choice.kernel?.scratch?.(signatureOf(op, attrs, choice)) ?? 0;
}

/** A function that computes the output. */
export function bind(device: Device, binding: Binding): Bound {
  const { op, attrs, choice, scratch, inline } = binding;
  if (!choice.kernel) return bindReference(device, binding);
  const [inputs, output] = choice.flat
    ? [binding.inputs.map((x) => x && flattened(x)), flattened(binding.output)]
    : [binding.inputs, binding.output];
  const call: Call = {
    op,
    attrs,
    inputs,
    output,
    ...(scratch && { scratch }),
    ...(inline && { inline }),
  };
  return device.backend.bind(choice.kernel, call);
}

/** The stored values of an operand as a dense vector. */
function flattened(operand: Operand): Operand {
  if (isDenseType(operand)) return operand;
  return { ...flatType(operand), pattern: densePattern([operand.stored]), values: operand.values };
}

/** Writes numbers into an output: those that it has places for, or all that are not zero where its pattern varies. */
function writer({ memory }: Backend, output: Operand): (numbers: Float64Array) => void {
  const { values, structure, dtype, pattern } = output;
  if (!output.varies)
    return (numbers) => memory.write(values, encodeValues(dtype, stored(numbers, output)));
  const bytes = new Uint8Array(roomBytes(pattern));
  return (numbers) => {
    const tensor = assemble(output.format, output.shape, numbers, { dtype });
    fillRoom(pattern, tensor.pattern, bytes);
    memory.write(values, tensor.values);
    memory.write(structure!, bytes);
  };
}

function bindReference({ backend }: Device, { op, attrs, inputs, output }: Binding): () => void {
  const { memory } = backend;
  if (!memory.view) {
    throw new SparseError(
      'no-kernel',
      `${backend.name} has no kernel of ${op.opName} for these layouts, and its memory is not the host's`,
      { hint: 'add a plug-in with a kernel, or make an engine on wasm()' },
    );
  }
  const onHost = ({ pattern: known, dtype, values, structure, varies }: Operand): Tensor => {
    const bytes = memory.view!(values);
    const pattern = varies ? patternIn(known, memory.view!(structure!)) : known;
    return makeTensor(
      pattern,
      dtype,
      valueView(dtype, bytes.buffer, bytes.byteOffset, valueCount(pattern)).slice(),
    );
  };
  const write = writer(backend, output);
  return () => {
    const numbers = op.spec.reference(
      inputs.map((operand) => operand && onHost(operand)),
      attrs,
    );
    const wanted = output.shape.reduce((a, b) => a * b, 1);
    if (numbers.length !== wanted) {
      throw new SparseError(
        'shape',
        `the reference of ${op.opName} gave ${numbers.length} numbers, and its shape rule says ${wanted}`,
      );
    }
    write(numbers);
  };
}

/** The numbers that an output stores, of all that were computed. */
function stored(numbers: Float64Array, { pattern }: Operand): Float64Array {
  if (isDense(pattern.format)) return numbers;
  return Float64Array.from(flatIndex(pattern), (flat) => (flat === outside ? 0 : numbers[flat]!));
}
