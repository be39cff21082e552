// `npm run laws -- --seed 1 --cases 100 [--only TEXT]`: every law on every layout, sparsifier, op, backend,
// kernel and engine, with random parameters. One line a group, and each broken law with its smallest case.
// With `--threads N`, those of the WASM backend on N threads, where every call is cut as finely as it can be.
import { parseArgs } from 'node:util';
import { wasm, type WasmOptions } from '@lacuna/backend-wasm';
import { createEngine } from '@lacuna/engine';
import {
  dense,
  q4,
  q8,
  type Backend,
  type Codec,
  type Kernel,
  type Layout,
  type Op,
  type Sparsifier,
} from '@lacuna/ir';
import { bcsr, csr, layouts, nm, nmg, vnm } from '@lacuna/layouts';
import { ops } from '@lacuna/ops';
import { reference } from '@lacuna/reference';
import {
  blocks,
  butterfly,
  keep,
  magnitude,
  nmgMagnitude,
  nmMagnitude,
  random as randomly,
  scored,
  threshold,
  transposableNm,
  vnmMagnitude,
} from '@lacuna/sparsifiers';
import {
  backendLaws,
  backwardLaws,
  changeLaws,
  cases as casesOf,
  codecLaws,
  compositionLaws,
  gradientLaws,
  kernelLaws,
  layoutLaws,
  opLaws,
  printFailure,
  quantisedLaws,
  runLaw,
  runLaws,
  sparsifierLaws,
  threadLaws,
  valueCodec,
  valueCodecLaws,
  type CaseMaker,
  type Law,
  type Random,
  type SparsifierOptions,
} from '@lacuna/testing';
import { differentiateOn, runEmitted, runOn } from './onengine.js';
import { prunedLaws } from './pruned.js';
import { makeBackend } from '../packages/backend-wasm/src/backend.js';
import { plain } from '../packages/backend-wasm/src/generated/plain.js';
import { relaxed } from '../packages/backend-wasm/src/generated/relaxed.js';
import { bestVariant, compileOurs, inflated } from '../packages/backend-wasm/src/module.js';

interface Group {
  readonly name: string;
  readonly laws: readonly Law[];
  /** The most cases that are worth their time. */
  readonly most?: number;
}

const fractions = [0, 0.25, 0.5, 0.9, 1];

/** Makers of sparsifiers with random parameters, and what is known of each. */
const sparsifiers: Readonly<Record<string, readonly Law[]>> = {
  keep: sparsifierLaws(keep, () => ({ idempotent: true })),
  magnitude: sparsifierLaws(
    (random) =>
      magnitude({
        ...random.pick([{ fraction: random.pick(fractions) }, { count: random.whole(0, 9) }]),
        ...random.pick([
          {},
          { per: 'row' },
          { per: 'column' },
          { per: 'group', group: 3 },
        ] as const),
      }),
    () => ({ idempotent: true }),
  ),
  scored: sparsifierLaws((random) =>
    scored({
      name: 'waves',
      fraction: random.pick(fractions),
      score: ({ weight }) => Math.sin(9 * weight),
    }),
  ),
  transposableNm: sparsifierLaws(
    (random) => transposableNm(someNm(random, 6)),
    () => ({ idempotent: true }),
  ),
  butterfly: sparsifierLaws(
    (random) => butterfly({ block: random.whole(1, 4), size: 8, factors: random.whole(0, 3) }),
    () => ({ idempotent: true }),
  ),
  threshold: sparsifierLaws(
    (random) =>
      threshold({
        value: random.pick([0, 0.1, 0.5, 1]),
        ...random.pick([{}, { per: 'row' }, { per: 'tensor' }] as const),
      }),
    () => ({ idempotent: true }),
  ),
  random: sparsifierLaws(
    (random) => randomly({ fraction: random.pick(fractions), seed: random.whole(0, 99) }),
    () => ({ idempotent: true }),
  ),
  blocks: sparsifierLaws(
    (random) =>
      blocks({
        rows: random.whole(1, 4),
        columns: random.whole(1, 4),
        fraction: random.pick(fractions),
      }),
    (how) => ({ ...stored(how, bcsr, ['rows', 'columns']), idempotent: true }),
  ),
  nmMagnitude: sparsifierLaws(
    (random) => nmMagnitude({ ...someNm(random, 6), along: random.whole(0, 1) }),
    (how) => ({ ...stored(how, nm, ['n', 'm', 'along']), idempotent: true }),
  ),
  vnmMagnitude: sparsifierLaws(
    (random) =>
      vnmMagnitude({ v: random.whole(1, 4), n: random.whole(1, 4), m: random.whole(4, 9) }),
    (how) => stored(how, vnm, ['v', 'n', 'm']),
  ),
  nmgMagnitude: sparsifierLaws(
    (random) => {
      const along = random.whole(0, 1);
      const mode = random.pick(['greedy', 'swaps'] as const);
      return nmgMagnitude({
        ...someNm(random, 5),
        g: random.whole(1, 4),
        along,
        group: 1 - along,
        mode,
      });
    },
    (how) => stored(how, nmg, ['n', 'm', 'g', 'along', 'group']),
  ),
};

