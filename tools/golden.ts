// `npm run golden -- DIR`: runs every golden file of a folder against our code (test/golden if none is
// named). One line a file, `N passed, N failed` last; the exit status says whether all passed.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runFolder } from './golden/run.ts';

const folder = process.argv[2] ?? fileURLToPath(new URL('../test/golden', import.meta.url));
if (!existsSync(folder)) {
  console.error(`there is no folder ${folder}; write npm run golden -- DIR`);
  process.exit(2);
}

let passed = 0;
let failed = 0;
for await (const { name, ok, said } of runFolder(folder)) {
  console.log(`${ok ? 'ok' : 'FAILED'} ${name} — ${said}`);
  if (ok) passed++;
  else failed++;
}
if (passed + failed === 0) console.error(`no *.json in ${folder}`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = passed > 0 && failed === 0 ? 0 : 1;
