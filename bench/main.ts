// npm run bench: where Lacuna stands against its peers, on this machine, now.
import { accessSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { SparseError } from '@lacuna/lacuna';
import { defineCommand, runMain } from 'citty';
import { report as measureIn } from './hosts.js';
import { parseOptions, type Arguments, type Host } from './options.js';
import { writeDocs } from './print/docs.js';
import { page } from './print/page.js';
import { printReport } from './print/table.js';
import { toJson, type Report } from './report.js';

const command = defineCommand({
  meta: { name: 'bench', description: 'Lacuna against its peers, on this machine, now' },
  args: {
    suite: { type: 'string', description: 'suites to run, separated by commas; default all' },
    shape: { type: 'string', description: 'MxKxN of Y [M, N] = W [M, K] · X [K, N], also several' },
    sparsity: { type: 'string', description: 'shares of zeros, such as 0.83 or 83%, also several' },
    layout: { type: 'string', description: 'layouts, such as nmg(2,4,8),bcsr(4,1),csr' },
    backend: { type: 'string', description: 'wasm or webgpu', default: 'wasm' },
    tiles: { type: 'string', description: 'of WebGPU: register or shared; default the faster' },
    loads: { type: 'boolean', description: 'count what threads load, on WebGPU' },
    engine: { type: 'string', description: 'node, node20 or chromium', default: 'node' },
    quick: { type: 'boolean', description: 'a few shapes, within a minute' },
    json: { type: 'string', description: 'write the report to this file' },
    page: { type: 'string', description: 'write a page with plots to this file' },
    docs: {
      type: 'boolean',
      description: 'make docs/benchmarks.md again from the committed reports',
    },
    seed: { type: 'string', description: 'of weights and inputs', default: '1' },
    threads: { type: 'string', description: 'threads of ours and of peers', default: '1' },
    entries: { type: 'string', description: 'the most stored entries of growth, up to 1e8' },
  },
  async run({ args }) {
    try {
      if (args.docs) writeDocs();
      else await bench(args);
    } catch (error) {
      const usage = error instanceof RangeError || error instanceof SparseError;
      console.error(usage ? error.message : error);
      process.exitCode = usage ? 2 : 1;
    }
  },
});

async function bench(args: Arguments & Outputs): Promise<void> {
  const options = parseOptions(args);
  for (const file of [args.json, args.page]) if (file) accessSync(dirname(resolve(file)));
  let soFar: Report | undefined;
  // What is measured so far is kept on the way, so that a run which is stopped leaves a report.
  process.on('SIGINT', () => {
    // Another Node gets the signal too, and its report is awaited.
    if (args.engine === 'node20') return;
    if (soFar) {
      process.stderr.write('stopped: this is the report so far\n');
      write({ ...soFar, stopped: true }, args);
    }
    process.exit(130);
  });
  const report = await measureIn(
    args.engine as Host,
    options,
    process.argv.slice(2),
    (measured) => {
      soFar = measured;
      if (args.json) writeWhole(args.json, toJson({ ...measured, stopped: true }));
    },
  );
  write(report, args);
}

function write(report: Report, { json, page: file }: Outputs): void {
  console.log(printReport(report));
  if (json) writeWhole(json, toJson(report));
  if (file) writeWhole(file, page(report));
}

/** Writes a file so that it is never seen half written. */
function writeWhole(file: string, text: string): void {
  writeFileSync(`${file}.part`, text);
  renameSync(`${file}.part`, file);
}

interface Outputs {
  readonly engine: string;
  readonly json?: string | undefined;
  readonly page?: string | undefined;
}

await runMain(command);
// Runtimes of peers keep workers and timers alive.
process.exit();
