// A formula of elementwise ops in one run: what is made on the way stays in registers.
//
//   t3 = x0 * x1 · t4 = t3 + x2 · y = max(t4, 0)
//
//            a thread makes one number; 4 bytes an operand and 4 for y, where a run an op would move 8 to 12 for
//            each: bound by memory, so that n ops in one run cost about what the operands do. Operands that are
//            stretched are read at their own steps.
import { dense, sizeOf, type Op, type Shape, type Signature } from '@lacuna/ir';
import { fused, masked, type Formula, type FusedAttrs, type FusedStep } from '@lacuna/ops';
import { webgpuKernel, type WebgpuKernel } from '../kernel.js';
import { grid, item, program, variants } from '../program.js';
import { dimNumbers, dimParams, isFloat, merge, places, stretched, type Dims } from './dims.js';
import { functions, type Unary } from './functions.js';
import { absent, apart, once } from './math.js';
import { pairs } from './pointwise.js';

const size = 64;
/** Buffers that every device binds, and numbers of a place for parameters. */
const [mostBuffers, mostParams] = [8, 60];

const maskedPair = 'select(u, 0.0, (bitcast<u32>(v) & 0x7fffffffu) == 0u)';
const pairOf = ({ op }: FusedStep): string | undefined =>
  op === (masked as Op) ? maskedPair : pairs.get(op);
const unaryOf = ({ op, attrs }: FusedStep): Unary | undefined => functions.get(op)?.(attrs);

/** The operands' steps along the output, which may be flat. */
function dimsOf(inputs: readonly Shape[], output: Shape): Dims {
  return merge({ extents: output, steps: inputs.map((shape) => stretched(shape, output)) });
}

/** A formula as WGSL: functions, lines, and the parameters that they read. */
interface Lines {
  readonly head: string;
  readonly body: string;
  readonly names: readonly string[];
  readonly numbers: readonly number[];
}

const inputName = (at: number): string => `i${at}_`;

function linesOf(inputs: number, { steps }: Formula): Lines {
  const names: string[] = [];
  const numbers: number[] = [];
  const heads = ['alias T = f32;\n', absent, apart];
  const lines = Array.from({ length: inputs }, (_, k) => `let t${k} = x${k}[${inputName(k)}];`);
  steps.forEach((step, k) => {
    const given = step.inputs.map((at) => `t${at}`);
    const unary = unaryOf(step);
    let result = given[0]!;
    if (unary) {
      const params = Object.entries(unary.params ?? {});
      const f = params.reduce(
        (text, [name]) => text.replaceAll(`p.${name}`, `p.${name}_${k}`),
        unary.f,
      );
      for (const [name, number] of params) {
        names.push(`${name}_${k}: f32`);
        numbers.push(number);
      }
      if (unary.head) heads.push(unary.head);
      heads.push(`fn f${k}(v: f32) -> f32 { return ${f}; }\n`);
      result = `f${k}(${given[0]})`;
    } else if (given.length > 1) {
      heads.push(`fn f${k}(u: f32, v: f32) -> f32 { return ${pairOf(step)!}; }\n`);
      result = given.reduce((u, v) => `f${k}(${u}, ${v})`);
    }
    lines.push(`let t${inputs + k} = apart(${result});`);
  });
  return { head: once(heads), body: lines.join('\n'), names, numbers };
}

const fusedProgram = variants(
  ({
    head,
    body,
    names,
    inputs,
    rank,
  }: Omit<Lines, 'numbers'> & { inputs: number; rank: number }) => {
    const indices = Array.from({ length: inputs }, (_, k) => inputName(k));
    return program({
      name: `fused-${inputs}`,
      params: ['count', 'zero', ...dimParams(rank, indices), ...names],
      buffers: [
        ...indices.map((_, k) => ({ name: `x${k}`, type: 'array<f32>' })),
        { name: 'y', type: 'array<f32>', write: true },
      ],
      workgroup: [size, 1, 1],
      head,
      body: `
let at = ${item(size)};
if (at >= p.count) { return; }
${places(rank, indices)}
${body}
y[at] = t${body.split('\n').length - 1};`,
    });
  },
);

/** Whether there is WGSL for a step. */
const known = (step: FusedStep): boolean => {
  const { length } = step.inputs;
  return length === 1
    ? unaryOf(step) !== undefined || pairOf(step) !== undefined
    : unaryOf(step) === undefined && pairOf(step) !== undefined;
};

function takes({ attrs, inputs, output }: Signature): boolean {
  const by = (attrs as FusedAttrs).formula;
  const shapes = inputs.map((x) => x!.shape);
  if (shapes.length >= mostBuffers || by.steps.length === 0 || !by.steps.every(known)) return false;
  const dims = dimsOf(shapes, output.shape);
  return 2 + dimNumbers(dims).length + linesOf(shapes.length, by).names.length <= mostParams;
}

/** fused. */
export const fusedKernel: WebgpuKernel = webgpuKernel<FusedAttrs>({
  name: 'fused',
  op: fused,
  takes: [],
  gives: dense,
  inline: true,
  when: (signature) => isFloat(signature) && takes(signature),
  launch: ({ attrs, inputs, output }) => {
    const { shape } = output.operand;
    const dims = dimsOf(
      inputs.map((x) => x!.operand.shape),
      shape,
    );
    const { numbers, ...lines } = linesOf(inputs.length, attrs.formula);
    const count = sizeOf(shape);
    return [
      {
        program: fusedProgram({ ...lines, inputs: inputs.length, rank: dims.extents.length }),
        params: [count, 0, ...dimNumbers(dims), ...numbers],
        buffers: [...inputs.map((x) => x!.values), output.values],
        workgroups: grid(count, size),
      },
    ];
  },
});
