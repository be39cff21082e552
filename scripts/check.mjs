// `npm run check`: what is worth knowing after every edit. No build is needed.
// `npm run check -- types lint` runs some of it.

import { spawn } from 'node:child_process';

const steps = {
  types: 'tsc --noEmit --project tsconfig.json',
  lint: 'oxlint --type-aware --deny-warnings',
  format: 'oxfmt --check',
  rooms: 'node scripts/rooms.mjs',
  unused:
    'knip --no-progress --no-config-hints --include files,exports,duplicates,unlisted,unresolved',
  lock: 'node scripts/lock.mjs --check',
};

const env = process.stdout.isTTY ? { FORCE_COLOR: '1', ...process.env } : process.env;

/** Runs one step and keeps what it says for the case that it fails. */
const run = (command) =>
  new Promise((done) => {
    const start = performance.now();
    const child = spawn(command, { shell: true, env });
    let said = '';
    child.stdout.on('data', (data) => (said += data));
    child.stderr.on('data', (data) => (said += data));
    child.on('close', (code) => done({ code, said, ms: performance.now() - start }));
  });

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(steps, name));
if (unknown.length > 0) {
  console.error(`no step ${unknown.join(', ')}; there are ${Object.keys(steps).join(', ')}`);
  process.exit(2);
}

let failed = 0;
const names = asked.length > 0 ? asked : Object.keys(steps);
await Promise.all(
  names.map(async (name) => {
    const { code, said, ms } = await run(steps[name]);
    console.log(`${code === 0 ? '✓' : '✗'} ${name.padEnd(8)} ${(ms / 1000).toFixed(1)} s`);
    if (code !== 0) {
      failed += 1;
      console.log(said.trimEnd());
    }
  }),
);
if (failed > 0)
  console.log(`\n${failed} of ${names.length} failed: npm run check -- ${names.join(' ')}`);
process.exitCode = failed === 0 ? 0 : 1;
