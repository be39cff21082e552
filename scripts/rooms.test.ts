import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** What rooms.mjs says of a house with these files below `packages`. */
function rooms(files: Record<string, string>) {
  const root = mkdtempSync(join(tmpdir(), 'lacuna-rooms-'));
  folders.push(root);
  for (const [name, text] of Object.entries(files)) {
    const path = join(root, 'packages', name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  const { status, stderr } = spawnSync('node', ['scripts/rooms.mjs', root], { encoding: 'utf8' });
  return { status, said: stderr.trim().split('\n') };
}

const onlyIr = JSON.stringify({ peerDependencies: { '@lacuna/ir': '^0.1.0' } });

test('rooms accepts what the drawing has', () => {
  const { status } = rooms({
    'layouts/package.json': onlyIr,
    'layouts/src/index.ts': `export { csr } from './csr.js';\n`,
    'layouts/src/csr.ts': `import { layout } from '@lacuna/ir';\nexport const csr = layout({});\n`,
    'layouts/src/csr.test.ts': `import { test } from 'vitest';\n`,
  });
  expect(status).toBe(0);
});

test('rooms names the file and the line of an import that the drawing lacks', () => {
  const { status, said } = rooms({
    'engine/package.json': onlyIr,
    'engine/src/a.ts': `// the engine\nexport * from '@lacuna/layouts';\n`,
    'engine/src/b.ts': `type T = import('@lacuna/backend-wasm').T;\n`,
    'engine/src/c.ts': `const a = await import('node:fs');\n`,
    'engine/src/d.ts': `import { a } from '../../layouts/src/csr.js';\n`,
  });
  expect(status).toBe(1);
  expect(said).toEqual([
    'packages/engine/src/a.ts:2: engine may import @lacuna/ir, @lacuna/ops, not "@lacuna/layouts"',
    'packages/engine/src/b.ts:1: engine may import @lacuna/ir, @lacuna/ops, not "@lacuna/backend-wasm"',
    'packages/engine/src/c.ts:1: engine may import @lacuna/ir, @lacuna/ops, not "node:fs"',
    'packages/engine/src/d.ts:1: leaves the room: "../../layouts/src/csr.js"',
  ]);
});

test('rooms refuses an import that package.json does not declare, and a room it does not know', () => {
  const { said } = rooms({
    'attic/package.json': '{}',
    'ops/package.json': '{}',
    'ops/src/index.ts': `import { op } from '@lacuna/ir';\n`,
  });
  expect(said).toEqual([
    'packages/attic: not in the table of scripts/rooms.mjs',
    'packages/ops/src/index.ts:1: "@lacuna/ir" is not a dependency in packages/ops/package.json',
  ]);
});
