// A device's rates. Multiply-adds: eight chains of vectors a thread, nothing loaded. Loads: a buffer read once,
// neighbouring threads at neighbouring vectors. Both are made as long as some milliseconds by the rates that the
// backend measured as it came up, so that a launch is a small part of them on a card as on a processor.
import { grid, item, program, type Dispatch, type WebgpuBackend } from '@lacuna/backend-webgpu';
import type { Peaks } from './peaks.js';

const [threads, size, chains] = [16384, 64, 8];
const seconds = 0.004;

const multiply = program({
  name: 'peak',
  params: ['rounds', 'by: f32', 'plus: f32'],
  buffers: [{ name: 'y', type: 'array<vec4f>', write: true }],
  workgroup: [size, 1, 1],
  body: `
let by = vec4f(p.by);
let plus = vec4f(p.plus);
${lines((c) => `var a${c} = vec4f(f32(id.x + ${c}u));`)}
for (var round = 0u; round < p.rounds; round++) {
  ${lines((c) => `a${c} = fma(a${c}, by, plus);`)}
}
y[id.x] = ${Array.from({ length: chains }, (_, c) => `a${c}`).join(' + ')};`,
});

const each = 16;
const load = program({
  name: 'load-peak',
  params: ['threads'],
  buffers: [
    { name: 'x', type: 'array<vec4f>' },
    { name: 'y', type: 'array<vec4f>', write: true },
  ],
  workgroup: [size, 1, 1],
  body: `
let at = ${item(size)};
if (at >= p.threads) { return; }
var sum = vec4f();
for (var k = 0u; k < ${each}u; k++) { sum += x[k * p.threads + at]; }
y[at] = sum;`,
});

function lines(line: (chain: number) => string): string {
  return Array.from({ length: chains }, (_, chain) => line(chain)).join('\n');
}

/** The rates of a backend's device. Their buffers live as long as the backend. */
export function webgpuPeaks(backend: WebgpuBackend): Peaks {
  const { memory, rates, device } = backend;
  const binding = (bytes: number) => ({ block: memory.alloc(bytes), bytes });
  const rounds = Math.max(8, Math.round((rates.flops * seconds) / (threads * chains * 8)));
  const most = Math.min(device.limits.maxStorageBufferBindingSize, 2 ** 28);
  const readers = Math.ceil(
    Math.min(most, Math.max(2 ** 20, rates.bandwidth * seconds)) / (16 * each),
  );
  const runner = (dispatch: Dispatch, work: number) => {
    const run = backend.run([dispatch]);
    return {
      run: () => {
        run();
        backend.submit();
      },
      settle: () => backend.finish(),
      flops: work,
      bytes: work,
    };
  };
  return {
    multiplying: runner(
      {
        program: multiply,
        params: [rounds, 0.999, 0.001],
        buffers: [binding(threads * 16)],
        workgroups: grid(threads, size),
      },
      threads * chains * 8 * rounds,
    ),
    loading: runner(
      {
        program: load,
        params: [readers],
        buffers: [binding(readers * each * 16), binding(readers * 16)],
        workgroups: grid(readers, size),
      },
      readers * each * 16,
    ),
  };
}
