// Milliseconds spent. In Node and with one thread, the processor's time of the whole process, so that other
// programs do not count and helpers of a contender's own do. `threadCpuUsage` would do better, but Linux
// moves it in steps of milliseconds. Elsewhere, and with threads, the wall's.

/** A clock in milliseconds. */
export interface Clock {
  readonly name: 'cpu' | 'wall';
  readonly now: () => number;
}

/** The wall's. */
export const wall: Clock = { name: 'wall', now: () => performance.now() };

/** The clock for a number of threads on this host. */
export function clockFor(threads: number): Clock {
  const { process } = globalThis as { process?: Partial<NodeJS.Process> };
  if (threads > 1 || !process?.cpuUsage) return wall;
  return {
    name: 'cpu',
    now: () => {
      const { user, system } = process.cpuUsage!();
      return (user + system) / 1000;
    },
  };
}
