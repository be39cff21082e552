// Which kernel computes a node, in which formats its inputs must be, and what that costs. The order of
// preference is: a kernel for the formats at hand, the cheapest lossless change of format, the reference.
import {
  dense,
  denseFormat,
  formatOf,
  holdsAny,
  printFormat,
  sameFormat,
  type ApplyNode,
  type Format,
  type Kernel,
  type OperandType,
  type Rates,
  type Signature,
} from '@lacuna/ir';
import type { Registry } from '../registry.js';

/** An input's format, and what else it may be changed to without loss. */
export interface Offer {
  readonly type: OperandType;
  /** Other formats of a constant, as operands; what they cost to make is paid once, at compile time. */
  readonly also: readonly OperandType[];
}

/** How a node will be computed. `kernel` is absent where only the reference can. */
export interface Choice {
  readonly kernel?: Kernel;
  readonly inputs: readonly (OperandType | undefined)[];
  readonly output: OperandType;
  /** Estimated seconds, conversions at run time included. */
  readonly seconds: number;
  readonly runnerUp?: { readonly name: string; readonly seconds: number };
  /** Why no kernel fits, for `explain` and the fallback event. */
  readonly why?: string;
}

/** The cheapest way to compute `node` from what is offered. */
export function choose(
  node: ApplyNode,
  offers: readonly (Offer | undefined)[],
  registry: Registry,
  rates: Rates,
): Choice {
  const output = (format: Format): OperandType => ({
    format,
    shape: node.shape,
    dtype: node.dtype,
    stored: node.shape.reduce((a, b) => a * b, 1),
    constant: false,
  });
  const found: Choice[] = [];
  const kernels = registry.kernelsFor(node.op);
  for (const kernel of kernels) {
    const inputs = offers.map((offer, k) => offer && cheapestFit(kernel, k, offer));
    if (inputs.some((fit, k) => offers[k] && !fit)) continue;
    for (const combination of expand(inputs)) {
      const signature: Signature = {
        op: node.op,
        attrs: node.attrs,
        inputs: combination,
        output: output(formatOf(kernel.gives === dense ? denseFormat : kernel.gives)),
      };
      if (kernel.when && !kernel.when(signature)) continue;
      const hops = combination.reduce(
        (sum, type, k) => sum + (type && offers[k] ? hopSeconds(offers[k].type, type, rates) : 0),
        0,
      );
      found.push({
        kernel,
        inputs: combination,
        output: signature.output,
        seconds: (kernel.cost?.(signature, rates) ?? defaultCost(signature, rates)) + hops,
      });
    }
  }
  found.sort((a, b) => a.seconds - b.seconds);
  const [best, ...rest] = found;
  if (best) {
    const second = rest[0];
    return second ? { ...best, runnerUp: { name: label(second), seconds: second.seconds } } : best;
  }
  const have = offers.map((o) => (o ? printFormat(o.type.format) : 'none')).join(', ');
  const takes = kernels
    .map((k) => `${k.name}(${k.takes.map((l) => l.layoutName).join(', ')})`)
    .join(', ');
  return {
    inputs: offers.map((o) => o?.type),
    output: output(denseFormat),
    seconds: Infinity,
    why: `no kernel of ${node.op.opName} takes (${have}) without loss; there are: ${takes || 'none'}`,
  };
}

/** `csr-matmul with bcsr(4,1)`: a choice in one phrase. */
export function label(choice: Choice): string {
  const sparse = choice.inputs
    .filter((t) => t && t.format.layout !== dense)
    .map((t) => printFormat(t!.format));
  return (choice.kernel?.name ?? 'reference') + (sparse.length ? ` with ${sparse.join(', ')}` : '');
}

/** The forms of input `k` that the kernel takes: as it is, as one of a constant's other formats, or made dense. */
function cheapestFit(kernel: Kernel, k: number, offer: Offer): readonly OperandType[] | undefined {
  const wanted = kernel.takes[k] ?? dense;
  const fits = [offer.type, ...offer.also].filter((type) => type.format.layout === wanted);
  if (fits.length > 0) return fits;
  if (wanted !== dense || !holdsAny(denseFormat, offer.type.shape)) return undefined;
  return [
    { ...offer.type, format: denseFormat, stored: offer.type.shape.reduce((a, b) => a * b, 1) },
  ];
}

function expand(
  choices: readonly (readonly OperandType[] | undefined)[],
): (OperandType | undefined)[][] {
  return choices.reduce<(OperandType | undefined)[][]>(
    (all, options) =>
      all.flatMap((head) => (options ?? [undefined]).map((option) => [...head, option])),
    [[]],
  );
}

function hopSeconds(from: OperandType, to: OperandType, rates: Rates): number {
  if (from.constant || sameFormat(from.format, to.format)) return 0;
  return ((from.stored + to.stored) * 8) / rates.bandwidth + rates.launch;
}

function defaultCost({ inputs, output }: Signature, rates: Rates): number {
  const touched = inputs.reduce((sum, type) => sum + (type?.stored ?? 0), output.stored);
  return (touched * 4) / rates.bandwidth + rates.launch;
}
