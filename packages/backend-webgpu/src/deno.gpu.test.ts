// The laws on wgpu, a second implementation of WebGPU, in Deno.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { bundle } from '../test/bundle.js';
import type { Conformance } from '../test/conform.js';

// The package's own starter, which puts the binary in its place: install scripts are not run.
const deno = join(dirname(createRequire(import.meta.url).resolve('deno/package.json')), 'bin.cjs');

/** Runs a module in Deno, and gives what it prints. */
function run(file: string): Promise<string> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [deno, 'run', '--allow-env', '--unstable-webgpu', file], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [said, wrong] = ['', ''];
    child.stdout.on('data', (data) => (said += data));
    child.stderr.on('data', (data) => (wrong += data));
    child.on('error', fail);
    child.on('close', (code) => (code === 0 ? done(said) : fail(new Error(said + wrong))));
  });
}

it('keeps every law in Deno', { timeout: 600_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lacuna-deno-'));
  try {
    const file = join(folder, 'conform.js');
    const cases = process.env['LAWS_CASES'] ?? 4;
    const code = await bundle('conform.ts');
    writeFileSync(file, `${code}\nconsole.log(JSON.stringify(await conform(1, ${cases})));\n`);
    const said = await run(file);
    const { passed, failures } = JSON.parse(said.trim().split('\n').at(-1)!) as Conformance;
    expect(failures).toEqual([]);
    expect(passed).toBeGreaterThan(200);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
