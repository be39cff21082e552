// What a backend has done since it came up: for tests, benchmarks, and the arithmetic of expected speeds.
import type { Dispatch } from './kernel.js';

/** Counts since the backend came up, or since {@link Counters.reset}. */
export class Counters {
  dispatches = 0;
  workgroups = 0;
  submissions = 0;
  bindGroups = 0;
  readbacks = 0;
  /** By program: how often it was bound, and the bytes that its bindings cover. */
  readonly programs = new Map<string, { bound: number; bytes: number }>();

  bind({ program, buffers }: Dispatch): void {
    this.bindGroups++;
    const entry = this.programs.get(program.name) ?? { bound: 0, bytes: 0 };
    entry.bound++;
    for (const buffer of buffers) entry.bytes += buffer?.bytes ?? 0;
    this.programs.set(program.name, entry);
  }

  reset(): void {
    this.dispatches = this.workgroups = this.submissions = this.bindGroups = this.readbacks = 0;
    this.programs.clear();
  }
}
