// Which kernel computes a node, in which formats its inputs must be, and what that costs. The order of
// preference is: a kernel for the formats at hand, the cheapest lossless change of format, the reference.
import {
  anyLayout,
  dense,
  isDense,
  printFormat,
  sameFormat,
  type ApplyNode,
  type Kernel,
  type Op,
  type OperandType,
  type Rates,
  type Signature,
} from '@lacuna/ir';
import { restrict } from '@lacuna/ops';
import type { Registry } from '../registry.js';
import { inlineOf } from './inline.js';
import { sharedPattern } from './shared.js';
import { decodedType, denseType, flatType, isDenseType, patternType } from './types.js';

/** An input's format, and what else it may be changed to without loss. */
export interface Offer {
  readonly type: OperandType;
  /** Other formats of a constant, as operands; what they cost to make is paid once, at compile time. */
  readonly also: readonly OperandType[];
  /** The form that was asked for, whose pattern is found at every run: used wherever a kernel takes it. */
  readonly asked?: OperandType;
}

/** How a node will be computed. `kernel` is absent where only the reference can. */
export interface Choice {
  readonly kernel?: Kernel;
  readonly inputs: readonly (OperandType | undefined)[];
  readonly output: OperandType;
  /** The kernel sees stored values alone, since all operands share one pattern. */
  readonly flat?: true;
  /** Estimated seconds, conversions at run time included. */
  readonly seconds: number;
  readonly runnerUp?: { readonly name: string; readonly seconds: number };
  /** Why no kernel fits, for `explain` and the fallback event. */
  readonly why?: string;
}

/**
 * The cheapest way to compute `node` from what is offered, with the most inputs in the form asked for; `room`:
 * its output has a pattern that varies.
 */
export function choose(
  node: ApplyNode,
  offers: readonly (Offer | undefined)[],
  registry: Registry,
  rates: Rates,
  room?: OperandType,
): Choice {
  const found: Choice[] = [];
  const kernels = registry.kernelsFor(node.op);
  const types = offers.map((offer) => offer?.type);
  const into =
    node.emit?.into ?? (node.op.spec.keepsPattern && sharedPattern(node.op, node.attrs, types));
  const plain = denseType(node.shape, node.dtype);
  const how = inlineOf(node);
  for (const kernel of kernels) {
    if (how && !kernel.inline?.(how, node.dtype)) continue;
    const inputs = offers.map((offer, k) => offer && forms(kernel, k, offer, node.op));
    if (inputs.some((fit, k) => offers[k] && !fit)) continue;
    const output =
      room ?? (into && gives(kernel, into.format.layout) ? patternType(into, node.dtype) : plain);
    if (room && !gives(kernel, room.format.layout)) continue;
    if (kernel.gives !== dense && isDenseType(output)) continue;
    // Of a node that only puts numbers into a pattern, a dense output would be nothing done.
    if (node.op === restrict && into && output === plain && !isDense(into.format)) continue;
    for (const combination of expand(inputs)) {
      const signature: Signature = { op: node.op, attrs: node.attrs, inputs: combination, output };
      if (kernel.when && !kernel.when(signature)) continue;
      found.push({
        kernel,
        inputs: combination,
        output,
        seconds:
          cost(kernel, signature, offers, rates) +
          intoSeconds(output, into ? patternType(into, node.dtype) : output, rates),
      });
    }
  }
  found.push(...flat(node, offers, kernels, rates));
  found.sort((a, b) => varying(b) - varying(a) || a.seconds - b.seconds);
  const [best, second] = found;
  if (best)
    return second ? { ...best, runnerUp: { name: label(second), seconds: second.seconds } } : best;
  const kept = into || sharedPattern(node.op, node.attrs, types);
  const have = types.map((type) => (type ? words(type) : 'none')).join(', ');
  const takes = kernels
    .map((k) => `${k.name}(${k.takes.map((l) => l.layoutName).join(', ')})`)
    .join(', ');
  return {
    inputs: offers.map((o) => o && decodedType(o.type)),
    output: room ?? (kept ? patternType(kept, node.dtype) : plain),
    seconds: Infinity,
    why: `no kernel of ${node.op.opName} takes (${have}) without loss; there are: ${takes || 'none'}`,
  };
}

/** `csr`, or `csr float64`: the type where it is not the usual one. */
const words = ({ format, dtype }: OperandType): string =>
  printFormat(format) + (dtype === 'float32' ? '' : ` ${dtype}`);

