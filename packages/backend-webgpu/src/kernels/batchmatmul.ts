// batchMatmul: the products of matrices in pairs, b brought into rows of whole vectors where it does not lie so.
import { dense, sizeOf, type Signature } from '@lacuna/ir';
import { batchMatmul, batchSizes, type BatchMatmulAttrs } from '@lacuna/ops';
import { webgpuKernel, type WebgpuKernel } from '../kernel.js';
import { batched, packed, packedBytes } from './batched.js';
import { denseFamily } from './dense.js';
import { isFloat } from './dims.js';
import { fill } from './move.js';

const float = 4;

const sizes = ({
  inputs,
  attrs,
}: Pick<Signature, 'inputs' | 'attrs'>): ReturnType<typeof batchSizes> =>
  batchSizes(inputs[0]!.shape, inputs[1]!.shape, attrs as BatchMatmulAttrs);

const scratch = (signature: Pick<Signature, 'inputs' | 'attrs'>): number => {
  const { batch, k, n } = sizes(signature);
  return packedBytes(batch, k, n, (signature.attrs as BatchMatmulAttrs).transposeB);
};

/** batchMatmul of dense operands. */
export const batchMatmulKernel: WebgpuKernel = webgpuKernel<BatchMatmulAttrs>({
  name: 'batchMatmul',
  op: batchMatmul,
  takes: [dense, dense],
  gives: dense,
  when: isFloat,
  scratch,
  cost: (signature, rates) => {
    const { batch, m, k, n } = sizes(signature);
    const share = denseFamily.share(signature.inputs[0]!, n);
    const moved = 2 * scratch(signature) + batch * (m * k + k * n + m * n) * float;
    return (
      (2 * batch * m * k * n) / (share * rates.flops) + moved / rates.bandwidth + 2 * rates.launch
    );
  },
  launch: ({ attrs, inputs, output, scratch: room }) => {
    const [a, b] = [inputs[0]!, inputs[1]!];
    const { batch, m, k, n } = sizes({ inputs: [a.operand, b.operand], attrs });
    if (k === 0) return [fill(output.values, sizeOf(output.operand.shape), 0)];
    const { transposeA: turned, transposeB } = attrs;
    const bytes = packedBytes(batch, k, n, transposeB);
    const right = bytes > 0 ? room(0, bytes) : b.values;
    const multiply = batched({ batch, m, k, n, turned }, a.values, right, output.values);
    return bytes > 0 ? [packed(batch, k, n, transposeB, b.values, right), multiply] : [multiply];
  },
});
