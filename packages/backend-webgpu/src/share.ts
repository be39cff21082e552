// Buffers that others made, or that others read: what is checked before one is taken in. WebGPU tells of the
// rest, a buffer of another device, later; the error then waits for the next call that can throw.
import { SparseError } from '@lacuna/ir';
import type { Failures } from './failures.js';
import type { Binding, Dispatch } from './kernel.js';
import { usage } from './pool.js';

/** A range of a buffer. */
export interface GpuRange {
  readonly buffer: GPUBuffer;
  /** In bytes. */
  readonly offset: number;
  readonly size: number;
}

/** What a buffer must be made for, so that kernels read it and results are copied into it and out of it. */
const needed = {
  STORAGE: usage.storage,
  COPY_SRC: usage.copySource,
  COPY_DST: usage.copyTarget,
} as const;

/**
 * A range of a buffer that kernels can bind.
 *
 * @throws SparseError `unsupported` for a buffer made for other uses, or mapped; `capacity` for a range that is
 * not in it, or that does not begin where bindings may.
 */
export function rangeOf(
  buffer: GPUBuffer,
  { offset = 0, size = buffer.size - offset }: Partial<Omit<GpuRange, 'buffer'>>,
  alignment: number,
): GpuRange {
  const missing = Object.entries(needed).flatMap(([name, flag]) =>
    (buffer.usage & flag) === 0 ? [`GPUBufferUsage.${name}`] : [],
  );
  if (missing.length > 0)
    throw new SparseError('unsupported', `the GPUBuffer was made without ${missing.join(', ')}`, {
      hint: 'create it with usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST',
      detail: { usage: buffer.usage, missing },
    });
  if (buffer.mapState !== 'unmapped')
    throw new SparseError('unsupported', `the GPUBuffer is ${buffer.mapState}`, {
      hint: 'call buffer.unmap() first',
    });
  if (!(offset >= 0 && size >= 0 && offset + size <= buffer.size))
    throw new SparseError(
      'capacity',
      `bytes ${offset} to ${offset + size} were asked of a GPUBuffer of ${buffer.size}`,
      { hint: 'pass an offset and a size that are inside', detail: { limit: buffer.size } },
    );
  if (offset % alignment !== 0)
    throw new SparseError(
      'capacity',
      `a range of a GPUBuffer begins at byte ${offset}, and this device binds from multiples of ${alignment}`,
      { hint: 'copy it to such a place', detail: { asked: offset, alignment } },
    );
  return { buffer, offset, size };
}

/**
 * Refuses a dispatch that would read and write one buffer, or write one place of it twice, which only ranges of
 * another's can lead to. Ranges of one buffer that are written and lie apart are what WebGPU allows.
 *
 * @throws SparseError `unsupported`.
 */
export function refuseAliases({ program, buffers }: Dispatch): void {
  program.writes.forEach((write, at) => {
    const mine = buffers[at];
    if (!write || !mine) return;
    const twice = buffers.some(
      (each, other) =>
        other !== at &&
        each?.block.buffer === mine.block.buffer &&
        !(program.writes[other] && liesApart(mine, each)),
    );
    if (twice)
      throw new SparseError(
        'unsupported',
        `${program.name} would write a GPUBuffer that it also uses otherwise`,
        { hint: 'give inputs and results a GPUBuffer each: ranges of one will not do' },
      );
  });
}

function liesApart(a: Binding, b: Binding): boolean {
  const [first, second] = a.block.offset <= b.block.offset ? [a, b] : [b, a];
  return first.block.offset + Math.ceil(first.bytes / 4) * 4 <= second.block.offset;
}

/** Clears nothing of a buffer, so that the device says whether the buffer is one of its own. */
export function tryBuffer(device: GPUDevice, failures: Failures, buffer: GPUBuffer): void {
  failures.watch(
    () => {
      const encoder = device.createCommandEncoder();
      encoder.clearBuffer(buffer, 0, 0);
      encoder.finish();
    },
    (cause) =>
      new SparseError('home', `a GPUBuffer cannot be used on this device: ${cause.message}`, {
        cause,
        hint: 'give the engine the device that made it: webgpu({ device })',
      }),
  );
}
