// One core's rates: 96 operations a round of `peak`, 16 KiB a round of `load_peak`.
import type { Engine, WasmBackend } from '@lacuna/lacuna';
import type { Peaks } from './peaks.js';

const rounds = 5000;

/** The rates of the core that the engine runs on. */
export function wasmPeaks({ backend }: Engine): Peaks {
  const { exports, memory } = backend as WasmBackend;
  const block = memory.alloc(16384);
  memory.free(block); // only read, and whatever lies there
  return {
    multiplying: { run: () => void exports['peak']!(rounds, 0.999, 0.001), flops: rounds * 96 },
    loading: {
      run: () => void exports['load_peak']!(rounds / 10, block.offset, 4096),
      bytes: (rounds / 10) * 16384,
    },
  };
}
