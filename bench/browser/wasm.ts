// The page's script for WebAssembly.
import { createEngine, wasm } from '@lacuna/lacuna';
import { wall } from '../clock.js';
import { absentHere, type Peer } from '../contenders/contender.js';
import { jax } from '../contenders/jax.js';
import { litert } from '../contenders/litert.js';
import { litertNetworks } from '../contenders/litert-network.js';
import { mathjs } from '../contenders/mathjs.js';
import { mlSparseMatrix } from '../contenders/ml-sparse-matrix.js';
import { onnxruntime, onnxruntimeInt8, serveFrom } from '../contenders/onnxruntime.js';
import { tfjs } from '../contenders/tfjs.js';
import { tfjsWasm } from '../contenders/tfjs-wasm.js';
import { thing } from '../contenders/thing.js';
import { typedArray } from '../contenders/typed-array.js';
import { pace } from '../measure.js';
import { wasmPeaks } from '../peaks/wasm.js';
import { offer } from './page.js';

const host = tfjsWasm('/tfjs/');

const peers: readonly Peer[] = [
  onnxruntime,
  onnxruntimeInt8,
  tfjs(host),
  litert('/litert/'),
  absentHere(
    'XNNPACK spmm',
    '-',
    'it is reached by whole convolutional networks only, not by one product: --suite network',
  ),
  jax,
  typedArray,
  mlSparseMatrix,
  mathjs,
  thing,
];

offer(async (options) => {
  const { threads } = options;
  serveFrom('/ort/');
  await host.start(threads);
  const engine = await createEngine(wasm({ threads }), { fallback: 'refuse' });
  return {
    engine,
    backend: (count) => wasm({ threads: count }),
    peaks: wasmPeaks(engine),
    tfjs: host,
    peers,
    networks: litertNetworks('/litert/'),
    clock: wall,
    race: { clock: wall, ...pace(options) },
  };
});
