// What a fresh process or page sees: from createEngine to the first result, and how much slower the first
// call of a user is than those that follow.
import { createEngine, wasm } from '@lacuna/lacuna';
import { lacuna } from '../contenders/lacuna.js';
import { makeInput, makeWeights } from '../problem.js';
import { format } from '../options.js';

/** Milliseconds, by name. */
export async function startup({
  sparse = 1,
}: Readonly<Record<string, number>>): Promise<Record<string, number>> {
  const weights = makeWeights(768, 768, format(sparse ? 'csr' : 'dense'), 0.9, 1);
  const input = makeInput(768, 128, 1);
  const start = performance.now();
  const engine = await createEngine(wasm());
  const created = performance.now();
  const { run, result } = await lacuna(engine, 'plan', weights, input);
  const compiled = performance.now();
  run();
  const first = performance.now() - compiled;
  await result();
  const total = performance.now() - start;
  const later: number[] = [];
  for (let call = 0; call < 200; call++) {
    const from = performance.now();
    run();
    later.push(performance.now() - from);
  }
  const steady = later.slice(100).sort((a, b) => a - b)[50]!;
  return { total, create: created - start, compile: compiled - created, first, steady };
}
