// `npm run digits -- [--seeds 3] [--epochs 40] [--only TEXT]`: networks trained on handwritten digits, dense and
// sparse, one line each: accuracy on 450 digits that they have not seen, its spread over seeds, what is left of
// the sparse weights, milliseconds a step. The same command gives the same accuracies.
// `npm run digits -- --claims [--only TEXT]`: what is said of methods on the digits, and whether it holds here.
import { parseArgs } from 'node:util';
import { wasm } from '@lacuna/backend-wasm';
import { createEngine } from '@lacuna/engine';
import { digits } from '../test/data/digits.js';
import { tryClaims } from './digits/claims.js';
import { runDigits, type DigitsResult } from './digits/run.js';
import { runs } from './digits/runs.js';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '3' },
    epochs: { type: 'string', default: '40' },
    only: { type: 'string', default: '' },
    claims: { type: 'boolean', default: false },
  },
});
const [seeds, epochs] = [Number(values.seeds), Number(values.epochs)];
if (!(Number.isInteger(seeds) && seeds > 0 && Number.isInteger(epochs) && epochs > 0)) {
  console.error('write whole numbers: npm run digits -- --seeds 3 --epochs 40');
  process.exit(2);
}
if (values.claims) {
  const engine = await createEngine(wasm(), { fallback: 'quiet' });
  await tryClaims(engine, values.only, (line) => console.log(line));
  engine.dispose();
  process.exit(0);
}
const wanted = runs.filter(({ name }) => name.includes(values.only));
if (wanted.length === 0) {
  console.error(
    `no run is called "${values.only}"; there are ${runs.map(({ name }) => `"${name}"`).join(', ')}`,
  );
  process.exit(2);
}

const engine = await createEngine(wasm(), { fallback: 'quiet' });
console.log(
  `${epochs} epochs of 1347 digits in batches of 64, seeds 1 to ${seeds}, tested on 450; ${engine.backend.about}\n`,
);
console.log(`${'network'.padEnd(40)} accuracy    ±  density  ms/step`);
for (const run of wanted) {
  const results: DigitsResult[] = [];
  for (let seed = 1; seed <= seeds; seed++)
    results.push(await runDigits(engine, run, { seed, epochs, data: digits(seed) }));
  const mean = (of: (result: DigitsResult) => number): number =>
    results.reduce((sum, result) => sum + of(result), 0) / seeds;
  const accuracy = mean((r) => r.accuracy);
  const spread = Math.sqrt(mean((r) => (r.accuracy - accuracy) ** 2));
  const cells = [
    `${(100 * accuracy).toFixed(2)} %`.padStart(8),
    (100 * spread).toFixed(2).padStart(5),
    mean((r) => r.density)
      .toFixed(4)
      .padStart(8),
    mean((r) => r.ms)
      .toFixed(2)
      .padStart(8),
  ];
  console.log(`${run.name.padEnd(40)} ${cells.join(' ')}`);
}
engine.dispose();
