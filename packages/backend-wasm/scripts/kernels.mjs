// Checks every kernel against a plain loop, then prints what each reaches.
//
//   node packages/backend-wasm/scripts/kernels.mjs [check | bench] [plain | relaxed]
import { open } from './harness.mjs';
import { check } from './check-kernels.mjs';
import { bench } from './bench-kernels.mjs';

const args = process.argv.slice(2);
const names = args.filter((a) => a === 'plain' || a === 'relaxed');
let broken = false;
for (const name of names.length ? names : ['plain', 'relaxed']) {
  const module = open(name);
  if (!module) {
    console.log(`${name}: this engine does not validate it, skipped`);
    continue;
  }
  if (!args.includes('bench')) {
    const { passed, failed } = check(module);
    for (const line of failed.slice(0, 40)) console.log(`  ${line}`);
    console.log(`${name}: ${passed} passed, ${failed.length} failed`);
    broken ||= failed.length > 0;
  }
  if (!args.includes('check')) bench(module);
}
process.exitCode = broken ? 1 : 0;
