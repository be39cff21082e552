// Builds rust/ into wasm/plain.wasm and wasm/relaxed.wasm, checks that both are leaf modules, and
// writes the stamp and the inlined copies.
//
//   node packages/backend-wasm/scripts/build-wasm.mjs           build
//   node packages/backend-wasm/scripts/build-wasm.mjs --check   the stamp, and the bytes when the
//                                                               toolchain is the stamp's
//   node packages/backend-wasm/scripts/build-wasm.mjs --names   unstripped, to rust/target/names
//
// Toolchains: one with the wasm32-unknown-unknown target (rustup target add …), or a system rustc
// with library sources and vendored dependencies (Debian's rustc-web, cargo-web, rust-web-src,
// lld). Set RUSTC and CARGO to choose.
import { gunzipSync, gzipSync } from 'node:zlib';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { leaf, strip } from './sections.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const rust = join(root, 'rust');
const target = 'wasm32-unknown-unknown';
const variants = { plain: '+simd128', relaxed: '+simd128,+relaxed-simd' };
const flags = [
  '-Clink-arg=--import-memory',
  '-Clink-arg=--stack-first',
  '-Clink-arg=-zstack-size=65536',
  '-Clink-arg=--no-entry',
  // V8 compiles in program order: keep the order of the source.
  '-Cllvm-args=-pre-RA-sched=source',
  // Short rows are copied inline, never through memory.copy or memory.fill.
  '-Cllvm-args=-disable-loop-idiom-all',
  '-Cllvm-args=-unroll-runtime=false',
  // A tile's loops of known length become straight code.
  '-Cllvm-args=-unroll-threshold=6000',
  '-Cno-vectorize-loops',
  '-Cno-vectorize-slp',
];

// With names the modules go to rust/target/names, for reading machine code; nothing else changes.
const names = process.argv.includes('--names');

const sha = (bytes) => createHash('sha256').update(bytes).digest('hex');
const run = (command, args, options = {}) =>
  execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], ...options });

function sources() {
  const hash = createHash('sha256');
  const src = readdirSync(join(rust, 'src'))
    .sort()
    .map((name) => `src/${name}`);
  for (const name of ['Cargo.toml', ...src])
    hash
      .update(`${name}\0`)
      .update(readFileSync(join(rust, name)))
      .update('\0');
  return hash.update(JSON.stringify([flags, variants])).digest('hex');
}

function attempt(command, args) {
  try {
    return run(command, args).trim();
  } catch {
    return '';
  }
}

function toolchain() {
  const pairs = process.env.RUSTC
    ? [[process.env.RUSTC, process.env.CARGO ?? 'cargo']]
    : [
        ['rustc', 'cargo'],
        ['/usr/bin/rustc', '/usr/bin/cargo'],
      ];
  for (const [rustc, cargo] of pairs) {
    const version = attempt(rustc, ['--version']);
    if (!version) continue;
    const base = { rustc, cargo, version, args: [], env: {} };
    if (existsSync(attempt(rustc, ['--print', 'target-libdir', '--target', target]) || '/nowhere'))
      return base;
    const library = join(attempt(rustc, ['--print', 'sysroot']), 'lib/rustlib/src/rust/library');
    if (!existsSync(join(library, 'vendor'))) continue;
    const linker = [
      'wasm-ld',
      'wasm-ld-19',
      'wasm-ld-20',
      'wasm-ld-21',
      'wasm-ld-22',
      'rust-lld',
    ].find((name) =>
      attempt(name, name === 'rust-lld' ? ['-flavor', 'wasm', '--version'] : ['--version']),
    );
    if (!linker) continue;
    return {
      ...base,
      library,
      args: [
        '-Zbuild-std=core',
        '--config=source.crates-io.replace-with="vendored"',
        `--config=source.vendored.directory="${join(library, 'vendor')}"`,
      ],
      env: { RUSTC_BOOTSTRAP: '1', CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER: linker },
    };
  }
  return undefined;
}

