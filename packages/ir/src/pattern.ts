// A pattern says where a tensor's stored entries are: a format, a shape and the structure bytes.
// Immutable and shared: a weight, its gradient and its optimiser's moments point at one pattern.
import {
  buffersOf,
  positionsOf,
  structureBytes,
  type BufferRole,
  type BufferSpec,
} from './buffers.js';
import { printFormat, quantised } from './format.js';
import { indexView, type IndexArray } from './dtype.js';
import { SparseError } from './error.js';
import { levelsOf, type Format, type Shape } from './layout.js';
import type { Level } from './level.js';

/** Where a tensor's stored entries are. */
export interface Pattern {
  readonly format: Format;
  readonly shape: Shape;
  readonly levels: readonly Level[];
  /** Positions at each level; the last is the length of `values`. */
  readonly positions: readonly number[];
  /** All structure buffers in one allocation. */
  readonly structure: Uint8Array<ArrayBuffer>;
  readonly buffers: readonly BufferSpec[];
  /** A hash of `structure` as it was made, so that `check` finds any later change. */
  readonly checksum: number;
}

/** Number of values that a pattern's tensors have. */
export function valueCount(pattern: Pattern): number {
  return pattern.positions.at(-1) ?? 1;
}

/** The buffer of a level's role, as an array over the structure. Throws `format` where there is none. */
export function bufferOf(pattern: Pattern, level: number, role: BufferRole): IndexArray {
  return viewOf(pattern, bufferSpec(pattern, level, role));
}

/**
 * Where the buffer of a level's role is, how long, and how wide its numbers are.
 *
 * @throws SparseError `format` where there is none, with those that there are.
 */
export function bufferSpec(
  { format, levels, buffers }: Pick<Pattern, 'format' | 'levels' | 'buffers'>,
  level: number,
  role: BufferRole,
): BufferSpec {
  const found = buffers.find((b) => b.level === level && b.role === role);
  if (found) return found;
  const said = buffers.map((b) => `${b.role} (${b.type}) at ${b.level}, ${levels[b.level]!.name}`);
  throw new SparseError(
    'format',
    `${printFormat(format)} has no ${role} buffer at level ${level}`,
    {
      hint: said.length === 0 ? 'it has none' : `it has ${said.join('; ')}`,
      detail: { buffers },
    },
  );
}

/** A buffer as an array over the structure. */
export function viewOf(pattern: Pick<Pattern, 'structure'>, spec: BufferSpec): IndexArray {
  return indexView(
    spec.type,
    pattern.structure.buffer,
    pattern.structure.byteOffset + spec.offset,
    spec.length,
  );
}

/** Number of elements of a shape. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((n, extent) => n * extent, 1);
}

/** Refuses what is no shape: negative, fractional, or too large to count exactly. */
export function checkShape(shape: Shape): void {
  if (
    !shape.every((extent) => Number.isSafeInteger(extent) && extent >= 0) ||
    !Number.isSafeInteger(sizeOf(shape))
  ) {
    throw new SparseError('shape', `[${shape.join(', ')}] is not a shape`, {
      hint: 'write whole numbers, 0 or more',
    });
  }
}

/** A buffer's contents, to build a pattern from: which level, which role, what. */
export interface BufferInput {
  readonly level: number;
  readonly role: BufferRole;
  readonly data: ArrayLike<number>;
}

/**
 * A pattern from its buffers, such as the `indptr` and `indices` of somebody's CSR matrix. Lengths are
 * checked here; run {@link check} for the rest.
 *
 * @throws SparseError `corrupt` where a buffer is missing or of the wrong length.
 */
