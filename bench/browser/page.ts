// The page's script: what Node's side may ask of it.
import { createEngine, wasm } from '@lacuna/lacuna';
import { clockFor } from '../clock.js';
import { absentHere, type Peer } from '../contenders/contender.js';
import { jax } from '../contenders/jax.js';
import { litert } from '../contenders/litert.js';
import { mathjs } from '../contenders/mathjs.js';
import { mlSparseMatrix } from '../contenders/ml-sparse-matrix.js';
import { onnxruntime, onnxruntimeInt8, serveFrom } from '../contenders/onnxruntime.js';
import { startTfjs, tfjs } from '../contenders/tfjs.js';
import { thing } from '../contenders/thing.js';
import { typedArray } from '../contenders/typed-array.js';
import { measure, pace } from '../measure.js';
import type { Options } from '../options.js';
import { progressLine } from '../print/progress.js';
import { startup } from '../probes/startup.js';
import type { Probe } from '../suites/suite.js';
import type { PageSide } from './sides.js';

const peers: readonly Peer[] = [
  onnxruntime,
  onnxruntimeInt8,
  tfjs,
  litert('/litert/'),
  absentHere(
    'XNNPACK spmm',
    '-',
    'it is reached by whole convolutional graphs only, not by one product',
  ),
  jax,
  typedArray,
  mlSparseMatrix,
  mathjs,
  thing,
];

const side: PageSide = {
  startup,
  async bench(options: Options) {
    serveFrom('/ort/');
    await startTfjs(options.threads, '/tfjs/');
    const clock = clockFor(2); // the wall's
    const versions = Object.fromEntries(peers.map((p) => [p.name, p.version]));
    const measured = await measure(
      {
        options,
        engine: await createEngine(wasm({ threads: options.threads }), { fallback: 'refuse' }),
        peers,
        clock,
        race: { clock, ...pace(options.quick) },
        probe,
        file: async (path) => new Uint8Array(await (await fetch(`/${path}`)).arrayBuffer()),
      },
      (suite, outcome, soFar) => {
        console.log(progressLine(suite, outcome, options.suites));
        globalThis.hear({ ...soFar, peers: versions });
      },
    );
    return { ...measured, peers: versions };
  },
};

const probe: Probe = (name, settings) => {
  if (name !== 'startup') throw new Error('it needs processes of its own: --engine node');
  return globalThis.freshPage(settings);
};

globalThis.side = side;
