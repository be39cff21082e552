// Rows brought to one size: layerNorm and rmsNorm.
//
//   y = (x − μ) / √(σ² + ε) · gain + bias        rmsNorm: μ = 0
//
//            three sweeps of a row, so that the variance is a sum of squares and never a difference of two; 20
//            bytes and some eight operations an element, the later sweeps from a cache. See lines.ts for who
//            takes which part.
import { dense, sizeOf, type Op } from '@lacuna/ir';
import { layerNorm, rmsNorm, type NormAttrs } from '@lacuna/ops';
import { webgpuKernel, type WebgpuKernel } from '../kernel.js';
import { isFloat } from './dims.js';
import { elements, overLines, type LineSpec } from './lines.js';

/** What a norm is compiled for. */
interface Parts {
  readonly name: string;
  readonly centred: boolean;
  readonly gain: boolean;
  readonly bias: boolean;
}

const normLines = ({ name, centred, gain, bias }: Parts): LineSpec => ({
  name,
  params: ['epsilon: f32'],
  buffers: [
    { name: 'x', type: 'array<f32>' },
    { name: 'gain', type: 'array<f32>' },
    { name: 'bias', type: 'array<f32>' },
    { name: 'y', type: 'array<f32>', write: true },
  ],
  body: `
let count = f32(p.extent);
var middle = 0.0;
${centred ? `${elements('middle += x[at];')}\nmiddle = sumOf(middle, me) / count;` : ''}
var square = 0.0;
${elements('let v = x[at] - middle;\n  square = fma(v, v, square);')}
let inverse = 1.0 / sqrt(sumOf(square, me) / count + p.epsilon);
${elements(`y[at] = (x[at] - middle) * inverse${gain ? ' * gain[e]' : ''}${bias ? ' + bias[e]' : ''};`)}`,
});

const norm = (op: Op<NormAttrs>, centred: boolean): WebgpuKernel =>
  webgpuKernel<NormAttrs>({
    name: op.opName,
    op,
    takes: [],
    gives: dense,
    when: isFloat,
    launch: ({ attrs: { dims, epsilon }, inputs: [x, gain, bias], output, tuning }) => {
      const { shape } = x!.operand;
      const spec = normLines({
        name: op.opName,
        centred,
        gain: gain !== undefined,
        bias: bias !== undefined,
      });
      const rows = { outer: sizeOf(shape.slice(0, -dims)), extent: sizeOf(shape.slice(-dims)) };
      return [
        overLines(
          spec,
          { ...rows, inner: 1 },
          tuning,
          [epsilon],
          [x!.values, gain?.values, bias?.values, output.values],
        ),
      ];
    },
  });

/** layerNorm, rmsNorm. */
export const normKernels: readonly WebgpuKernel[] = [norm(layerNorm, true), norm(rmsNorm, false)];
