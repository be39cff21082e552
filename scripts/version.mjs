// `npm run versions`: turns the change files into versions and changelogs.
//
// All packages share one version, and all have `@lacuna/ir` as a peer. To changesets 2 a peer
// that leaves its range is a breaking change, so a minor of 0.x would release 1.0.0. While it
// runs, the ranges are open; afterwards they are `^` of the new version. The stamp of `@lacuna/ir` gets it too.

import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';

const packages = new URL('../packages/', import.meta.url);
const run = (command, ...args) =>
  execFileSync(command, args, { stdio: 'inherit', shell: process.platform === 'win32' });

/** Gives each of our peers the range that `range` makes of the package's own version. */
function peers(range) {
  for (const name of readdirSync(packages)) {
    const file = new URL(`${name}/package.json`, packages);
    const manifest = JSON.parse(readFileSync(file, 'utf8'));
    for (const peer of Object.keys(manifest.peerDependencies ?? {})) {
      manifest.peerDependencies[peer] = range(manifest.version);
    }
    writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
  }
}

peers((version) => `>=${version}`);
try {
  run('changeset', 'version');
} finally {
  peers((version) => `^${version}`);
}
const stamp = new URL('ir/src/stamp.ts', packages);
const { version } = JSON.parse(readFileSync(new URL('ir/package.json', packages), 'utf8'));
writeFileSync(
  stamp,
  readFileSync(stamp, 'utf8').replace(/version: '[^']*'/, `version: '${version}'`),
);
run('oxfmt', ...readdirSync(packages).map((name) => `packages/${name}/package.json`));
run('npm', 'install', '--package-lock-only');
run('node', 'scripts/lock.mjs');
