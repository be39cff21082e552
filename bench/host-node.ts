// What a run needs of Node: peers, a clock, files and fresh processes.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createEngine, wasm } from '@lacuna/lacuna';
import { wall, clockFor } from './clock.js';
import { absentHere, type NetworkPeer, type Peer } from './contenders/contender.js';
import { jax } from './contenders/jax.js';
import { mathjs } from './contenders/mathjs.js';
import { mlSparseMatrix } from './contenders/ml-sparse-matrix.js';
import { onnxruntime, onnxruntimeInt8 } from './contenders/onnxruntime.js';
import { tfjs } from './contenders/tfjs.js';
import { tfjsWasm } from './contenders/tfjs-wasm.js';
import { thing } from './contenders/thing.js';
import { typedArray } from './contenders/typed-array.js';
import { dawn } from './gpu/dawn.js';
import { pace } from './measure.js';
import type { Options } from './options.js';
import { wasmPeaks } from './peaks/wasm.js';
import { webgpuPeaks } from './peaks/webgpu.js';
import type { Context, Probe } from './suites/suite.js';

const root = new URL('../', import.meta.url);

const inBrowsers = 'it runs in browsers only: --engine chromium';

const peers: readonly Peer[] = [
  onnxruntime,
  onnxruntimeInt8,
  tfjs(tfjsWasm()),
  absentHere('LiteRT.js', '2.5.3', inBrowsers),
  absentHere(
    'XNNPACK spmm',
    '-',
    'it is reached by whole convolutional networks only, not by one product: --suite network --engine chromium',
  ),
  jax,
  typedArray,
  mlSparseMatrix,
  mathjs,
  thing,
];

const networks: readonly NetworkPeer[] = [
  absentHere('LiteRT.js', '2.5.3', inBrowsers),
  absentHere('LiteRT.js, sparse weights', '2.5.3', inBrowsers),
];

const here = "it takes the page's adapter: --engine chromium";
const gpuPeers: readonly Peer[] = [
  absentHere('tfjs-webgpu', '4.22.0', here),
  absentHere('ort-webgpu', '1.30.0', here),
];

/** The context of this process. */
export async function nodeContext(options: Options): Promise<Context> {
  const { threads, backend } = options;
  const common = {
    options,
    probe,
    file: async (path: string) => Uint8Array.from(await readFile(new URL(path, root))),
  };
  if (backend === 'webgpu') {
    const another = () => dawn(options.tiles);
    const gpu = await another();
    const engine = await createEngine(gpu, { fallback: 'refuse' });
    const race = { clock: wall, ...pace(options) };
    const peaks = webgpuPeaks(gpu);
    const taking = { peers: gpuPeers, networks: [] };
    return { ...common, engine, backend: another, peaks, ...taking, clock: wall, race };
  }
  const clock = clockFor(threads);
  const engine = await createEngine(wasm({ threads }), { fallback: 'refuse' });
  return {
    ...common,
    engine,
    backend: (count) => wasm({ threads: count }),
    peaks: wasmPeaks(engine),
    tfjs: tfjsWasm(),
    peers,
    networks,
    clock,
    race: { clock, ...pace(options) },
  };
}

const probe: Probe = async (name, settings) => {
  const main = fileURLToPath(new URL('probes/main.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--max-old-space-size=8192', ...process.execArgv, main, name, JSON.stringify(settings)],
    { cwd: fileURLToPath(root) },
  );
  return JSON.parse(stdout) as Record<string, number>;
};
