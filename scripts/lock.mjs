// Completes package-lock.json and checks that it names no registry.
//
// A registry that lacks the packages of foreign platforms yields a lock file without them,
// and `npm ci` then stops with "Missing … from lock file". Each optional dependency that is
// named but absent gets a stub: version, platform, optional.
//
//   node scripts/lock.mjs           mend the file
//   node scripts/lock.mjs --check   fail if it is incomplete

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const file = new URL('../package-lock.json', import.meta.url);
const text = readFileSync(file, 'utf8');
const lock = JSON.parse(text);

const systems = {
  aix: 'aix',
  android: 'android',
  darwin: 'darwin',
  freebsd: 'freebsd',
  linux: 'linux',
  netbsd: 'netbsd',
  openbsd: 'openbsd',
  openharmony: 'openharmony',
  sunos: 'sunos',
  win32: 'win32',
  windows: 'win32',
};
const processors = {
  arm: 'arm',
  arm64: 'arm64',
  armv7: 'arm',
  ia32: 'ia32',
  loong64: 'loong64',
  mips64el: 'mips64el',
  ppc64: 'ppc64',
  riscv64: 'riscv64',
  s390x: 's390x',
  wasm32: 'wasm32',
  x64: 'x64',
  64: 'x64',
  32: 'ia32',
};

/** The platform that a package is for, read from its name and its parent's. */
function platform(name) {
  if (name === 'fsevents') return { os: ['darwin'] };
  const words = name.split(/[-/.]/);
  const os = words.map((word) => systems[word]).find(Boolean);
  const cpu = words.map((word) => processors[word]).find(Boolean);
  return { ...(os && { os: [os] }), ...(cpu && { cpu: [cpu] }) };
}

/** The folders in which node looks for what `path` asks for, nearest first. */
function* folders(path) {
  for (let at = path; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) {
    if (!at.endsWith('node_modules')) yield `${at}/node_modules`;
  }
  yield 'node_modules';
}

/** The entry that node finds for `name` from `path`. */
function resolve(path, name) {
  for (const folder of folders(path)) {
    const entry = lock.packages[`${folder}/${name}`];
    if (entry) return entry;
  }
}

/** The outermost folder where a new entry for `name` is seen from `path` and hides no other. */
function place(path, name) {
  const free = [];
  for (const folder of folders(path)) {
    if (lock.packages[`${folder}/${name}`]) break;
    free.push(folder);
  }
  return `${free.at(-1)}/${name}`;
}

const before = Object.keys(lock.packages).length;
for (const [path, entry] of Object.entries(lock.packages)) {
  for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
    const exact = /^\d+\.\d+\.\d+[\w.+-]*$/.test(range);
    const seen = resolve(path, name);
    if (seen && (!exact || seen.version === range)) continue;
    const version = range.match(/\d+\.\d+\.\d+[\w.+-]*/)?.[0];
    if (!version) throw new Error(`${path || 'root'}: no version in "${name}": "${range}"`);
    lock.packages[place(path, name)] = {
      version,
      ...platform(name),
      ...(entry.dev && { dev: true }),
      optional: true,
    };
  }
}

const stubs = Object.keys(lock.packages).length - before;
const addresses = text.match(/"resolved": "https?:[^"]*"/g) ?? [];
if (addresses.length > 0) {
  console.error(`package-lock.json names a registry ${addresses.length} times: ${addresses[0]}`);
  process.exitCode = 1;
}
if (process.argv.includes('--check')) {
  if (stubs > 0) {
    console.error('package-lock.json is incomplete: run `npm run lock`');
    process.exitCode = 1;
  }
} else {
  if (stubs > 0) {
    // npm then writes the file in its own order, and keeps the stubs.
    writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
    execFileSync('npm', ['install', '--package-lock-only'], {
      shell: process.platform === 'win32',
    });
  }
  console.log(`package-lock.json: ${stubs} stubs added`);
}
