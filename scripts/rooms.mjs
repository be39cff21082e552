// Who may import whom. The drawing is in docs/architecture.md; this file keeps it true.
//
// Reads the imports of each package's `src` (its tests aside) and fails with file and line at
// one that the table below does not allow. Each import must also be a declared dependency.

import { readFileSync, readdirSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = resolve(process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url)));

/** Each room and the rooms that it may import. Nothing else: no other package, no node module. */
const rooms = {
  ir: [],
  ops: ['ir'],
  layouts: ['ir'],
  sparsifiers: ['ir', 'layouts'],
  reference: ['ir', 'ops'],
  engine: ['ir', 'ops'],
  'backend-wasm': ['ir', 'ops', 'layouts'],
  'backend-webgpu': ['ir', 'ops', 'layouts'],
  io: ['ir', 'ops', 'layouts'],
  compositions: ['ir', 'ops', 'layouts'],
  testing: ['ir', 'ops', 'layouts', 'reference', 'compositions'],
  train: ['ir', 'ops', 'layouts', 'sparsifiers', 'engine', 'io'],
  lacuna: [
    'ir',
    'ops',
    'layouts',
    'sparsifiers',
    'reference',
    'engine',
    'backend-wasm',
    'io',
    'compositions',
    'train',
  ],
};

/** The files below `folder` that are part of what is published. */
const sources = (folder) =>
  readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => /\.[cm]?ts$/.test(name) && !name.endsWith('.test.ts'))
    .map((name) => join(folder, name));

/** Every module that a file names: import, export from, import(), import type, require. */
function imports(path) {
  const text = readFileSync(path, 'utf8');
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found = [];
  const visit = (node) => {
    const name =
      ts.isImportDeclaration(node) || ts.isExportDeclaration(node)
        ? node.moduleSpecifier
        : ts.isImportTypeNode(node)
          ? node.argument.literal
          : ts.isExternalModuleReference(node)
            ? node.expression
            : ts.isCallExpression(node) &&
                (node.expression.kind === ts.SyntaxKind.ImportKeyword ||
                  node.expression.getText(file) === 'require')
              ? node.arguments[0]
              : undefined;
    if (name && ts.isStringLiteralLike(name)) {
      found.push({
        name: name.text,
        line: file.getLineAndCharacterOfPosition(name.getStart(file)).line + 1,
      });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** Why `name` may not be imported by `path` in `room`, or undefined. */
function wrong(room, path, name, declared) {
  const home = join(root, 'packages', room, 'src') + sep;
  if (name.startsWith('.')) {
    return resolve(path, '..', name).startsWith(home) ? undefined : `leaves the room: "${name}"`;
  }
  const [, other] = /^@lacuna\/([^/]+)/.exec(name) ?? [];
  const allowed = rooms[room].map((each) => `@lacuna/${each}`).join(', ') || 'nothing';
  if (!other || !rooms[room].includes(other)) {
    return `${room} may import ${allowed}, not "${name}"`;
  }
  if (!declared.includes(`@lacuna/${other}`)) {
    return `"@lacuna/${other}" is not a dependency in packages/${room}/package.json`;
  }
}

const complaints = [];
for (const room of readdirSync(join(root, 'packages'))) {
  if (!rooms[room]) {
    complaints.push(`packages/${room}: not in the table of scripts/rooms.mjs`);
    continue;
  }
  const manifest = JSON.parse(readFileSync(join(root, 'packages', room, 'package.json'), 'utf8'));
  const declared = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
  for (const path of sources(join(root, 'packages', room, 'src'))) {
    for (const { name, line } of imports(path)) {
      const why = wrong(room, path, name, declared);
      if (why) complaints.push(`${relative(root, path)}:${line}: ${why}`);
    }
  }
}

for (const complaint of complaints) console.error(complaint);
process.exitCode = complaints.length === 0 ? 0 : 1;
