// `npm run test:all`: every test, and a last line `N passed, N failed` with the sum.
// `npm run test:all -- plugin` runs one part, `-- --skip test` all but one.

import { spawn } from 'node:child_process';

const parts = {
  test: 'npm test',
  plugin: 'npm run test:plugin',
  gpu: 'npm run test:gpu',
};

const args = process.argv.slice(2);
const skip = args[0] === '--skip';
const named = skip ? args.slice(1) : args;
const unknown = named.filter((name) => !Object.hasOwn(parts, name));
if (unknown.length > 0) {
  console.error(`no part ${unknown.join(', ')}; there are ${Object.keys(parts).join(', ')}`);
  process.exit(2);
}

/** Runs a part, passing on what it prints, and reads its last line of counts. */
const run = (command) =>
  new Promise((done) => {
    const child = spawn(command, { shell: true, stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    child.stdout.on('data', (data) => {
      process.stdout.write(data);
      said += data;
    });
    child.on('close', (code) => {
      const [, passed, failed] = /(\d+) passed, (\d+) failed\s*$/.exec(said.slice(-400)) ?? [];
      const counts = { passed: Number(passed ?? 0), failed: Number(failed ?? 0) };
      // A part that fails without counting is one failure.
      if (code !== 0 && counts.failed === 0) counts.failed = 1;
      done(counts);
    });
  });

const total = { passed: 0, failed: 0 };
for (const [name, command] of Object.entries(parts)) {
  if (named.length > 0 && named.includes(name) === skip) continue;
  console.log(`\n── ${name}`);
  const { passed, failed } = await run(command);
  total.passed += passed;
  total.failed += failed;
}
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
