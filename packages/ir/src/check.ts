// Whether a pattern is sound. Each level has its invariants; then no coordinate may be stored twice; then
// the structure must be the one that was made, byte for byte.
import { maskBytes } from './buffers.js';
import { coordinatesOf } from './entries.js';
import type { IndexArray } from './dtype.js';
import { SparseError } from './error.js';
import { printFormat } from './format.js';
import { bufferOf, hash, sizeOf, valueCount, viewOf, type Pattern } from './pattern.js';
import { walkFlat } from './walk.js';

/**
 * Checks a pattern's structure: bounds rise from 0 to the number of entries, coordinates are in range,
 * in order and distinct, bit counts agree with the bits, nothing is stored twice, and no byte has
 * changed since the pattern was made.
 *
 * @throws SparseError `corrupt`, naming the level, the buffer and the first place that is wrong.
 */
export function check(pattern: Pattern): void {
  pattern.levels.forEach((_, k) => checkLevel(pattern, k));
  checkTwice(pattern);
  if (hash(pattern.structure) !== pattern.checksum) {
    throw new SparseError(
      'corrupt',
      `${printFormat(pattern.format)}: the structure has changed since it was made`,
      { hint: 'patterns are immutable; make a new one' },
    );
  }
}

function checkLevel(pattern: Pattern, k: number): void {
  const level = pattern.levels[k]!;
  const parents = k === 0 ? 1 : pattern.positions[k - 1]!;
  const fail = (role: string, at: number, why: string): never => {
    throw new SparseError(
      'corrupt',
      `${printFormat(pattern.format)}: ${role}[${at}] of level ${level.name} ${why}`,
      { detail: { level: k, role, at } },
    );
  };
  for (const spec of pattern.buffers) {
    if (spec.level !== k || (spec.role !== 'crd' && spec.role !== 'table')) continue;
    if (level.delta) continue;
    const limit = spec.role === 'crd' ? (level.by?.of ?? level.size) : level.size;
    viewOf(pattern, spec).forEach(
      (c, at) => c < limit || fail(spec.role, at, `is ${c}, past ${limit - 1}`),
    );
  }
  switch (level.kind) {
    case 'slot':
    case 'singleton':
    case 'range':
      return;
    case 'dense':
      if (level.by) checkDistinct(bufferOf(pattern, k, 'table'), level.size, 'table', fail);
      return;
    case 'masked':
      return checkBits(pattern, k, fail);
    case 'compressed':
    case 'bitmask': {
      const role = level.kind === 'bitmask' ? 'rank' : 'pos';
      const pos = bufferOf(pattern, k, role);
      if (pos[0] !== 0) fail(role, 0, `is ${pos[0]}, not 0`);
      for (let p = 1; p <= parents; p++)
        if (pos[p]! < pos[p - 1]!) fail(role, p, `is ${pos[p]}, less than the one before it`);
      if (pos[parents] !== pattern.positions[k])
        fail(role, parents, `is ${pos[parents]}, and ${pattern.positions[k]} entries are stored`);
      if (level.kind === 'bitmask') return checkBits(pattern, k, fail);
      const crd = bufferOf(pattern, k, 'crd');
      if (level.delta) return checkGaps(pos, crd, level.size, fail);
      for (let p = 0; p < parents; p++) {
        for (let q = pos[p]! + 1; q < pos[p + 1]!; q++) {
          if (crd[q]! < crd[q - 1]! || (level.unique && crd[q] === crd[q - 1]))
            fail('crd', q, `is ${crd[q]} after ${crd[q - 1]}`);
        }
      }
      return;
    }
    case 'fixed': {
      if (level.by && level.by.of === undefined) return;
      return checkDistinct(bufferOf(pattern, k, 'crd'), level.count!, 'crd', fail);
    }
    default:
      return level.kind satisfies never;
  }
}

type Fail = (role: string, at: number, why: string) => never;

/** Each run of `count` names nothing twice. */
function checkDistinct(data: IndexArray, count: number, role: string, fail: Fail): void {
  for (let first = 0; first < data.length; first += count) {
    const seen = new Set<number>();
    for (let q = first; q < first + count; q++) {
      if (seen.has(data[q]!)) fail(role, q, `repeats ${data[q]}`);
      seen.add(data[q]!);
    }
  }
}

/** Gaps cannot repeat a coordinate, nor go back; they can only go too far. */
function checkGaps(pos: IndexArray, crd: IndexArray, size: number, fail: Fail): void {
  for (let p = 0; p + 1 < pos.length; p++)
    for (let q = pos[p]!, c = -1; q < pos[p + 1]!; q++)
      if ((c += crd[q]! + 1) >= size) fail('crd', q, `leads to ${c}, past ${size - 1}`);
}

function checkBits(pattern: Pattern, k: number, fail: Fail): void {
  const { size, kind } = pattern.levels[k]!;
  const mask = bufferOf(pattern, k, 'mask');
  const rank = kind === 'masked' ? undefined : bufferOf(pattern, k, 'rank');
  const row = maskBytes(size);
  const parents = k === 0 ? 1 : pattern.positions[k - 1]!;
  for (let p = 0; p < parents; p++) {
    let bits = 0;
    for (let c = 0; c < row * 8; c++) {
      if (((mask[p * row + (c >> 3)]! >> (c & 7)) & 1) === 0) continue;
      if (c >= size) fail('mask', p * row + (c >> 3), `has a bit past coordinate ${size - 1}`);
      bits++;
    }
    if (rank && bits !== rank[p + 1]! - rank[p]!)
      fail('rank', p + 1, `counts ${rank[p + 1]! - rank[p]!} bits where ${bits} are set`);
  }
}

function checkTwice(pattern: Pattern): void {
  const { shape } = pattern;
  const size = sizeOf(shape);
  // A bit an element, unless that would be far more than the entries themselves take.
  const few = size > 512 * valueCount(pattern) + 2 ** 20;
  const bits = few ? undefined : new Uint8Array(Math.ceil(size / 8));
  const set = new Set<number>();
  walkFlat(pattern, (flat, position) => {
    const [byte, bit] = [Math.floor(flat / 8), 1 << (flat % 8)];
    const seen = bits ? (bits[byte]! & bit) !== 0 : set.has(flat);
    if (seen)
      throw new SparseError(
        'corrupt',
        `${printFormat(pattern.format)}: [${coordinatesOf(flat, shape).join(', ')}] is stored twice, again at position ${position}`,
        { detail: { position } },
      );
    if (bits) bits[byte]! |= bit;
    else set.add(flat);
  });
}

const sound = new WeakSet<Pattern>();

/** Notes that a pattern was made in a way that cannot go wrong, so that {@link ensureSound} need not look. */
export function vouch(pattern: Pattern): Pattern {
  sound.add(pattern);
  return pattern;
}

/**
 * Checks a pattern unless that was done before: what engines ask before kernels, which check nothing, may read
 * it.
 *
 * @throws SparseError `corrupt`.
 */
export function ensureSound(pattern: Pattern): void {
  if (sound.has(pattern)) return;
  check(pattern);
  sound.add(pattern);
}