function compile(tools, feature) {
  const out = mkdtempSync(join(tmpdir(), 'lacuna-wasm-'));
  try {
    const remap = [
      `--remap-path-prefix=${rust}=/rust`,
      ...(tools.library ? [`--remap-path-prefix=${tools.library}=/library`] : []),
    ];
    const stripped = `-Cstrip=${names ? 'none' : 'symbols'}`;
    const rustflags = [...flags, stripped, `-Ctarget-feature=${feature}`, ...remap].join('\x1f');
    const args = [
      'build',
      '--release',
      '--offline',
      '--lib',
      '--target',
      target,
      '--target-dir',
      out,
      ...tools.args,
    ];
    run(tools.cargo, args, {
      cwd: rust,
      env: { ...process.env, ...tools.env, RUSTC: tools.rustc, CARGO_ENCODED_RUSTFLAGS: rustflags },
    });
    const raw = readFileSync(join(out, target, 'release/lacuna_kernels.wasm'));
    return names ? raw : strip(raw);
  } catch (error) {
    throw new Error(`the Rust build failed\n${error.stderr ?? error.message}`, { cause: error });
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

// Zipped, so that what a bundle carries is a third of the binary.
const inlined = (name, bytes) =>
  `// Generated by scripts/build-wasm.mjs from rust/: wasm/${name}.wasm, ${bytes.length} bytes, zipped.\nexport const ${name} =\n  '${gzipSync(bytes, { level: 9 }).toString('base64')}'\n`;

/** The binary in a generated file; compared by what it unzips to, since zlibs differ in how they zip. */
const outlined = (name) => {
  const text = readFileSync(join(root, `src/generated/${name}.ts`), 'utf8');
  return gunzipSync(Buffer.from(/'(.*)'/.exec(text)[1], 'base64'));
};

const stampPath = join(root, 'wasm/stamp.json');
const stamp = existsSync(stampPath) ? JSON.parse(readFileSync(stampPath, 'utf8')) : undefined;
const check = process.argv.includes('--check');
const fail = (message) => {
  console.error(message);
  process.exit(1);
};

if (check) {
  if (stamp?.sources !== sources())
    fail(
      'wasm/ is older than rust/: run `npm run build:wasm` and commit wasm/ and src/generated/.',
    );
  for (const name of Object.keys(variants)) {
    const bytes = readFileSync(join(root, `wasm/${name}.wasm`));
    if (sha(bytes) !== stamp.files[name].sha256)
      fail(`wasm/${name}.wasm is not the file that wasm/stamp.json names.`);
    const found = leaf(bytes);
    if (found.length) fail(`wasm/${name}.wasm is not a leaf module: ${found.join('; ')}`);
    if (!outlined(name).equals(bytes))
      fail(`src/generated/${name}.ts is not wasm/${name}.wasm: run \`npm run build:wasm\`.`);
  }
}

const tools = toolchain();
if (check && tools?.version !== stamp.toolchain) {
  console.log(
    `wasm: the stamp matches the sources (bytes not compared: built by ${stamp.toolchain}, here ${tools?.version ?? 'none'})`,
  );
} else {
  if (!tools)
    fail(
      'no Rust toolchain for wasm32-unknown-unknown: run `rustup target add wasm32-unknown-unknown`, or install rustc-web cargo-web rust-web-src lld-19.',
    );
  const files = {};
  for (const [name, feature] of Object.entries(variants)) {
    const bytes = compile(tools, feature);
    if (names) {
      mkdirSync(join(rust, 'target/names'), { recursive: true });
      writeFileSync(join(rust, `target/names/${name}.wasm`), bytes);
      continue;
    }
    const found = leaf(bytes);
    if (found.length) fail(`${name}.wasm is not a leaf module: ${found.join('; ')}`);
    files[name] = { bytes: bytes.length, sha256: sha(bytes) };
    if (check) {
      if (files[name].sha256 !== stamp.files[name].sha256)
        fail(`${name}.wasm builds to other bytes than the committed file.`);
    } else {
      mkdirSync(join(root, 'wasm'), { recursive: true });
      mkdirSync(join(root, 'src/generated'), { recursive: true });
      writeFileSync(join(root, `wasm/${name}.wasm`), bytes);
      writeFileSync(join(root, `src/generated/${name}.ts`), inlined(name, bytes));
    }
    console.log(`${name}.wasm ${bytes.length} bytes`);
  }
  if (!check && !names)
    writeFileSync(
      stampPath,
      `${JSON.stringify({ sources: sources(), toolchain: tools.version, files }, null, 2)}\n`,
    );
}
