// `npm run compatibility`: how every op runs, forward and backward, for an operand in every layout, on every
// backend, in every number type: by a kernel, by way of another format, by its reference. Each cell is run, and
// its results are held against their bounds; what the engine reports while it does so is the cell. Written to
// docs/compatibility.json and docs/compatibility.md; with `-- --check` compared with them.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { DType, Op } from '@lacuna/ir';
import { layouts } from '@lacuna/layouts';
import { ops } from '@lacuna/ops';
import { cases, type OpCall } from '@lacuna/testing';
import { backends } from './compatibility/axes.ts';
import { callsOf, inType, operandOf, wholeCalls } from './compatibility/calls.ts';
import { page } from './compatibility/page.ts';
import { backward, forward, watch, worst, type Watched, type Way } from './compatibility/ways.ts';

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

/** Why there is no gradient, if there is none. */
function withoutGradient(op: Op, dtype: DType): string | undefined {
  return op.spec.gradient.none ?? (dtype === 'int32' ? 'whole numbers have no slopes' : undefined);
}

/** How calls run: the worst of each. */
async function run(
  on: Watched,
  op: Op,
  calls: readonly OpCall[],
  reason?: string,
): Promise<Pick<Cell, 'forward' | 'backward' | 'reason'>> {
  let [there, back]: [Way, Way] = ['kernel', reason === undefined ? 'kernel' : 'none'];
  for (const call of calls) {
    there = worst(there, await forward(on, op, call));
    if (reason === undefined) back = worst(back, await backward(on, op, call, operandOf(op)));
  }
  return { forward: there, backward: back, ...(reason !== undefined && { reason }) };
}

/** Every cell, in the order of ops, layouts, backends and types. */
async function table(): Promise<readonly Cell[]> {
  const cells: Cell[] = [];
  const watched = await Promise.all(backends.map(watch));
  for (const op of ops.filter((o) => cases.has(o))) {
    const byLayout = layouts.map((layout) => callsOf(op, layout));
    const whole = wholeCalls(op, byLayout);
    for (const [k, layout] of layouts.entries()) {
      for (const on of watched)
        for (const dtype of on.dtypes) {
          const calls =
            dtype === 'int32' ? whole[k]! : byLayout[k]!.map((call) => inType(call, dtype));
          if (dtype === 'int32' && calls.length === 0) continue;
          const cell = { op: op.opName, layout: layout.layoutName, backend: on.engine.name, dtype };
          const ways =
            calls.length > 0
              ? await run(on, op, calls, withoutGradient(op, dtype))
              : ({
                  forward: 'none',
                  backward: 'none',
                  reason: `no operand of ${op.opName} has a shape that ${layout.layoutName} stores`,
                } as const);
          cells.push({ ...cell, ...ways });
        }
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
