// Builds and tests examples/plugin-stripes as a stranger would: outside of the workspace, with
// our packages installed from tarballs. Needs a build (`npm run test:plugin` makes one).
//
// The folder is left behind, and named, when something fails.

import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const example = join(root, 'examples', 'plugin-stripes');
const manifestOf = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

function stop(why) {
  console.error(why);
  process.exit(1);
}

// Nothing of the workspace leaks in: neither its commands nor the settings of the npm around us.
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(npm_|INIT_CWD$|NODE_OPTIONS$)/i.test(name)),
);
for (const name of Object.keys(env).filter((each) => /^path$/i.test(each))) {
  env[name] = env[name]
    .split(delimiter)
    .filter((folder) => !/[\\/](node_modules|node-gyp-bin)([\\/]|$)/.test(folder))
    .join(delimiter);
}

function npm(cwd, ...args) {
  console.log(`$ npm ${args.join(' ')}`);
  const { status } = spawnSync('npm', args, {
    cwd,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (status !== 0) stop(`npm ${args[0]} failed in ${cwd}`);
}

if (!existsSync(join(example, 'package.json'))) stop(`no example at ${example}`);
for (const script of ['build', 'test']) {
  if (!manifestOf(example).scripts?.[script]) stop(`${example} has no script "${script}"`);
}

const outside = mkdtempSync(join(tmpdir(), 'lacuna-plugin-'));
const tarballs = join(outside, 'tarballs');
const plugin = join(outside, 'plugin-stripes');
mkdirSync(tarballs);

const ours = {};
for (const name of readdirSync(join(root, 'packages'))) {
  const folder = join(root, 'packages', name);
  if (!existsSync(join(folder, 'dist'))) stop(`packages/${name} has no dist: run npm run build`);
  npm(folder, 'pack', '--silent', '--pack-destination', tarballs);
  const { name: full, version } = manifestOf(folder);
  ours[full] = `file:../tarballs/${full.slice(1).replace('/', '-')}-${version}.tgz`;
}

cpSync(example, plugin, {
  recursive: true,
  filter: (path) => !['node_modules', 'dist', 'package-lock.json'].includes(basename(path)),
});
const manifest = manifestOf(plugin);
for (const name of Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })) {
  if (name.startsWith('@lacuna/') && !ours[name]) stop(`${name} is none of our packages`);
}
for (const name of Object.keys(ours)) delete manifest.dependencies?.[name];
manifest.devDependencies = { ...manifest.devDependencies, ...ours };
writeFileSync(join(plugin, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);

npm(plugin, 'install', '--no-audit', '--no-fund');
npm(plugin, 'run', 'build');
npm(plugin, 'test');
rmSync(outside, { recursive: true, force: true });
console.log('1 passed, 0 failed');