/** `csr-matmul with bcsr(4,1)`: a choice in one phrase. */
export function label(choice: Choice): string {
  const sparse = choice.inputs
    .filter((t) => t && !isDenseType(t))
    .map((t) => printFormat(t!.format));
  return (choice.kernel?.name ?? 'reference') + (sparse.length ? ` with ${sparse.join(', ')}` : '');
}

/** Elementwise on one shared pattern: the dense kernel over the stored values. */
function flat(
  node: ApplyNode,
  offers: readonly (Offer | undefined)[],
  kernels: readonly Kernel[],
  rates: Rates,
): Choice[] {
  const types = offers.map((o) => o && decodedType(o.type));
  const pattern = sharedPattern(node.op, node.attrs, types, node.emit?.into);
  if (inlineOf(node)) return [];
  if (!pattern || node.op.spec.keepsPattern || (node.emit?.into && node.emit.into !== pattern))
    return [];
  const output = patternType(pattern, node.dtype);
  const seen = types.map((type) => type && (isDenseType(type) ? type : flatType(type)));
  const signature: Signature = {
    op: node.op,
    attrs: node.attrs,
    inputs: seen,
    output: flatType(output),
  };
  return kernels.flatMap((kernel) => {
    const fits =
      kernel.gives === dense &&
      kernel.takes.every((l) => l === dense) &&
      (kernel.when?.(signature) ?? true);
    return fits
      ? [
          {
            kernel,
            inputs: types,
            output,
            flat: true as const,
            seconds: kernel.cost?.(signature, rates) ?? defaultCost(signature, rates),
          },
        ]
      : [];
  });
}

const varying = ({ inputs }: Choice): number => inputs.filter((type) => type?.varies).length;

/** Whether a kernel reads input k itself, and nothing that was made of its pattern beforehand. */
export const readsItself = ({ index, derive, prepare }: Kernel, k: number): boolean =>
  !index?.includes(k) && !derive?.[k] && !prepare?.[k];

/** Whether a kernel's output may be in a layout. */
export const gives = (kernel: Kernel, layout: unknown): boolean =>
  kernel.gives === layout || kernel.gives === anyLayout;

/** The forms of input `k` that the kernel takes: as it is, as one of a constant's other formats, or made dense. */
function forms(
  kernel: Kernel,
  k: number,
  offer: Offer,
  op: Op,
): readonly OperandType[] | undefined {
  const wanted = kernel.takes[k] ?? dense;
  const any = wanted === anyLayout;
  const asked = offer.asked ?? (offer.type.varies ? offer.type : undefined);
  if (asked && (any ? kernel.varying : asked.format.layout === wanted) && readsItself(kernel, k))
    return [asked];
  if (offer.type.varies && any) return undefined;
  const read = (type: OperandType): OperandType =>
    kernel.codecs?.includes(k) ? type : decodedType(type);
  if (any) return [read(offer.type)];
  const fits = [offer.type, ...offer.also].filter((type) => type.format.layout === wanted);
  if (fits.length > 0) return fits.map(read);
  // Of an op that keeps a pattern, what is not stored is no zero.
  if (wanted !== dense || (op.spec.keepsPattern && k === 0)) return undefined;
  return [{ ...denseType(offer.type.shape, offer.type.dtype), constant: offer.type.constant }];
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

function cost(
  kernel: Kernel,
  signature: Signature,
  offers: readonly (Offer | undefined)[],
  rates: Rates,
): number {
  const hops = signature.inputs.reduce(
    (sum, type, k) =>
      sum +
      (type && offers[k] && !offers[k].type.constant && !type.varies
        ? intoSeconds(offers[k].type, type, rates)
        : 0),
    0,
  );
  return (kernel.cost?.(signature, rates) ?? defaultCost(signature, rates)) + hops;
}

/** Seconds to change a value's format at run time. */
function intoSeconds(from: OperandType, to: OperandType, rates: Rates): number {
  if (sameFormat(from.format, to.format)) return 0;
  return ((from.stored + to.stored) * 8) / rates.bandwidth + rates.launch;
}

function defaultCost({ inputs, output }: Signature, rates: Rates): number {
  const touched = inputs.reduce((sum, type) => sum + (type?.stored ?? 0), output.stored);
  return (touched * 4) / rates.bandwidth + rates.launch;
}
