// Dispatches gather in one compute pass of one command encoder until they are sent: a plan is one submission.

import type { Counters } from './counters.js';

/** One dispatch, ready to be encoded. */
export interface Encoded {
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
  readonly workgroups: readonly [number, number, number];
}

/** A place in a buffer. */
export interface Place {
  readonly buffer: GPUBuffer;
  readonly offset: number;
}

/** What is waiting to be sent to a device. */
export class Encoder {
  readonly #device: GPUDevice;
  readonly #counters: Counters;
  #encoder: GPUCommandEncoder | undefined;
  #pass: GPUComputePassEncoder | undefined;

  constructor(device: GPUDevice, counters: Counters) {
    [this.#device, this.#counters] = [device, counters];
  }

  dispatch({ pipeline, group, workgroups: [x, y, z] }: Encoded): void {
    this.#encoder ??= this.#device.createCommandEncoder();
    const pass = (this.#pass ??= this.#encoder.beginComputePass());
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(x, y, z);
    this.#counters.dispatches++;
    this.#counters.workgroups += x * y * z;
  }

  /** Appends a copy to what is waiting. */
  copy(from: Place, to: Place, bytes: number): void {
    this.#encoder ??= this.#device.createCommandEncoder();
    this.#pass?.end();
    this.#pass = undefined;
    this.#encoder.copyBufferToBuffer(from.buffer, from.offset, to.buffer, to.offset, bytes);
  }

  /** Forgets what is waiting: commands on a buffer that is none take down all that are sent with them. */
  discard(): void {
    this.#encoder = this.#pass = undefined;
  }

  /** Sends what is waiting, if anything. */
  submit(): void {
    if (!this.#encoder) return;
    this.#pass?.end();
    const commands = this.#encoder.finish();
    this.#pass = this.#encoder = undefined;
    this.#device.queue.submit([commands]);
    this.#counters.submissions++;
  }
}
