// From a choice and its memory to a function that computes the output, any number of times: the kernel's
// own, or the op's reference over the host's view of memory.
import {
  byteWidth,
  encodeValues,
  makeTensor,
  SparseError,
  valueCount,
  valueView,
  type Block,
  type Call,
  type Op,
  type Operand,
  type Signature,
  type Tensor,
} from '@lacuna/ir';
import type { Device } from './device.js';
import type { Choice } from './passes/choose.js';

/** What a choice is bound to. */
export interface Binding {
  readonly op: Op;
  readonly attrs: object;
  readonly choice: Choice;
  readonly inputs: readonly (Operand | undefined)[];
  readonly output: Operand;
  readonly scratch?: Block;
}

/** What kernels are asked when they are chosen, for the questions they answer later. */
export function signatureOf(op: Op, attrs: object, choice: Choice): Signature {
  return { op, attrs, inputs: choice.inputs, output: choice.output };
}

/** Bytes of scratch memory that a choice needs. */
export function scratchBytes(op: Op, attrs: object, choice: Choice): number {
  return choice.kernel?.scratch?.(signatureOf(op, attrs, choice)) ?? 0;
}

/** A function that computes the output. */
export function bind(device: Device, binding: Binding): () => void {
  const { op, attrs, choice, inputs, output, scratch } = binding;
  if (!choice.kernel) return bindReference(device, binding);
  const call: Call = { op, attrs, inputs, output, ...(scratch && { scratch }) };
  return device.backend.bind(choice.kernel, call);
}

function bindReference({ backend }: Device, { op, attrs, inputs, output }: Binding): () => void {
  const { memory } = backend;
  if (!memory.view) {
    throw new SparseError(
      'no-kernel',
      `${backend.name} has no kernel of ${op.opName} for these layouts, and its memory is not the host's`,
      { hint: 'convert the inputs to dense first' },
    );
  }
  const onHost = (operand: Operand): Tensor => {
    const count = valueCount(operand.pattern);
    const bytes = memory.view!(operand.values);
    return makeTensor(
      operand.pattern,
      operand.dtype,
      valueView(operand.dtype, bytes.buffer, bytes.byteOffset, count).slice(),
    );
  };
  return () => {
    const numbers = op.spec.reference(
      inputs.map((operand) => operand && onHost(operand)),
      attrs,
    );
    const values = encodeValues(output.dtype, numbers);
    if (values.byteLength > output.stored * byteWidth(output.dtype))
      throw new SparseError(
        'shape',
        `the reference of ${op.opName} gave ${values.length} numbers, and its shape rule says ${output.stored}`,
      );
    memory.write(output.values, values);
  };
}
