// Runs of numbers that are compared with each other, as shaders see them: element e of run (o, block, i) lies at
// (o·extent + block·size + e)·inner + i. The last block of a line may be shorter.
import { sizeOf, type Runs, type Shape } from '@lacuna/ir';
import { linesOf, type Lines } from '../lines.js';

/** The runs of a shape. */
export interface RunGrid extends Lines {
  /** Numbers of a run. */
  readonly size: number;
  /** Runs of a line. */
  readonly blocks: number;
  /** All runs. */
  readonly count: number;
  /** Numbers of the last run of a line. */
  readonly tail: number;
}

/** The runs of a shape; undefined where it has not the dimension. */
export function runGrid(shape: Shape, of: Runs): RunGrid | undefined {
  const lines = linesAlong(shape, of);
  if (lines === undefined) return undefined;
  const { outer, extent, inner } = lines;
  const size = Math.max(1, Math.min(extent, (typeof of === 'object' && of.size) || extent));
  const blocks = Math.ceil(extent / size);
  const tail = extent - (blocks - 1) * size;
  return { ...lines, size, blocks, count: outer * blocks * inner, tail };
}

function linesAlong(shape: Shape, of: Runs): Lines | undefined {
  if (of === 'tensor') return { outer: 1, extent: sizeOf(shape), inner: 1 };
  const columns = shape.at(-1) ?? 1;
  if (of === 'columns') return { outer: 1, extent: sizeOf(shape) / (columns || 1), inner: columns };
  const along = of.along < 0 ? of.along + shape.length : of.along;
  if (shape.length === 0 && of.along === -1) return { outer: 1, extent: 1, inner: 1 };
  return along in shape ? linesOf(shape, along) : undefined;
}

/** Names of the parameters that {@link runHead} reads. */
export const runParams = ['runs', 'extent', 'inner', 'size', 'blocks'] as const;

/** Their numbers. */
export const runNumbers = ({ count, extent, inner, size, blocks }: RunGrid): readonly number[] => [
  count,
  extent,
  inner,
  size,
  blocks,
];

/** WGSL: run k, and the run that the number at a place is of. */
export const runHead = `
struct Run { start: u32, length: u32, last: bool }
fn runOf(k: u32) -> Run {
  let line = k / p.inner;
  let block = line % p.blocks;
  let first = block * p.size;
  let start = (line / p.blocks * p.extent + first) * p.inner + k % p.inner;
  return Run(start, min(p.size, p.extent - first), block + 1u == p.blocks);
}
fn runAt(at: u32) -> u32 {
  let line = at / p.inner;
  let block = line % p.extent / p.size;
  return (line / p.extent * p.blocks + block) * p.inner + at % p.inner;
}
`;

/** WGSL: magnitudes in order as whole numbers, and marks. What is not finite is marked as no number. */
export const markHead = `
const beyond = 0x7f800000u;
const none = 0xffffffffu;
fn magnitude(word: u32) -> u32 { return word & 0x7fffffffu; }
fn mark(kept: bool, size: u32) -> u32 {
  return select(select(0u, 0x3f800000u, kept), 0x7fc00000u, size >= beyond);
}
`;
