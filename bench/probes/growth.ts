// One size of growth, in a process of its own: the time, and the most memory over input and output.
import {
  createEngine,
  csr,
  fromEntries,
  makePattern,
  makeTensor,
  wasm,
  type Tensor,
} from '@lacuna/lacuna';
import { Random } from '@lacuna/testing';
import { clockFor } from '../clock.js';
import { lacuna } from '../contenders/lacuna.js';
import { makeInput, type Weights } from '../problem.js';
import { race } from '../race.js';
import { median } from '../statistics.js';

const [columns, positions, perRow] = [4096, 8, 50];
const clock = clockFor(1);
const options = { clock, rounds: 11, least: 2, warm: 20, patience: 2000 };

/** Kinds of growth, by number. */
export const kinds = ['csr · X [4096, 8]', 'entries → csr'] as const;

/** Best and median milliseconds, and bytes. */
export async function growth({
  entries = 1e5,
  kind = 0,
}: Readonly<Record<string, number>>): Promise<Record<string, number>> {
  const rows = Math.round(entries / perRow);
  return kind === 0 ? product(rows) : build(rows);
}

async function product(rows: number): Promise<Record<string, number>> {
  const engine = await createEngine(wasm());
  const tensor = matrix(rows);
  const weights: Weights = {
    m: rows,
    k: columns,
    layout: 'csr',
    sparsity: 1 - perRow / columns,
    tensor,
    numbers: new Float32Array(),
  };
  const before = engine.usage.bytes;
  const contender = await lacuna(engine, 'plan', weights, makeInput(columns, positions, 1));
  const used = engine.usage.bytes - before;
  const [times] = await race([contender], options);
  const moved = tensor.bytes + 4 * positions * (rows + columns);
  return { best: Math.min(...times!), median: median(times!), memory: used / moved };
}

async function build(rows: number): Promise<Record<string, number>> {
  const tensor = matrix(rows);
  const index = flat(tensor, rows);
  const stored = { shape: tensor.shape, index, values: tensor.values };
  const [rss, before] = [process.memoryUsage.rss(), process.resourceUsage().maxRSS * 1024];
  const first = clock.now();
  const made = fromEntries(csr, stored);
  const cold = clock.now() - first;
  const most = process.resourceUsage().maxRSS * 1024;
  const input = index.byteLength + tensor.values.byteLength;
  // A process has one high-water mark: where it did not rise, starting up needed more than this.
  const memory = most > before ? (input + most - rss) / (input + made.bytes) : Number.NaN;
  if (cold > 2000) return { best: cold, median: cold, memory };
  const [times] = await race([{ run: () => fromEntries(csr, stored) }], options);
  return { best: Math.min(...times!), median: median(times!), memory };
}

/** Rows of 50 entries each, in columns drawn one from each stretch of 81. */
function matrix(rows: number): Tensor {
  const random = new Random(1);
  const stretch = Math.floor(columns / perRow);
  const pos = Uint32Array.from({ length: rows + 1 }, (_, i) => i * perRow);
  const crd = new Uint16Array(rows * perRow);
  for (let p = 0; p < crd.length; p++)
    crd[p] = (p % perRow) * stretch + random.whole(0, stretch - 1);
  const pattern = makePattern(
    csr(),
    [rows, columns],
    [
      { level: 1, role: 'pos', data: pos },
      { level: 1, role: 'crd', data: crd },
    ],
  );
  return makeTensor(pattern, 'float32', new Float32Array(crd.length).fill(0.5));
}

function flat({ pattern, stored }: Tensor, rows: number): Uint32Array | Float64Array {
  const index = rows * columns > 2 ** 32 ? new Float64Array(stored) : new Uint32Array(stored);
  const crd = new Uint16Array(
    pattern.structure.buffer,
    pattern.structure.byteOffset + pattern.buffers.find((b) => b.role === 'crd')!.offset,
    stored,
  );
  for (let p = 0; p < stored; p++) index[p] = Math.floor(p / perRow) * columns + crd[p]!;
  return index;
}
