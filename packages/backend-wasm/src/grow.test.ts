// Memory that the host will not grow: a process of its own, whose engine stops at 8 MB.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const script = `
import { wasm } from '@lacuna/backend-wasm';
const { memory } = await wasm();
const said = [];
try {
  memory.alloc(16e6);
} catch ({ code, hint, message }) {
  said.push(code, hint, memory.used, message);
}
said.push(memory.alloc(1e6).bytes >= 1e6);
console.log(JSON.stringify(said));
`;

test('memory that cannot grow is a capacity error with what to do, and the next call works', () => {
  const flags = ['--wasm-max-mem-pages=128', '--conditions=@lacuna/source', '--import', 'tsx'];
  const cwd = fileURLToPath(new URL('..', import.meta.url));
  const all = [...flags, '--input-type=module', '-e', script];
  const said = execFileSync(process.execPath, all, { cwd, encoding: 'utf8' });
  const hint = 'dispose tensors that are done with, or split the work';
  const why: unknown = expect.stringContaining('the host does not let memory grow beyond');
  expect(JSON.parse(said)).toEqual(['capacity', hint, 0, why, true]);
});
