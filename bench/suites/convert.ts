// Changes of layout where no choice is made, as a share of the bandwidth of a plain copy of the dense matrix: bytes
// read and bytes written, structure among both, by the time they took. An engine's tensors are changed in its memory,
// by engine.convert; tensors of no engine in fresh memory, by convert. A matrix of 2 MB is copied within the caches,
// so there is one of 36 MB beside those of the options, for what memory allows.
import {
  bcsr,
  convert as change,
  csr,
  dense,
  isDense,
  nmg,
  toDense,
  type Engine,
  type Format,
  type Tensor,
} from '@lacuna/lacuna';
import { makeWeights } from '../problem.js';
import { race } from '../race.js';
import type { Outcome } from '../field.js';
import type { Absent, Row, Shape } from '../report.js';
import { gflops, summarize } from '../statistics.js';
import type { Context, Suite } from './suite.js';

/** From and to; weights are pruned for the sparser of the two. */
const changes: readonly (readonly [Format, Format])[] = [
  [csr(), dense()],
  [dense(), csr()],
  [csr(), bcsr(4, 1)],
  [bcsr(4, 1), csr()],
  [bcsr(4, 1), dense()],
  [dense(), bcsr(4, 1)],
  [nmg(2, 4, 8), dense()],
  [nmg(2, 4, 8), csr()],
  [dense(), nmg(2, 4, 8)],
  [csr(), nmg(2, 4, 8)],
];

/** A matrix that no cache holds. */
const large = '3072x3072';

interface Change {
  readonly name: string;
  readonly sparsity: number;
  readonly contender: string;
  readonly from: Tensor;
  readonly to: Tensor;
  readonly run: () => unknown;
  readonly waits?: boolean;
  readonly dispose: () => void;
}

/** Conversions of each matrix of the options. */
export const convert: Suite = async function* (context) {
  const { shapes, quick } = context.options;
  const asked = shapes.map(([m, k]) => `${m}x${k}`);
  const sides = [...new Set(quick ? asked : [...asked, large])];
  for (const side of sides) {
    const [m, k] = side.split('x').map(Number) as [number, number];
    yield await ofMatrix(context, m, k);
  }
};

async function ofMatrix(context: Context, m: number, k: number): Promise<Partial<Outcome>> {
  const { options, engine, race: raceOptions } = context;
  const absent: Absent[] = [];
  const ready: Change[] = [];
  const shape: Shape = [m, k, 1];
  for (const [from, to] of changes) {
    try {
      ready.push(...prepare(engine, from, to, m, k, options.seed));
    } catch (error) {
      const layout = `${from.layout.layoutName} → ${to.layout.layoutName}`;
      absent.push({
        suite: 'convert',
        contender: 'lacuna',
        layout,
        shape,
        why: `failed: ${(error as Error).message}`,
      });
    }
  }
  const source = new Float32Array(m * k).fill(1);
  const copy = new Float32Array(m * k);
  const times = await race([{ run: () => copy.set(source) }, ...ready], raceOptions);
  const copied = 2 * copy.byteLength;
  for (const { dispose } of ready) dispose();
  const rows = ready.map(({ name, contender, sparsity, from, to }, at): Row => {
    const ms = summarize(times[at + 1]!);
    const bytes = from.bytes + to.bytes;
    const shares = times[at + 1]!.map((t, round) => bytes / t / (copied / times[0]![round]!));
    return {
      suite: 'convert',
      shape,
      sparsity,
      layout: name,
      contender,
      threads: 1,
      ms,
      gflopsEffective: 0,
      gflopsStored: 0,
      ofRoofline: summarize(shares).median,
      vsOwnDense: null,
      vsBestPeer: null,
      bestPeer: null,
      ...(times[at + 1]!.length < raceOptions.rounds && { rounds: times[at + 1]!.length }),
      extra: { 'GB/s': gflops(bytes, ms.median), 'of copy bandwidth': summarize(shares).median },
    };
  });
  return { rows, absent };
}

function prepare(
  engine: Engine,
  fromFormat: Format,
  toFormat: Format,
  m: number,
  k: number,
  seed: number,
): readonly Change[] {
  const sparse =
    isDense(fromFormat) || (fromFormat.layout === csr && !isDense(toFormat))
      ? toFormat
      : fromFormat;
  const weights = makeWeights(m, k, sparse, 0.9, seed);
  const from = change(weights.tensor, fromFormat);
  const to = change(from, toFormat);
  const numbers = toDense(to);
  const at = weights.numbers.findIndex((v, place) => v !== numbers[place]);
  if (at >= 0)
    throw new Error(`number ${at} became ${numbers[at]}, and was ${weights.numbers[at]}`);
  const name = `${fromFormat.layout.layoutName} → ${toFormat.layout.layoutName}`;
  const about = { name, sparsity: weights.sparsity, from, to };
  const own = engine.put(from);
  return [
    {
      ...about,
      contender: 'lacuna',
      run: async () => (await engine.convert(own, toFormat)).dispose(),
      waits: true,
      dispose: () => own.dispose(),
    },
    { ...about, contender: 'host', run: () => change(from, toFormat), dispose: () => {} },
  ];
}
