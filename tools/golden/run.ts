// Runs golden files: each names its kind, and each kind has a runner that compares what it says with
// what our code computes. A runner tells what it compared, and throws at the first difference.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Fields } from './fields.ts';
import { runFraction } from './fraction.ts';
import { runLayouts } from './layouts.ts';
import { runLinear, runNmgLinear } from './linear.ts';
import { runModel } from './model.ts';
import { runNmg } from './nmg.ts';
import { runOrders } from './orders.ts';
import { runTraining } from './training.ts';

/** Compares a file with our code: what was compared, or an error with the first difference. */
export type Runner = (file: Fields, folder: string) => string | Promise<string>;

/** A runner for every kind of golden file. */
const runners: Readonly<Record<string, Runner>> = {
  nmg: runNmg,
  orders: runOrders,
  scalar_fraction: runFraction,
  layouts: runLayouts,
  linear: runLinear,
  nmg_linear: runNmgLinear,
  masked_training: runTraining,
  model: runModel,
};

/** What came of one file. */
export interface Outcome {
  readonly name: string;
  readonly ok: boolean;
  readonly said: string;
}

/** Files of a network say which model, and which outputs; all others have a `kind`. */
function kindOf(file: Fields): string {
  return !file.has('kind') && file.has('model') && file.has('outputs')
    ? 'model'
    : file.text('kind');
}

/** Runs every `*.json` of a folder, in the order of their names. */
export async function* runFolder(folder: string): AsyncGenerator<Outcome> {
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  for (const name of names.toSorted()) {
    try {
      const file = Fields.parse(readFileSync(join(folder, name), 'utf8'));
      const kind = kindOf(file);
      const run = Object.hasOwn(runners, kind) ? runners[kind] : undefined;
      if (!run)
        throw new Error(`unknown kind "${kind}"; there are ${Object.keys(runners).join(', ')}`);
      yield { name, ok: true, said: await run(file, folder) };
    } catch (error) {
      yield { name, ok: false, said: error instanceof Error ? error.message : String(error) };
    }
  }
}
