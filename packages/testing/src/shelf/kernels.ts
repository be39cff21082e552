// Broken kernels, written for the reference backend, whose memory the host can see.
import {
  dense,
  makeTensor,
  valueView,
  type Call,
  type Kernel,
  type Memory,
  type Op,
  type Operand,
} from '@lacuna/ir';
import { csr } from '@lacuna/layouts';
import { conv2d, linear } from '@lacuna/ops';
import { reference } from '@lacuna/reference';
import { cases } from '../cases.js';
import { kernelLaws } from '../kernels.js';
import type { Law } from '../law.js';
import type { ShelfEntry } from './entry.js';

/** What a kernel does after the op's own reference has computed y: the place to break it. */
type Break = (y: Float32Array, call: Call, memory: Memory) => void;

const backend = await reference();
const { memory } = backend;

const view = (operand: Operand): Float32Array => {
  const bytes = memory.view!(operand.values);
  return new Float32Array(bytes.buffer, bytes.byteOffset, operand.stored);
};

/** A kernel that computes an op's reference, with other attributes or inputs, and then breaks it. */
function kernelOf(op: Op, { attrs, drop, spoil, when }: Breakage): Kernel {
  return {
    name: `broken-${op.opName}`,
    backend: backend.name,
    op,
    takes: [dense, op === (linear as Op) ? csr : dense],
    gives: dense,
    exact: true,
    ...(when && { when }),
    launch: (call) => () => {
      const inputs = call.inputs.map((operand, k) => {
        if (!operand || k === drop) return undefined;
        const bytes = memory.view!(operand.values);
        const values = valueView('float32', bytes.buffer, bytes.byteOffset, operand.stored);
        return makeTensor(operand.pattern, 'float32', values.slice());
      });
      const numbers = op.spec.reference(inputs, { ...call.attrs, ...attrs });
      const y = view(call.output);
      y.set(numbers.subarray(0, y.length));
      spoil?.(y, call, memory);
    },
  };
}

/** What is wrong. */
interface Breakage {
  /** Attributes that it takes for granted. */
  readonly attrs?: object;
  /** The input that it forgets. */
  readonly drop?: number;
  readonly spoil?: Break;
  readonly when?: Kernel['when'];
}

const lawsOf = (op: Op, breakage: Breakage): readonly Law[] =>
  kernelLaws(kernelOf(op, breakage), backend, cases.get(op)!);

const within = 'results are within the bound of the reference';
const travels = 'NaN, infinities and −0 travel through stored entries, or all of a dense copy';
const writes = 'a kernel writes all of its output, and nothing outside it';

/** Kernels that the broken ones are made from: their laws hold. */
export const soundKernels: readonly (readonly Law[])[] = [lawsOf(linear, {}), lawsOf(conv2d, {})];

const broken = (name: string, rejectedBy: string, op: Op, breakage: Breakage): ShelfEntry => ({
  name,
  rejectedBy,
  laws: lawsOf(op, breakage),
});

/** The last of the output's columns. */
const lastColumn = (
  y: Float32Array,
  { output: { shape } }: Call,
  change: (at: number) => void,
): void => {
  const columns = shape.at(-1) ?? 1;
  for (let at = 0; at < y.length; at++) if ((at + 1) % columns === 0) change(at);
};

let runs = 0;

/** Kernels that the laws must reject. */
export const brokenKernels: readonly ShelfEntry[] = [
  broken('it drops the last column', within, linear, {
    spoil: (y, call) => lastColumn(y, call, (at) => (y[at] = 0)),
  }),
  broken('it leaves the last column unwritten', writes, linear, {
    spoil: (y, call) =>
      lastColumn(y, call, (at) => new Uint32Array(y.buffer, y.byteOffset).set([0x7ffa5aa5], at)),
  }),
  broken('it forgets the bias', within, linear, { drop: 2 }),
  broken('it ignores the activation', within, linear, { attrs: { activation: 'none' } }),
  broken('it clamps whatever the activation', within, linear, { attrs: { activation: 'relu6' } }),
  broken('its stride is always 1', within, conv2d, { attrs: { stride: [1, 1] } }),
  broken('its windows are never dilated', within, conv2d, {
    attrs: { dilation: [1, 1] },
  }),
  broken('it multiplies what is not stored, from the second column on', travels, linear, {
    spoil(y, { inputs: [x] }) {
      if (view(x!).some((v) => !Number.isFinite(v))) y.fill(NaN, 0, y.length - 1);
    },
  }),
  broken('it makes zeros of NaN', travels, conv2d, {
    spoil: (y) => y.forEach((v, at) => (y[at] = Number.isNaN(v) ? 0 : v)),
  }),
  broken('it writes a number past its output', writes, linear, {
    spoil: (y) => new Float32Array(y.buffer, y.byteOffset, y.length + 1).fill(0, y.length),
  }),
  broken(
    'it adds up in another order each time',
    'the same call gives the same bits, and leaves its operands as they are',
    linear,
    {
      spoil(y) {
        runs++;
        y.forEach((v, at) => (y[at] = v * (1 + (runs % 2) * 2 ** -23)));
      },
    },
  ),
  broken('it is off by a part in a thousand', within, linear, {
    spoil: (y) => y.forEach((v, at) => (y[at] = v * 1.001)),
  }),
  broken(
    'it takes nothing',
    'a kernel takes some of the cases of its op, and gives dense or what it says',
    linear,
    { when: () => false },
  ),
];
