// Reads the machine code that V8 makes of wasm/relaxed/*.wasm and fails when an innermost loop of
// multiply-adds moves a vector to or from the frame: one such move can halve a kernel's speed.
//
//   node packages/backend-wasm/scripts/check-spills.mjs [file.wasm] [--all]
//
// Wants Node 24 or later (SPILLS_NODE names another binary) on x64. --all prints every loop it looked at.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exported } from './sections.mjs';

const node = process.env.SPILLS_NODE ?? process.execPath;
const ours = fileURLToPath(new URL('../wasm/relaxed/', import.meta.url));
const given = process.argv.slice(2).filter((a) => a.endsWith('.wasm'));
const files = given.length > 0 ? given : readdirSync(ours).map((name) => join(ours, name));
const major = Number(execFileSync(node, ['-p', 'process.versions.node.split(".")[0]']));
if (major < 24 || process.arch !== 'x64') {
  console.log(`spills: skipped, Node ${major} on ${process.arch} (wants 24 or later on x64)`);
  process.exit(0);
}

/** The machine code of a file's functions, as V8 prints it. */
function machineCode(file) {
  const folder = mkdtempSync(join(tmpdir(), 'lacuna-spills-'));
  const script = join(folder, 'load.mjs');
  writeFileSync(
    script,
    `import { readFileSync } from 'node:fs'
const memory = new WebAssembly.Memory({ initial: 32 })
new WebAssembly.Instance(new WebAssembly.Module(readFileSync(${JSON.stringify(file)})), { env: { memory } })`,
  );
  const flags = ['--no-liftoff', '--no-wasm-lazy-compilation', '--print-wasm-code'];
  const text = execFileSync(node, [...flags, script], { encoding: 'utf8', maxBuffer: 2 ** 30 });
  rmSync(folder, { recursive: true, force: true });
  return text.split('--- WebAssembly code ---').slice(1);
}

/** Innermost loops of one function: the instructions between a backward jump and its target. */
function loops(code) {
  const lines = [];
  for (const line of code.split('\n')) {
    const found = /^0x[0-9a-f]+\s+([0-9a-f]+)\s+[0-9a-f]+\s+(.*)$/.exec(line);
    if (found) lines.push({ at: Number.parseInt(found[1], 16), text: found[2] });
  }
  const found = [];
  lines.forEach(({ at, text: instruction }, last) => {
    const jump = /^j\w+ .*<\+0x([0-9a-f]+)>/.exec(instruction);
    if (!jump) return;
    const to = Number.parseInt(jump[1], 16);
    const first = lines.findIndex((line) => line.at === to);
    if (to <= at && first >= 0) found.push({ first, last, to });
  });
  return found
    .filter(
      (a) =>
        !found.some(
          (b) =>
            (b.first >= a.first && b.last <= a.last && b.to !== a.to) ||
            // Code beside the loop, such as its stack check, jumps back into the middle of it.
            (b.first < a.first && b.last >= a.first && b.last < a.last),
        ),
    )
    .map(({ first, last, to }) => ({ to, body: lines.slice(first, last + 1).map((l) => l.text) }));
}

// V8 unrolls these two until they spill: the yardstick, which reaches its rate all the same, and the power of
// two numbers, where two moves stand among some hundred instructions.
const unrolled = ['peak', 'power'];
let [seen, broken] = [0, 0];
for (const file of files) {
  const names = new Map(exported(readFileSync(file)).map(([name, index]) => [String(index), name]));
  for (const code of machineCode(file)) {
    const index = /^index: (\d+)/m.exec(code)?.[1];
    const name = names.get(index) ?? /^name: (.*)/m.exec(code)?.[1] ?? '';
    if (!unrolled.includes(name)) inspect(`${basename(file)} function ${index} ${name}`, code);
  }
}

/** Counts the loops of one function, and those with vectors in the frame. */
function inspect(title, code) {
  for (const { to, body } of loops(code)) {
    const sums = body.filter((i) => /^vfn?madd|^vmulps/.test(i)).length;
    if (sums < 4) continue;
    seen++;
    const moves = body.filter((i) => /xmm/.test(i) && /\[r[bs]p[-+]/.test(i)).length;
    if (moves > 0) broken++;
    if (moves > 0 || process.argv.includes('--all'))
      console.log(
        `${title} +0x${to.toString(16)}: ${sums} multiply-adds, ${moves} vector moves to or from the frame`,
      );
  }
}
console.log(`spills: ${seen} loops of multiply-adds, ${broken} with vectors in the frame`);
process.exitCode = broken > 0 || seen === 0 ? 1 : 0;
