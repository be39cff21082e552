// softmax and logSoftmax along any dimension, the largest taken off first so that nothing overflows.
//
//   most = max x      total = Σ e^(x − most)      y = e^(x − most) / total, or x − most − ln total
//
//            three sweeps of a line, an exponential an element: some 40 operations for 20 bytes, of which the
//            later sweeps find theirs in a cache. See lines.ts for who takes which part.
import { dense, type Op } from '@lacuna/ir';
import { logSoftmax, softmax, type SoftmaxAttrs } from '@lacuna/ops';
import { webgpuKernel, type WebgpuKernel } from '../kernel.js';
import type { Buffer } from '../program.js';
import { isFloat } from './dims.js';
import { elements, linesOf, overLines, type LineSpec } from './lines.js';
import { exponentialAlone, logarithmAlone } from './math.js';

const buffers: readonly Buffer[] = [
  { name: 'x', type: 'array<f32>' },
  { name: 'y', type: 'array<f32>', write: true },
];

const most = `
var most = bits(0xff800000u);
${elements('most = larger(most, x[at]);')}
most = mostOf(most, me);
var total = 0.0;`;

/** Softmax of lines of x into y. */
export const softmaxLines: LineSpec = {
  name: 'softmax',
  buffers,
  head: exponentialAlone,
  body: `${most}
${elements('let v = exponential(x[at] - most);\n  y[at] = v;\n  total += v;')}
total = sumOf(total, me);
${elements('y[at] /= total;')}`,
};

/** Softmax of lines of y where they lie. */
export const softmaxInPlace: LineSpec = {
  ...softmaxLines,
  name: 'softmax-in-place',
  buffers: buffers.slice(1),
  body: softmaxLines.body.replaceAll('x[', 'y['),
};

const logSoftmaxLines: LineSpec = {
  name: 'logSoftmax',
  buffers,
  head: exponentialAlone + logarithmAlone,
  body: `${most}
${elements('total += exponential(x[at] - most);')}
total = logarithm(sumOf(total, me));
${elements('y[at] = x[at] - most - total;')}`,
};

const along = (op: Op<SoftmaxAttrs>, spec: LineSpec): WebgpuKernel =>
  webgpuKernel<SoftmaxAttrs>({
    name: op.opName,
    op,
    takes: [],
    gives: dense,
    when: isFloat,
    launch: ({ attrs: { axis }, inputs: [x], output, tuning }) => [
      overLines(spec, linesOf(x!.operand.shape, axis), tuning, [], [x!.values, output.values]),
    ],
  });

/** softmax, logSoftmax. */
export const softmaxKernels: readonly WebgpuKernel[] = [
  along(softmax, softmaxLines),
  along(logSoftmax, logSoftmaxLines),
];