function someNm(random: Random, most: number): { n: number; m: number } {
  const m = random.whole(1, most);
  return { n: random.whole(1, m), m };
}

function someCodec(random: Random): Codec {
  const options = random.pick([{}, { zero: true }, { scale: 'float32' }] as const);
  return random.pick([q4, q8])(random.whole(1, 40), options);
}

/** The format that a sparsifier was made for, with its parameters. */
function stored(how: Sparsifier, layout: Layout, names: readonly string[]): SparsifierOptions {
  return { format: layout(...names.map((name) => Number(how.params[name]))) };
}

/** Layouts that operands are tried in on engines: every operand of every op in all of them. */
const operandLayouts: readonly (readonly Layout[])[] = [layouts, layouts, layouts, layouts];

function makerOf(op: Op): CaseMaker {
  const make = casesOf.get(op);
  if (!make)
    throw new Error(`${op.opName} has no case maker: add one to packages/testing/src/cases.ts`);
  return make;
}

/** Layouts that backends may change into each other in their own memory. */
const changed: readonly Layout[] = [dense, csr, bcsr, nmg];

type MakeBackend = (limit?: number) => Promise<Backend>;
const limited = (limit?: number): WasmOptions =>
  limit === undefined ? {} : { memoryLimit: limit };

const single: Readonly<Record<string, MakeBackend>> = {
  reference: (limit) => reference(limit === undefined ? {} : { limit }),
  wasm: (limit) => wasm(limited(limit)),
};

/** The WASM backend on threads, cutting everything, so that small cases show what large ones do. */
const crew =
  (threads: number): MakeBackend =>
  (limit) => {
    const variant = bestVariant();
    const binary = variant === 'relaxed' ? relaxed : plain;
    const compile = compileOurs(variant, (family) => inflated(binary[family]));
    return makeBackend({ compile, variant }, { threads, ...limited(limit) }, { always: true });
  };

const group = (name: string, laws: readonly Law[]): Group => ({ name, laws });

async function groups(): Promise<readonly Group[]> {
  const found: Group[] = [
    group('codecs', codecLaws()),
    group('value codecs', [
      ...valueCodecLaws((random) => valueCodec(someCodec(random))),
      ...quantisedLaws(someCodec, layouts),
    ]),
    group('compositions', compositionLaws(layouts)),
    ...layouts.map((l) => group(`layout ${l.layoutName}`, layoutLaws(l))),
    ...Object.entries(sparsifiers).map(([name, laws]) => group(`sparsifier ${name}`, laws)),
    ...ops.map((op) => group(`op ${op.opName}`, opLaws(op, makerOf(op), layouts))),
    ...ops.map((op) => group(`gradient ${op.opName}`, gradientLaws(op, makerOf(op)))),
  ];
  return [...found, ...(await groupsOf(single))];
}

