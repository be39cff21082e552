// `npm run docs`: the reference from doc comments into docs/api, then one site with the guides
// into docs/.vitepress/dist. A warning fails it, and so does a dead link.

import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const docs = fileURLToPath(new URL('../docs', import.meta.url));

/** Runs a command in docs and says whether it succeeded without a warning. */
const run = (command) =>
  new Promise((done) => {
    const child = spawn(command, { cwd: docs, shell: true, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    const hear = (stream) => (data) => {
      stream.write(data);
      said += data;
    };
    child.stdout.on('data', hear(process.stdout));
    child.stderr.on('data', hear(process.stderr));
    child.on('close', (code) => {
      const warning = said.split('\n').find((line) => /\bwarn(ing)?\b|^\(!\)/i.test(line));
      if (warning) console.error(`${command}: a warning is a failure: ${warning.trim()}`);
      done(code === 0 && !warning);
    });
  });

rmSync(`${docs}/api`, { recursive: true, force: true });
const done = (await run('typedoc')) && (await run('vitepress build'));
if (done) console.log('docs/.vitepress/dist/index.html');
process.exitCode = done ? 0 : 1;
