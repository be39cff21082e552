// What the command line asks for, as plain data: it also travels to a browser or another Node.
import { formatOf, layouts, parseFormat, printFormat, type Format } from '@lacuna/lacuna';
import type { Shape } from './report.js';

/** Suites in the order in which they run. */
export const suiteNames = [
  'startup',
  'dense',
  'unstructured',
  'rowgroup',
  'nmg',
  'nm',
  'matvec',
  'layers',
  'overhead',
  'convert',
  'network',
  'growth',
  'threads',
  'train',
] as const;

/** The name of a suite. */
export type SuiteName = (typeof suiteNames)[number];

/** Where to measure. */
export type Host = 'node' | 'node20' | 'chromium';

/** What computes. */
export type BackendName = 'wasm' | 'webgpu';

/** How dense products on WebGPU keep their tiles. */
export type Tiles = 'register' | 'shared';

/** Everything that a run depends on. */
export interface Options {
  readonly backend: BackendName;
  /** Variants of kernels on WebGPU, in place of the faster ones here: `shared` are those that cards take. */
  readonly tiles?: Tiles;
  /** Whether what threads load is counted, on WebGPU: a run more of each kernel, compiled anew. */
  readonly loads: boolean;
  readonly suites: readonly SuiteName[];
  readonly shapes: readonly Shape[];
  /** Whether shapes were named, so that suites leave out their own. */
  readonly chosen: boolean;
  readonly sparsities: readonly number[];
  /** Printed formats in place of a suite's own. */
  readonly layouts: readonly string[];
  readonly quick: boolean;
  /** When the last race begins, in milliseconds since 1970: a quick run ends on a busy machine too. */
  readonly until?: number;
  readonly seed: number;
  readonly threads: number;
  /** The most stored entries of `growth`. */
  readonly entries: number;
}

/** What the command line gives, as text. */
export interface Arguments {
  readonly backend?: string | undefined;
  readonly tiles?: string | undefined;
  readonly loads?: boolean | undefined;
  readonly suite?: string | undefined;
  readonly shape?: string | undefined;
  readonly sparsity?: string | undefined;
  readonly layout?: string | undefined;
  readonly quick?: boolean | undefined;
  readonly seed?: string | undefined;
  readonly threads?: string | undefined;
  readonly entries?: string | undefined;
}

const usual = {
  sides: [
    [768, 768],
    [3072, 768],
    [768, 3072],
  ],
  n: [1, 4, 8, 32, 128, 512],
} as const;
const short = { sides: [[768, 768]], n: [1, 8, 128] } as const;
/** Milliseconds from the start of the process after which a quick run begins no race. */
const enough = 45_000;
const slow: readonly SuiteName[] = ['growth'];
/** Those that say something of a GPU; the others measure the processor, or threads. */
export const gpuSuites: readonly SuiteName[] = [
  'dense',
  'unstructured',
  'rowgroup',
  'nmg',
  'nm',
  'matvec',
  'network',
  'train',
];
/** Those that measure one thread by their nature. */
const single: readonly SuiteName[] = ['startup', 'layers', 'overhead', 'convert', 'growth'];

/** @throws RangeError that says what was asked and what there is. */
export function parseOptions(args: Arguments): Options {
  const quick = args.quick ?? false;
  const grid = quick ? short : usual;
  const threads = counted('threads', args.threads ?? '1');
  const backend = backendOf(args.backend ?? 'wasm');
  if (backend === 'webgpu' && threads > 1)
    throw new RangeError('--threads are of WASM: --backend webgpu takes none');
  return {
    backend,
    ...(args.tiles !== undefined && { tiles: tilesOf(args.tiles) }),
    loads: args.loads ?? false,
    suites: suitesOf(args, backend, quick, threads),
    shapes: args.shape
      ? list(args.shape).map(shape)
      : grid.sides.flatMap(([m, k]) => grid.n.map((n) => [m, k, n] as const)),
    chosen: args.shape !== undefined,
    sparsities: args.sparsity
      ? list(args.sparsity).map(share)
      : quick
        ? [0.75, 0.9]
        : [0.5, 0.75, 0.9, 0.95],
    layouts: args.layout ? list(args.layout).map((text) => printFormat(format(text))) : [],
    quick,
    ...(quick && { until: performance.timeOrigin + enough }),
    seed: whole('seed', args.seed ?? '1'),
    threads,
    entries: counted('entries', args.entries ?? '1e7'),
  };
}

/** Those named; of layouts named alone, the suite of the first; else all, but for those that take long. */
function suitesOf(
  { suite: named, layout }: Arguments,
  backend: BackendName,
  quick: boolean,
  threads: number,
): readonly SuiteName[] {
  const known = backend === 'webgpu' ? gpuSuites : suiteNames;
  if (named) return list(named).map((name) => suite(name, known));
  if (layout) return [familyOf(format(list(layout)[0]!))];
  if (backend === 'webgpu') return gpuSuites;
  return suiteNames.filter(
    (name) => !(quick && slow.includes(name)) && !(threads > 1 && single.includes(name)),
  );
}

const families: Readonly<Record<string, SuiteName>> = {
  dense: 'dense',
  bcsr: 'rowgroup',
  nmg: 'nmg',
  nm: 'nm',
};
const familyOf = ({ layout }: Format): SuiteName => families[layout.layoutName] ?? 'unstructured';

/** A format by its printed name. */
export function format(text: string): Format {
  return formatOf(parseFormat(text, layouts));
}

/** Parts between commas that are not inside brackets. */
function list(text: string): string[] {
  return text.split(/,(?![^(]*\))/).map((part) => part.trim());
}

function suite(name: string, among: readonly SuiteName[]): SuiteName {
  const found = among.find((known) => known === name);
  if (!found) throw new RangeError(`no suite "${name}"; there are: ${among.join(', ')}`);
  return found;
}

function tilesOf(name: string): Tiles {
  if (name === 'register' || name === 'shared') return name;
  throw new RangeError(`no tiles "${name}"; there are: register, shared`);
}

function backendOf(name: string): BackendName {
  if (name === 'wasm' || name === 'webgpu') return name;
  throw new RangeError(`no backend "${name}"; there are: wasm, webgpu`);
}

function shape(text: string): Shape {
  const sizes = text.split(/[x×]/).map(Number);
  if (sizes.length !== 3 || !sizes.every((s) => Number.isInteger(s) && s > 0))
    throw new RangeError(`a shape is MxKxN, such as 768x768x128, and "${text}" was given`);
  return sizes as unknown as Shape;
}

function share(text: string): number {
  const value = text.endsWith('%') ? Number(text.slice(0, -1)) / 100 : Number(text);
  if (!(value >= 0 && value <= 1))
    throw new RangeError(`a sparsity is a share of zeros, 0..1 or 83%, and "${text}" was given`);
  return value;
}

/** One or more. */
function counted(name: string, text: string): number {
  const value = whole(name, text);
  if (value === 0) throw new RangeError(`--${name} is at least 1, and 0 was given`);
  return value;
}

function whole(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0)
    throw new RangeError(`--${name} takes a whole number, and "${text}" was given`);
  return value;
}