export function makePattern(format: Format, shape: Shape, inputs: readonly BufferInput[]): Pattern {
  checkShape(shape);
  const levels = levelsOf(format, shape);
  const positions = countPositions(levels, inputs);
  const buffers = buffersOf(levels, positions);
  const data = buffers.map((spec) => {
    const fixed = spec.role === 'table' ? levels[spec.level]!.by?.data : undefined;
    const input = fixed ?? find(inputs, spec.level, spec.role);
    if (input.length === spec.length) return input;
    throw new SparseError(
      'corrupt',
      `${printFormat(format)}: ${spec.role} of level ${levels[spec.level]!.name} has ${input.length} elements, and ${spec.length} are needed`,
      { detail: { level: spec.level, role: spec.role } },
    );
  });
  const structure = new Uint8Array(structureBytes(buffers));
  buffers.forEach((spec, at) => viewOf({ structure }, spec).set(data[at]!));
  return frozen({ format, shape, levels, positions, structure, buffers });
}

/**
 * A pattern over its structure bytes, which it keeps: what a backend has written where `buffersOf` says. Given as a
 * function they stay where they are until somebody first reads them.
 */
export function patternOver(
  format: Format,
  shape: Shape,
  positions: readonly number[],
  structure: Uint8Array<ArrayBuffer> | (() => Uint8Array<ArrayBuffer>),
): Pattern {
  const levels = levelsOf(format, shape);
  const buffers = buffersOf(levels, positions);
  const parts = { format, shape, levels, positions, buffers };
  return typeof structure === 'function'
    ? later(parts, structure)
    : frozen({ ...parts, structure });
}

type Parts = Omit<Pattern, 'structure' | 'checksum'>;

const fixed = ({ format, shape, positions, levels, buffers }: Parts): Parts => ({
  levels,
  buffers,
  format: quantised(format),
  shape: Object.freeze([...shape]),
  positions: Object.freeze([...positions]),
});

const frozen = ({ structure, ...parts }: Omit<Pattern, 'checksum'>): Pattern =>
  Object.freeze({ ...fixed(parts), structure, checksum: hash(structure) });

/** A pattern whose bytes come when they are first read. Nobody can change them before that, so their hash waits too. */
function later(parts: Parts, read: () => Uint8Array<ArrayBuffer>): Pattern {
  let made: Pick<Pattern, 'structure' | 'checksum'> | undefined;
  const own = (): NonNullable<typeof made> => {
    if (made) return made;
    const structure = read();
    return (made = { structure, checksum: hash(structure) });
  };
  const pattern: Pattern = {
    ...fixed(parts),
    get structure() {
      return own().structure;
    },
    get checksum() {
      return own().checksum;
    },
  };
  return Object.freeze(pattern);
}

function find(inputs: readonly BufferInput[], level: number, role: BufferRole): ArrayLike<number> {
  const found = inputs.find((b) => b.level === level && b.role === role);
  if (!found)
    throw new SparseError('corrupt', `the ${role} buffer of level ${level} is missing`, {
      detail: { level, role },
    });
  return found.data;
}

function countPositions(
  levels: readonly Level[],
  inputs: readonly BufferInput[],
): readonly number[] {
  const positions: number[] = [];
  levels.forEach((level, k) => {
    const parents = k === 0 ? 1 : positions[k - 1]!;
    const known = positionsOf(level, parents);
    const role = level.kind === 'bitmask' ? 'rank' : 'pos';
    const count = known ?? find(inputs, k, role)[parents] ?? 0;
    positions.push(count);
  });
  return Object.freeze(positions);
}

/** A 32-bit hash of bytes, a word at a time; finds changes, does not resist an adversary. */
export function hash(bytes: Uint8Array): number {
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >>> 2);
  // Four chains, since each waits for its own multiplication: 2 GB/s with one.
  let [a, b, c, d] = [bytes.byteLength | 0, 1, 2, 3];
  const whole = words.length & ~3;
  for (let i = 0; i < whole; i += 4) {
    a = mix(a, words[i]!);
    b = mix(b, words[i + 1]!);
    c = mix(c, words[i + 2]!);
    d = mix(d, words[i + 3]!);
  }
  for (let i = whole; i < words.length; i++) a = mix(a, words[i]!);
  return mix(mix(mix(a, b), c), d) >>> 0;
}

function mix(h: number, word: number): number {
  const product = Math.imul(h ^ word, 0x9e3779b1);
  return product ^ (product >>> 15);
}
