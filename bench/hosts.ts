// Where to measure: in this Node, in a Node 20, or in a page of Chromium.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromiumReport, type InBrowser } from './browser/run.js';
import { nodeContext } from './host-node.js';
import { measure, type Measured } from './measure.js';
import type { Host, Options } from './options.js';
import { progressLine } from './print/progress.js';
import type { Report } from './report.js';

/** Hears the report of what was measured so far, after each race. */
export type Keep = (soFar: Report) => void;

/** Measures and reports. */
export async function report(
  host: Host,
  options: Options,
  command: readonly string[],
  keep: Keep,
): Promise<Report> {
  switch (host) {
    case 'node':
      return nodeReport(options, command, keep);
    case 'node20':
      if (options.backend === 'webgpu')
        throw new RangeError('--backend webgpu runs in node and in chromium');
      return node20Report(command);
    case 'chromium': {
      const before = loadavg()[0]!;
      const whole = (measured: InBrowser): Report => ({
        ...common(command, before),
        ...measured,
        clock: 'wall',
      });
      return whole(await chromiumReport(options, (soFar) => keep(whole(soFar))));
    }
    default:
      throw new RangeError(
        `no engine "${String(host satisfies never)}"; there are: node, node20, chromium`,
      );
  }
}

async function nodeReport(
  options: Options,
  command: readonly string[],
  keep: Keep,
): Promise<Report> {
  const before = loadavg()[0]!;
  const context = await nodeContext(options);
  const versions = Object.fromEntries(context.peers.map((p) => [p.name, p.version]));
  const whole = (measured: Measured): Report => ({
    ...common(command, before),
    engine: `Node ${process.versions.node}, V8 ${process.versions.v8}`,
    ...(options.backend === 'webgpu' && { adapter: context.engine.backend.about }),
    clock: context.clock.name,
    peers: versions,
    ...measured,
  });
  return whole(
    await measure(context, (suite, outcome, soFar) => {
      process.stderr.write(`${progressLine(suite, outcome, options.suites)}\n`);
      keep(whole(soFar));
    }),
  );
}

function common(
  command: readonly string[],
  before: number,
): Pick<Report, 'machine' | 'load' | 'date' | 'command'> {
  const all = cpus();
  return {
    machine: `${all[0]?.model.trim() ?? 'unknown processor'}, ${all.length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${process.arch}`,
    load: [before, loadavg()[0]!].map((l) => Math.round(l * 100) / 100),
    date: new Date().toISOString().slice(0, 10),
    command: ['npm run bench --', ...withoutOutputs(command)].join(' '),
  };
}

/** The same command in another Node, whose report comes back through a file; it is told of Ctrl-C by itself. */
async function node20Report(command: readonly string[]): Promise<Report> {
  const node = findNode20();
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    const file = join(folder, 'report.json');
    const args = withoutOutputs(command).filter(
      (arg, at, all) => !isFor(['--engine'], arg, all[at - 1]),
    );
    const main = fileURLToPath(new URL('main.ts', import.meta.url));
    const child = spawn(
      node,
      [...process.execArgv, main, ...args, '--engine', 'node', '--json', file],
      {
        stdio: ['ignore', 'ignore', 'inherit'],
      },
    );
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0 && !existsSync(file)) throw new Error(`${node} ended with code ${code}`);
    return {
      ...(JSON.parse(readFileSync(file, 'utf8')) as Report),
      command: common(command, 0).command,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Arguments but for files that are written. */
function withoutOutputs(args: readonly string[]): string[] {
  return args.filter((arg, at) => !isFor(['--json', '--page'], arg, args[at - 1]));
}

/** Whether an argument is one of these options, or the value of one. */
function isFor(names: readonly string[], arg: string, before = ''): boolean {
  return names.some((name) => arg === name || arg.startsWith(`${name}=`) || before === name);
}

/** NODE20, or the first node of version 20 on the PATH. */
function findNode20(): string {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const candidates = [
    process.env['NODE20'],
    ...folders.flatMap((f) => [join(f, 'node20'), join(f, 'node')]),
  ];
  const found = candidates.find((path) => path && existsSync(path) && isVersion20(path));
  if (!found)
    throw new Error(
      'no Node 20 was found: set NODE20 to its path, such as NODE20=~/.nvm/versions/node/v20.20.2/bin/node',
    );
  return found;
}

function isVersion20(path: string): boolean {
  try {
    return execFileSync(path, ['--version'], { encoding: 'utf8' }).startsWith('v20.');
  } catch {
    return false; // not a program that runs here
  }
}