/** Groups of the WASM backend on threads, and whether each kernel's bits are those of one. */
async function threadGroups(threads: number): Promise<readonly Group[]> {
  const [one, several] = [await wasm(), await crew(threads)()];
  const name = `wasm on ${threads} threads`;
  const known = one.kernels.filter(({ op }) => casesOf.has(op));
  return [
    ...known.map((kernel) =>
      group(`threads ${name} ${kernel.name}`, threadLaws(kernel, one, several, makerOf(kernel.op))),
    ),
    ...(await groupsOf({ [name]: crew(threads) })),
  ];
}

/** Groups of backends, of their kernels, and of engines on them. */
async function groupsOf(
  backends: Readonly<Record<string, MakeBackend>>,
): Promise<readonly Group[]> {
  const found: Group[] = [];
  for (const [name, make] of Object.entries(backends)) {
    found.push({ name: `backend ${name}`, laws: backendLaws(make), most: 10 });
    const small = await make(2 ** 24);
    if (small.change) found.push(group(`changes ${name}`, changeLaws(small, changed)));
    const backend = await make();
    const known = (kernel: Kernel): boolean => casesOf.has(kernel.op);
    for (const kernel of backend.kernels.filter(known))
      found.push(
        group(`kernel ${name} ${kernel.name}`, kernelLaws(kernel, backend, makerOf(kernel.op))),
      );
    const engine = await createEngine(backend, { fallback: 'quiet' });
    for (const op of ops)
      found.push(
        group(
          `engine ${name} ${op.opName}`,
          runLaws({ op, run: runOn(engine), make: makerOf(op), layouts: operandLayouts }),
        ),
        group(
          `emitted ${name} ${op.opName}`,
          runLaws({
            op,
            run: runEmitted(engine),
            make: makerOf(op),
            layouts: operandLayouts,
          }).filter((law) => !law.name.startsWith('NaN')), // a zero that was stored is not found again
        ),
        group(
          `backward ${name} ${op.opName}`,
          backwardLaws({
            op,
            make: makerOf(op),
            differentiate: differentiateOn(engine),
            layouts: operandLayouts,
          }),
        ),
        group(`pruned ${name} ${op.opName}`, prunedLaws(engine, op, makerOf(op))),
        group(
          `backward ${name} ${op.opName}, emitted`,
          backwardLaws({
            op,
            make: makerOf(op),
            differentiate: differentiateOn(engine, true),
            layouts: operandLayouts,
          }),
        ),
      );
  }
  return found;
}

const { values: given } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    cases: { type: 'string', default: '50' },
    only: { type: 'string', default: '' },
    threads: { type: 'string', default: '1' },
  },
});
const [seed, cases, threads] = [given.seed, given.cases, given.threads].map(Number) as [
  number,
  number,
  number,
];
if (!Number.isSafeInteger(seed) || !(Number.isSafeInteger(cases) && cases > 0))
  throw new Error('write --seed and --cases as whole numbers, at least one case');
if (!(Number.isSafeInteger(threads) && threads >= 1 && threads <= 256))
  throw new Error('write --threads as a whole number from 1 to 256');

let [passed, failed] = [0, 0];
for (const { name, laws, most = cases } of threads === 1
  ? await groups()
  : await threadGroups(threads)) {
  const chosen = laws.filter((law) => `${name}: ${law.name}`.includes(given.only));
  if (chosen.length === 0) continue;
  const tried = Math.min(cases, most);
  const start = performance.now();
  const failures = [];
  for (const law of chosen) {
    const failure = await runLaw(law, { seed, cases: tried });
    if (failure) failures.push(failure);
  }
  passed += chosen.length - failures.length;
  failed += failures.length;
  const verdict = failures.length ? `${failures.length} FAILED` : 'ok';
  const ms = (performance.now() - start).toFixed(0);
  console.log(`${name}: ${chosen.length} laws × ${tried} cases, ${verdict} (${ms} ms)`);
  for (const failure of failures) console.log(`  ${printFailure(failure)}`);
}
console.log(`seed ${seed}: ${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
