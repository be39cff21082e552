// `npm run compatibility`: how every op runs, forward and backward, for an operand in every layout, on every
// backend, in every number type: by a kernel, by way of another format, by its reference. Each cell is run, and
// its result is held against the bound; what the engine reports while it does so is the cell. Written to
// docs/compatibility.json and docs/compatibility.md; with `-- --check` compared with them.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { wasm } from '@lacuna/backend-wasm';
import { createEngine, gradients, type Engine } from '@lacuna/engine';
import {
  assemble,
  dense,
  inferShape,
  isDense,
  makeTensor,
  encodeValues,
  sizeOf,
  toDense,
  type Backend,
  type DType,
  type Layout,
  type Op,
  type Tensor,
} from '@lacuna/ir';
import { layouts } from '@lacuna/layouts';
import { multiply, ops, sum } from '@lacuna/ops';
import { reference } from '@lacuna/reference';
import {
  boundOf,
  cases,
  firstOutside,
  Random,
  randomCall,
  seedFor,
  type OpCall,
} from '@lacuna/testing';
import { page } from './compatibility/page.ts';

/** How a cell runs, the best first. */
export type Way = 'kernel' | 'hop' | 'reference' | 'none';

/** One cell of the table. The operand in the layout is the weight of a product, and else the first. */
export interface Cell {
  readonly op: string;
  readonly layout: string;
  readonly backend: string;
  readonly dtype: DType;
  readonly forward: Way;
  readonly backward: Way;
  /** Why there is none. */
  readonly reason?: string;
}

const dtypes: readonly DType[] = ['float32', 'float64', 'float16', 'bfloat16'];
/** Rates that are stated rather than measured, so that choices are the same on every machine. */
const rates = { flops: 4e10, bandwidth: 2e10, launch: 2e-7 };
const backends: readonly (() => Promise<Backend>)[] = [
  reference,
  async () => Object.assign(await wasm(), { rates }),
];
/** The operand that is in the layout, where it is not the first. */
const weightOf: Readonly<Record<string, number>> = {
  linear: 1,
  conv2d: 1,
  convTranspose2d: 1,
  where: 1,
};
const order: readonly Way[] = ['kernel', 'hop', 'reference', 'none'];
const worst = (a: Way, b: Way): Way => (order.indexOf(a) > order.indexOf(b) ? a : b);
const cellCases = 3;

/** Calls of an op with the operand in a layout, in float32, none of them empty. */
function callsOf(op: Op, layout: Layout): OpCall[] {
  const which = weightOf[op.opName] ?? 0;
  const tried: readonly (readonly Layout[])[] = Array.from({ length: which + 1 }, (_, k) =>
    k === which ? [layout] : [],
  );
  const found: OpCall[] = [];
  for (let attempt = 0; attempt < 60 && found.length < cellCases; attempt++) {
    const random = new Random(seedFor(attempt, `${op.opName} ${layout.layoutName}`), 0.3);
    const call = randomCall(random, op, cases.get(op)!, { layouts: tried });
    const operand = call.inputs[which];
    if (operand?.format.layout !== layout || operand.stored === 0) continue;
    const shapes = call.inputs.map((t) => t?.shape);
    const all = [...shapes, inferShape(op, shapes, call.attrs)].map((s) => (s ? sizeOf(s) : 1));
    if (all.every((size) => size > 0 && size <= 600)) found.push(call);
  }
  return found;
}

/** The same call with numbers of a type. */
const inType = (call: OpCall, dtype: DType): OpCall => ({
  ...call,
  inputs: call.inputs.map((t) => t && typed(t, dtype)),
});

function typed(tensor: Tensor, dtype: DType): Tensor {
  if (tensor.dtype !== 'float32' || dtype === 'float32') return tensor;
  return makeTensor(tensor.pattern, dtype, encodeValues(dtype, tensor.values));
}

/** An engine, and the ways that were taken since it was last asked. */
interface Watched {
  readonly engine: Engine;
  readonly taken: () => Way;
}

async function watch(make: () => Promise<Backend>): Promise<Watched> {
  let way: Way = 'kernel';
  const engine = await createEngine(make(), {
    on: (event) => {
      if (event.type === 'fallback') way = worst(way, 'reference');
      if (event.type === 'convert') way = worst(way, 'hop');
    },
  });
  const taken = (): Way => {
    const was = way;
    way = 'kernel';
    return was;
  };
  return { engine, taken };
}

