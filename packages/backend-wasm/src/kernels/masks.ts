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
import { raised } from '../flag.js';
import { wasmKernel, type Exports, type Stage, type WasmKernel } from '../kernel.js';
import { lastOf } from './family.js';
import { moved } from './positions.js';
import { lines } from './reduce.js';

const float = 4;
/** Words that a histogram takes. */
const histogram = 1024;
/** Numbers of a piece of a run that threads share, digits that are counted in each, words that are found. */
const [piece, digits, foundWords] = [16384, 256, 16];
/** Words of scratch before it: whether some number has no magnitude. */
const found = 16;
/** Multiply-adds that a number is worth: looked at, compared with each of a run, taken into histograms. */
const [looking, ranking, counting] = [2, 2, 12];
/** The widest run whose numbers are compared with each other. */
const widest = 32;

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
    case 'blocks':
    case undefined:
      return false;
    default:
      return rule satisfies never;
  }
}

/** The calls that make a rule's mask of x. */
function stagesOf(rule: KeepRule, { shape, x, y, scratch }: Where): readonly Stage[] {
  const all = sizeOf(shape);
  if (all === 0) return [];
  const work = all * (looking + moved);
  switch (rule.keeps) {
    case 'nonzero':
      return [{ name: 'keep_nonzero', units: all, args: [x, y], work, grain: 1024 }];
    case 'large': {
      const { least, of } = rule;
      if (!of)
        return [{ name: 'keep_least', units: all, args: [1, x, least, 0, y], work, grain: 1024 }];
      const { size } = gridOf(shape, of)!;
      return [{ name: 'keep_least', units: all / size, args: [size, x, least, 1, y], work }];
    }
    case 'greatest': {
      const { outer, extent, inner, size } = gridOf(shape, rule.of)!;
      const drops = [rule.drop(size), rule.drop(extent % size), Number(rule.ties === 'last')];
      const units = outer * Math.ceil(extent / size) * inner;
      if (units === 1 && size > piece) return foundBy(size, drops, { x, y, scratch });
      const args = [extent, size, inner, ...drops, x, y, scratch];
      const wide = size > widest;
      const stage = {
        name: 'keep_greatest',
        units,
        args,
        work: all * (wide ? 5 * counting : size * ranking),
        grain: 4,
      };
      return [wide ? { ...stage, own: lastOf(args, (histogram + size) * float) } : stage];
    }
    case 'greedy':
    case 'fixed':
    case 'transposable':
    case 'blocks':
      return [];
    default:
      return rule satisfies never;
  }
}

/** The calls that find what is kept of one long run, in pieces. */
function foundBy(
  n: number,
  [drop, , last]: readonly number[],
  { x, y, scratch: found }: Omit<Where, 'shape'>,
): readonly Stage[] {
  if (drop === 0) return [{ name: 'fill', units: n, args: [1, y], work: n * looking, grain: 1024 }];
  const pieces = Math.ceil(n / piece);
  const counts = found + foundWords * float;
  const left = counts + pieces * digits * float;
  const starts = left + pieces * float;
  const keys = starts + (pieces + 1) * float;
  const rounds = Array.from({ length: 4 }, (_, round): readonly Stage[] => [
    {
      name: 'digits',
      units: pieces,
      args: [n, round, x, found, counts, keys, left],
      work: n * (round < 2 ? counting : 1),
    },
    {
      name: 'digit',
      units: 1,
      args: [pieces, round, Math.min(drop!, n), counts, found, starts],
      work: pieces * digits,
    },
  ]);
  const keep: Stage = {
    name: 'keep_found',
    units: pieces,
    args: [n, last!, x, y, found, starts],
    work: n * (looking + moved),
  };
  return [...rounds.flat(), keep];
}

/** Throws what the sparsifier throws for the first number that has no magnitude. */
function refuse(exports: Exports, how: Sparsifier, shape: Shape, x: number): void {
  const size = sizeOf(shape);
  const at = exports['first_unordered']!(0, size, x);
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
  // A word, histograms, and a run of candidates.
  scratch: ({ inputs: [x] }) => (found + histogram + x!.stored + (x!.stored >> 4)) * float,
  exact: true,
  launch: ({ exports, bind, attrs: { how }, inputs, output, scratch: word }) => {
    const { operand, values: x } = inputs[0]!;
    const { shape } = operand;
    const rule = how.rule!;
    const scratch = word + found * float;
    const stages = stagesOf(rule, { shape, x, y: output.values, scratch });
    if (rule.keeps === 'nonzero') return stages;
    const units = sizeOf(shape);
    const work = units * looking;
    const look = bind([{ name: 'unordered', units, args: [x, word], work, grain: 1024 }]);
    const make = bind(stages);
    return () => {
      if (raised(exports, word, look)) refuse(exports, how, shape, x);
      make();
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
