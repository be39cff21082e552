// Builds and tests plug-ins as strangers would: outside of the workspace, with our packages installed from
// tarballs. Every examples/plugin-*, and what `npm create lacuna-plugin` makes of each of its kinds. Needs a build
// (`npm run test:plugin` makes one). `-- bcsc` does those alone whose name has it.
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
const examples = join(root, 'examples');
const creator = join(root, 'create-lacuna-plugin');
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

function run(cwd, command, ...args) {
  console.log(`$ ${command} ${args.join(' ')}`);
  const { status } = spawnSync(command, args, {
    cwd,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  return status === 0;
}

const outside = mkdtempSync(join(tmpdir(), 'lacuna-plugin-'));
const tarballs = join(outside, 'tarballs');
mkdirSync(tarballs);

/** Packs a package; gives the name of its tarball. */
function pack(folder) {
  const { name, version } = manifestOf(folder);
  if (!run(folder, 'npm', 'pack', '--silent', '--pack-destination', tarballs))
    stop(`npm pack failed in ${folder}`);
  return `${name.replace('@', '').replace('/', '-')}-${version}.tgz`;
}

const ours = {};
for (const name of readdirSync(join(root, 'packages'))) {
  const folder = join(root, 'packages', name);
  if (!existsSync(join(folder, 'dist'))) stop(`packages/${name} has no dist: run npm run build`);
  ours[manifestOf(folder).name] = `file:../tarballs/${pack(folder)}`;
}

/** An example of the repository, copied. */
function copied(name) {
  const folder = join(outside, name);
  cpSync(join(examples, name), folder, {
    recursive: true,
    filter: (path) => !['node_modules', 'dist', 'package-lock.json'].includes(basename(path)),
  });
  return folder;
}

/** What the packed creator makes of a kind. */
function created(kind) {
  const folder = join(outside, `lacuna-${kind}-fresh`);
  const unpacked = join(outside, 'creator');
  if (!existsSync(unpacked)) {
    mkdirSync(unpacked);
    const packed = pack(creator);
    if (!run(outside, 'tar', '-xzf', join(tarballs, packed), '-C', unpacked)) stop('tar failed');
  }
  const script = join(unpacked, 'package', 'bin', 'create.mjs');
  return run(outside, process.execPath, script, folder, '--kind', kind) ? folder : undefined;
}

/** Installs, builds and tests a plug-in; says whether all of it went well. */
function tested(folder) {
  if (!folder) return false;
  const manifest = manifestOf(folder);
  for (const script of ['build', 'test'])
    if (!manifest.scripts?.[script]) stop(`${folder} has no script "${script}"`);
  for (const name of Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }))
    if (name.startsWith('@lacuna/') && !ours[name]) stop(`${name} is none of our packages`);
  for (const name of Object.keys(ours)) delete manifest.dependencies?.[name];
  manifest.devDependencies = { ...manifest.devDependencies, ...ours };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  return (
    run(folder, 'npm', 'install', '--no-audit', '--no-fund') &&
    run(folder, 'npm', 'run', 'build') &&
    run(folder, 'npm', 'test')
  );
}

const kinds = readdirSync(join(creator, 'template')).filter((kind) => kind !== 'all');
const plugins = [
  ...readdirSync(examples)
    .filter((name) => name.startsWith('plugin-'))
    .map((name) => ({ name, make: () => copied(name) })),
  ...kinds.map((kind) => ({ name: `create-lacuna-plugin ${kind}`, make: () => created(kind) })),
].filter(({ name }) => name.includes(process.argv[2] ?? ''));

const failed = [];
for (const { name, make } of plugins) {
  console.log(`\n── ${name}`);
  if (!tested(make())) failed.push(name);
}
if (failed.length > 0) console.error(`\nfailed: ${failed.join(', ')}; see ${outside}`);
else rmSync(outside, { recursive: true, force: true });
console.log(`${plugins.length - failed.length} passed, ${failed.length} failed`);
process.exitCode = failed.length === 0 ? 0 : 1;
