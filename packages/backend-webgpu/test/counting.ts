// A device that counts what is asked of it, and passes every call on.

const counted = [
  'createBuffer',
  'createBindGroup',
  'createComputePipeline',
  'createComputePipelineAsync',
  'createCommandEncoder',
  'submit',
  'mapAsync',
] as const;

/** How often each call was made. */
export type Counts = Record<(typeof counted)[number], number>;

/** A stand-in for a device, its queue and its buffers. */
export function counting(device: GPUDevice): {
  readonly device: GPUDevice;
  readonly counts: Counts;
} {
  const counts = Object.fromEntries(counted.map((name) => [name, 0])) as Counts;
  const isCounted = (name: string | symbol): name is keyof Counts => name in counts;
  const queue = watch(device.queue);
  function watch<T extends object>(target: T, also: Partial<T> = {}): T {
    return new Proxy(target, {
      get(_, name) {
        if (name in also) return also[name as keyof T];
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        return (...args: readonly unknown[]): unknown => {
          if (isCounted(name)) counts[name]++;
          const result: unknown = Reflect.apply(value, target, args);
          if (name === 'createBuffer') countMaps(result as GPUBuffer);
          return result;
        };
      },
    });
  }
  /** Buffers are handed to native code, so that they stay what they are, with one method of their own. */
  function countMaps(buffer: GPUBuffer): void {
    const map = buffer.mapAsync.bind(buffer);
    buffer.mapAsync = (...args) => {
      counts.mapAsync++;
      return map(...args);
    };
  }
  return { device: watch(device, { queue }), counts };
}
