// Where rustc, cargo and a linker for WebAssembly are.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

function attempt(command, args) {
  try {
    return execFileSync(command, args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim();
  } catch {
    return '';
  }
}

/** The command of a linker: rustc's own, or a system's. */
function findLinker(rustc) {
  const host = /^host: (.*)$/m.exec(attempt(rustc, ['-vV']))?.[1] ?? '';
  const own = join(attempt(rustc, ['--print', 'sysroot']), 'lib/rustlib', host, 'bin/rust-lld');
  const commands = [
    [own, '-flavor', 'wasm'],
    ...['wasm-ld', ...[19, 20, 21, 22].map((version) => `wasm-ld-${version}`)].map((c) => [c]),
    ['rust-lld', '-flavor', 'wasm'],
  ];
  return commands.find(([command, ...first]) => attempt(command, [...first, '--version']));
}

/** A toolchain that builds for a target: { rustc, cargo, version, args, env, linker, library? }. */
export function findToolchain(target) {
  const pairs = process.env.RUSTC
    ? [[process.env.RUSTC, process.env.CARGO ?? 'cargo']]
    : [
        ['rustc', 'cargo'],
        ['/usr/bin/rustc', '/usr/bin/cargo'],
      ];
  for (const [rustc, cargo] of pairs) {
    const version = attempt(rustc, ['--version']);
    const linker = version && findLinker(rustc);
    if (!linker) continue;
    const base = { rustc, cargo, version, linker, args: [], env: {} };
    if (existsSync(attempt(rustc, ['--print', 'target-libdir', '--target', target]) || '/nowhere'))
      return base;
    const library = join(attempt(rustc, ['--print', 'sysroot']), 'lib/rustlib/src/rust/library');
    if (!existsSync(join(library, 'vendor'))) continue;
    return {
      ...base,
      library,
      args: [
        '-Zbuild-std=core',
        '--config=source.crates-io.replace-with="vendored"',
        `--config=source.vendored.directory="${join(library, 'vendor')}"`,
      ],
      env: { RUSTC_BOOTSTRAP: '1' },
    };
  }
  return undefined;
}
