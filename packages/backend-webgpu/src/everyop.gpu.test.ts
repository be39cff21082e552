// Every op and its gradient on Dawn, for operands in every layout, with no way off the device.
import { createEngine } from '@lacuna/engine';
import { printFailure, runLaw } from '@lacuna/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { dawn } from '../test/dawn.js';
import { everyOp } from '../test/everyop.js';

const seed = Number(process.env['LAWS_SEED'] ?? 1);
const count = Number(process.env['LAWS_CASES'] ?? 5);

const engine = await createEngine(dawn(), { fallback: 'refuse' });
afterAll(() => engine.dispose());

for (const { name, laws } of everyOp(engine))
  describe(name, () => {
    for (const law of laws)
      it(law.name, async () => {
        const failure = await runLaw(law, { seed, cases: count });
        expect(failure && printFailure(failure)).toBeUndefined();
      });
  });
