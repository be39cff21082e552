// What a sparsifier keeps, on the device, by its rule: 1 where a number stays, 0 where it goes, and NaN at a number
// that is not finite, where the sparsifier refuses it on the host: a plan cannot throw, and what was infinite or NaN
// stays to be seen. Magnitudes are compared by their bits, so that no driver's rounding plays a part.
import { dense, type KeepRule, type Shape, type Signature } from '@lacuna/ir';
import { nmg, vnm } from '@lacuna/layouts';
import { mask, type PruneAttrs } from '@lacuna/ops';
import { webgpuKernel, type WebgpuKernel } from '../kernel.js';
import { isFloat } from './dims.js';
import { greatest, greatestScratch, type Drops } from './mask/greatest.js';
import { greedy, greedyBlocks, greedyScratch } from './mask/greedy.js';
import { largeScratch, reaching, reachingShare } from './mask/large.js';
import { blocks, blocksScratch } from './mask/blocks.js';
import { bitsOf, places } from './mask/fixed.js';
import { runGrid, type RunGrid } from './mask/runs.js';
import { isTiled, tiles } from './mask/tiles.js';
import { transposable } from './mask/transposable.js';

/** Whether a shape has what a rule speaks of. */
function fits(rule: KeepRule, shape: Shape): boolean {
  switch (rule.keeps) {
    case 'nonzero':
    case 'fixed':
      return true;
    case 'large':
      return rule.of === undefined || runGrid(shape, rule.of) !== undefined;
    case 'greatest':
      return runGrid(shape, rule.of) !== undefined;
    case 'transposable':
    case 'blocks':
      return shape.length > 1;
    case 'greedy':
      if (rule.format.layout === vnm) return isTiled(shape);
      return rule.format.layout === nmg && greedyBlocks(rule.format, shape) !== undefined;
    default:
      return rule satisfies never;
  }
}

function scratchBytes(rule: KeepRule, shape: Shape): number {
  switch (rule.keeps) {
    case 'nonzero':
    case 'fixed':
    case 'transposable':
      return 0;
    case 'large':
      return largeScratch(shape, rule.of);
    case 'greatest':
      return greatestScratch(runGrid(shape, rule.of)!);
    case 'blocks':
      return blocksScratch(shape, rule.rows, rule.columns);
    case 'greedy':
      return rule.format.layout === vnm ? 0 : greedyScratch(greedyBlocks(rule.format, shape)!);
    default:
      return rule satisfies never;
  }
}

const dropsOf = (
  { drop, ties }: KeepRule & { readonly keeps: 'greatest' },
  runs: RunGrid,
): Drops => ({ whole: drop(runs.size), tail: drop(runs.tail), ties });

const ruleOf = ({ attrs }: Pick<Signature, 'attrs'>): KeepRule | undefined =>
  (attrs as PruneAttrs).how.rule;

const maskKernel = webgpuKernel<PruneAttrs>({
  name: 'mask',
  op: mask,
  takes: [],
  gives: dense,
  when: (signature) => {
    const rule = ruleOf(signature);
    return isFloat(signature) && rule !== undefined && fits(rule, signature.output.shape);
  },
  scratch: (signature) => scratchBytes(ruleOf(signature)!, signature.output.shape),
  exact: true,
  launch: ({ attrs: { how }, inputs: [x], output, scratch, constant }) => {
    const [rule, { shape, stored }] = [how.rule!, output.operand];
    const buffers = [x!.values, output.values] as const;
    switch (rule.keeps) {
      case 'nonzero':
        return reaching(0, false, stored, ...buffers);
      case 'large':
        return rule.of === undefined
          ? reaching(rule.least, true, stored, ...buffers)
          : reachingShare(rule.least, rule.of, shape, buffers, scratch);
      case 'greatest': {
        const runs = runGrid(shape, rule.of)!;
        return greatest(runs, dropsOf(rule, runs), buffers, scratch);
      }
      case 'blocks':
        return blocks(rule, shape, buffers, scratch);
      case 'transposable':
        return transposable(rule, shape, buffers);
      case 'fixed':
        return places(constant(bitsOf(rule.of(shape))), stored, output.values);
      case 'greedy':
        if (rule.format.layout === vnm) return tiles(rule.format, shape, buffers);
        return greedy(greedyBlocks(rule.format, shape)!, buffers, scratch);
      default:
        return rule satisfies never;
    }
  },
});

/** mask. */
export const maskKernels: readonly WebgpuKernel[] = [maskKernel];