async function forward({ engine, taken }: Watched, op: Op, call: OpCall): Promise<Way> {
  const given = call.inputs.map((t) => t && engine.put(t));
  taken();
  const y = op(...given, call.attrs);
  const way = taken();
  const got = toDense(await engine.get(y));
  const at = firstOutside(got, boundOf(op, call.inputs, call.attrs, y.dtype));
  if (at >= 0) throw new Error(`${call.words} on ${engine.name}: number ${at} is ${got[at]}`);
  for (const t of [...given, y]) t?.dispose();
  return way;
}

async function backward(watched: Watched, op: Op, call: OpCall, which: number): Promise<Way> {
  const { engine, taken } = watched;
  const given = call.inputs.flatMap((t) => (t ? [engine.put(t)] : []));
  const step = engine.compile((tensors: readonly Tensor[]) => {
    const from = tensors.values();
    const all = call.inputs.map((t) => (t ? from.next().value : undefined));
    const y = op(...all, call.attrs);
    const random = new Random(1);
    const numbers = Float64Array.from({ length: sizeOf(y.shape) }, () => random.next() - 0.5);
    const by = assemble(dense(), y.shape, numbers, { dtype: y.dtype });
    const loss = sum(multiply(y, by), { axes: y.shape.map((_, dim) => dim) });
    return gradients(loss, [all[which]!]);
  });
  taken();
  const [made] = step(given);
  const reported = taken();
  const target = call.inputs[which]!;
  const own = isDense(target.format) ? isDense(made!.format) : made!.pattern === target.pattern;
  if (!own)
    throw new Error(`the gradient of ${call.words} on ${engine.name} is ${made!.toString()}`);
  await made!.read();
  const hops = / (densify|restrict)\(/.test(step.explain());
  step.dispose();
  for (const t of [...given, made!]) t.dispose();
  return hops ? worst(reported, 'hop') : reported;
}

/** Every cell, in the order of ops, layouts, backends and types. */
async function table(): Promise<readonly Cell[]> {
  const cells: Cell[] = [];
  const watched = await Promise.all(backends.map(watch));
  for (const op of ops.filter((o) => cases.has(o)))
    for (const layout of layouts) {
      const found = callsOf(op, layout);
      for (const on of watched)
        for (const dtype of dtypes) {
          const calls = found.map((call) => inType(call, dtype));
          const cell = {
            op: op.opName,
            layout: layout.layoutName,
            backend: on.engine.name,
            dtype,
          };
          if (calls.length === 0) {
            const reason = `no operand of ${op.opName} has a shape that ${layout.layoutName} stores`;
            cells.push({ ...cell, forward: 'none', backward: 'none', reason });
            continue;
          }
          let [there, back]: [Way, Way] = ['kernel', 'kernel'];
          const { none } = op.spec.gradient;
          for (const call of calls) {
            there = worst(there, await forward(on, op, call));
            if (none === undefined)
              back = worst(back, await backward(on, op, call, weightOf[op.opName] ?? 0));
          }
          const reason = none === undefined ? {} : { reason: none };
          cells.push({
            ...cell,
            forward: there,
            backward: none === undefined ? back : 'none',
            ...reason,
          });
        }
    }
  for (const { engine } of watched) engine.dispose();
  return cells;
}

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
const file = (name: string): string => fileURLToPath(new URL(`../docs/${name}`, import.meta.url));
const cells = await table();
const json = `[\n${cells.map((cell) => `  ${JSON.stringify(cell)}`).join(',\n')}\n]\n`;
const written: Readonly<Record<string, string>> = {
  'compatibility.json': json,
  'compatibility.md': page(cells),
};
if (values.check) {
  const plain = (text: string): string => text.replaceAll(/\s+|-{3,}/g, '');
  const stale = Object.entries(written).filter(
    ([name, text]) =>
      !existsSync(file(name)) || plain(readFileSync(file(name), 'utf8')) !== plain(text),
  );
  for (const [name] of stale) console.error(`docs/${name} is stale: npm run compatibility`);
  process.exitCode = stale.length === 0 ? 0 : 1;
} else {
  for (const [name, text] of Object.entries(written)) writeFileSync(file(name), text);
}
console.log(`${cells.length} cells, each of them run`);
