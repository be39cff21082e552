// Masks of the sparsifiers that say their rule, and the numbers under a mask. Rules order by magnitude; a number
// that has none is refused as the sparsifier itself refuses it.
import {
  dense,
  sizeOf,
  type KeepRule,
  type Runs,
  type Shape,
  type Signature,
  type Sparsifier,
} from '@lacuna/ir';
import { mask, masked, type MaskedAttrs, type PruneAttrs } from '@lacuna/ops';
import { wasmKernel, type Exports, type WasmKernel } from '../kernel.js';
import { moved } from './positions.js';
import { lines } from './reduce.js';

const float = 4;
/** Words that a histogram takes. */
const histogram = 1024;
/** Calls of an export, over all of its outputs. */
type Calls = readonly (readonly [name: string, ...args: readonly number[]])[];

interface Where {
  readonly shape: Shape;
  readonly x: number;
  readonly y: number;
  readonly scratch: number;
}

/** Runs of `size` numbers, but for the last of an extent, along the middle of [outer, extent, inner]. */
interface Grid {
  readonly outer: number;
  readonly extent: number;
  readonly inner: number;
  readonly size: number;
}

/** The runs of a shape; undefined where it has not the dimension that they go along. */
function gridOf(shape: Shape, of: Runs): Grid | undefined {
  const all = sizeOf(shape);
  if (of === 'tensor') return { outer: 1, extent: all, inner: 1, size: all };
  const row = shape.at(-1) ?? 1;
  if (of === 'columns')
    return { outer: 1, extent: row && all / row, inner: row, size: row && all / row };
  const { along, size } = of;
  if (along >= shape.length || along < -Math.max(1, shape.length)) return undefined;
  if (shape.length === 0) return { outer: 1, extent: 1, inner: 1, size: 1 };
  const grid = lines(shape, along);
  return { ...grid, size: Math.min(size ?? grid.extent, grid.extent) };
}

/** Runs that lie one after another. */
const rowsOf = ({ extent, inner, size }: Grid): boolean =>
  (inner === 1 || extent === 1) && (size === 0 || extent % size === 0);

/** Whether kernels here decide by a rule for a shape. */
function decides(rule: KeepRule | undefined, shape: Shape): boolean {
  switch (rule?.keeps) {
    case 'nonzero':
      return true;
    case 'large': {
      const grid = rule.of && gridOf(shape, rule.of);
      return rule.of === undefined || (grid !== undefined && rowsOf(grid));
    }
    case 'greatest':
      return gridOf(shape, rule.of) !== undefined;
    case 'greedy':
    case 'fixed':
    case 'transposable':
    case undefined:
      return false;
    default:
      return rule satisfies never;
  }
}

/** The calls that make a rule's mask of x. */
function callsOf(rule: KeepRule, { shape, x, y, scratch }: Where): Calls {
  const all = sizeOf(shape);
  if (all === 0) return [];
  switch (rule.keeps) {
    case 'nonzero':
      return [['keep_nonzero', 0, all, x, y]];
    case 'large': {
      const { least, of } = rule;
      const size = of ? gridOf(shape, of)!.size : all;
      return [['keep_least', 0, all / size, size, x, least, Number(of !== undefined), y]];
    }
    case 'greatest': {
      const { outer, extent, inner, size } = gridOf(shape, rule.of)!;
      const runs = outer * Math.ceil(extent / size) * inner;
      const drops = [rule.drop(size), rule.drop(extent % size), Number(rule.ties === 'last')];
      return [['keep_greatest', 0, runs, extent, size, inner, ...drops, x, y, scratch]];
    }
    case 'greedy':
    case 'fixed':
    case 'transposable':
      return [];
    default:
      return rule satisfies never;
  }
}

/** Throws what the sparsifier throws for the first number that has no magnitude. */
function refuse(exports: Exports, how: Sparsifier, shape: Shape, x: number): void {
  const size = sizeOf(shape);
  const at = exports['unordered']!(0, size, x);
  if (at === size) return;
  const numbers = new Float32Array(size);
  numbers[at] = exports['number_at']!(x, at);
  how.keep(numbers, shape);
}

const isFloat = ({ inputs, output }: Signature): boolean =>
  [...inputs, output].every((type) => type === undefined || type.dtype === 'float32');

const maskKernel = wasmKernel<PruneAttrs>({
  name: 'mask',
  op: mask,
  takes: [dense],
  gives: dense,
  when: (signature) =>
    isFloat(signature) &&
    signature.inputs.length === 1 &&
    decides((signature.attrs as PruneAttrs).how.rule, signature.output.shape),
  // A run of candidates and its histogram.
  scratch: ({ inputs }) => (histogram + inputs[0]!.stored) * float,
  exact: true,
  launch: ({ exports, attrs: { how }, inputs, output, scratch }) => {
    const { operand, values: x } = inputs[0]!;
    const { shape } = operand;
    const rule = how.rule!;
    const calls = callsOf(rule, { shape, x, y: output.values, scratch });
    return () => {
      if (rule.keeps !== 'nonzero') refuse(exports, how, shape, x);
      for (const [name, ...args] of calls) exports[name]!(...args);
    };
  },
});

const maskedKernel = wasmKernel<MaskedAttrs>({
  name: 'masked',
  op: masked,
  takes: [dense, dense],
  gives: dense,
  when: isFloat,
  exact: true,
  launch: ({ inputs: [x, m], output }) => {
    const { stored } = output.operand;
    const args = [x!.values, m!.values, output.values];
    return [{ name: 'masked', units: stored, args, work: stored * moved, grain: 1024 }];
  },
});

/** mask, masked. */
export const maskKernels: readonly WasmKernel[] = [maskKernel, maskedKernel];
