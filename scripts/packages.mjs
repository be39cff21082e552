// `npm run check:packages`, after a build: what a user of each package gets.
//
//   publint   package.json says what the files are
//   attw      the types are right for import and for require, whatever resolves them
//   size      minified and gzipped, other packages left out (all of them in for `lacuna`),
//             is within the budget of scripts/size.json, in bytes

import { execFile } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const packages = fileURLToPath(new URL('../packages/', import.meta.url));
const budgets = JSON.parse(readFileSync(new URL('size.json', import.meta.url), 'utf8'));
const shell = process.platform === 'win32';

async function lint(pkgDir, manifest) {
  const { messages } = await publint({ pkgDir, strict: true });
  return messages.map((message) => formatMessage(message, manifest));
}

async function types(pkgDir, manifest) {
  const entries = Object.keys(manifest.exports).filter((name) => !/\.(js|json|wasm)$/.test(name));
  const args = ['--pack', '.', '--no-emoji', '--format', 'ascii'];
  // `./external` has no file for resolvers that know no `exports`.
  args.push('--profile', 'node16', '--entrypoints', ...entries);
  try {
    await promisify(execFile)('attw', args, { cwd: pkgDir, shell });
    return [];
  } catch (error) {
    return [`${error.stdout}${error.stderr}`.trim()];
  }
}

async function size(pkgDir, name) {
  const { outputFiles } = await build({
    entryPoints: [`${pkgDir}/dist/index.js`],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    external: name === 'lacuna' ? ['node:*'] : ['node:*', '@lacuna/*'],
  });
  return gzipSync(outputFiles[0].contents, { level: 9 }).length;
}

let failed = 0;
for (const name of readdirSync(packages)) {
  const pkgDir = `${packages}${name}`;
  const manifest = JSON.parse(readFileSync(`${pkgDir}/package.json`, 'utf8'));
  const complaints = [...(await lint(pkgDir, manifest)), ...(await types(pkgDir, manifest))];
  const bytes = await size(pkgDir, name);
  const budget = budgets[name];
  if (budget === undefined) complaints.push('no budget in scripts/size.json');
  if (bytes > budget) complaints.push(`${bytes} bytes gzipped, over the budget of ${budget}`);
  console.log(
    `${complaints.length === 0 ? '✓' : '✗'} ${manifest.name.padEnd(22)} ${(bytes / 1000).toFixed(1).padStart(6)} of ${budget / 1000} kB`,
  );
  for (const complaint of complaints) console.log(`  ${complaint.replaceAll('\n', '\n  ')}`);
  if (complaints.length > 0) failed += 1;
}
process.exitCode = failed === 0 ? 0 : 1;
