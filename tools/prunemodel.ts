// `npm run prune -- MODEL.json [--fraction 0.8] [--sparsifier TEXT] [--least 4096] [--out FILE]`: prunes a TensorFlow.js
// graph model, saves what is left, loads it again, and says whether it became smaller and faster, and where not.
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import {
  readSafetensors,
  SparseError,
  weightsOf,
  withWeights,
  writeSafetensors,
} from '@lacuna/lacuna';
import { loadModel } from '../demo/model.js';
import { makeInput } from '../demo/inputs.js';
import { compare } from './prunemodel/compare.js';
import { pruned, stored } from './prunemodel/prune.js';

const { values, positionals } = parseArgs({
  options: {
    fraction: { type: 'string', default: '0.8' },
    sparsifier: { type: 'string' },
    least: { type: 'string', default: '4096' },
    input: { type: 'string', default: 'drawn' },
    out: { type: 'string' },
  },
  allowPositionals: true,
});
const path = (given: string): string => resolve(process.env['INIT_CWD'] ?? '.', given);
const whole = (x: number): string => x.toLocaleString('en');
const kilobytes = (bytes: Uint8Array): string =>
  `${whole(bytes.byteLength)} bytes, ${whole(gzipSync(bytes).byteLength)} gzipped`;

try {
  if (positionals.length !== 1)
    throw new SparseError('unsupported', `${positionals.length} models were named`, {
      hint: 'write npm run prune -- MODEL.json --fraction 0.8',
    });
  const from = path(positionals[0]!);
  const out = path(values.out ?? `${basename(from, '.json')}-pruned.safetensors`);
  const model = await loadModel(from);
  const how = values.sparsifier ?? `magnitude(fraction=${values.fraction})`;

  console.log(`${model.name}: ${how} on each weight of ${values.least} numbers and more\n`);
  const weights = pruned(weightsOf(model.graph), how, Number(values.least), (line) =>
    console.log(line),
  );
  const file = writeSafetensors(stored(weights), { pruned: how });
  writeFileSync(out, file);
  console.log(`\nbefore  ${kilobytes(model.shards)}\nafter   ${kilobytes(file)}, ${out}\n`);

  // What is compared is what the file gives back.
  const { tensors } = readSafetensors(readFileSync(out));
  const inputs = Object.fromEntries(
    model.inputs.map(({ name, shape }) => [name, makeInput(values.input, shape)]),
  );
  await compare(model.graph, withWeights(model.graph, tensors), inputs, (line) =>
    console.log(line),
  );
} catch (error) {
  if (!(error instanceof SparseError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
