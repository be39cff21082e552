// Every kernel works on what is larger than a binding: with bindings of 256 bytes, most cases of the laws are.
import { anyLayout, SparseError, type Kernel } from '@lacuna/ir';
import { layouts } from '@lacuna/layouts';
import { boundOf, cases, claim, claimWithin, launch, Random, randomCall } from '@lacuna/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { dawn } from '../test/dawn.js';

const seed = Number(process.env['LAWS_SEED'] ?? 1);
(await dawn()).dispose(); // measures, with whole bindings
const backend = await dawn({ maxBinding: 256 });
afterAll(() => backend.dispose());

const isSpanned = (): boolean =>
  [...backend.counters.programs.keys()].some((name) => name.endsWith('-spanned'));

/** Launches a case of a kernel's op; false where it does not take it, or takes more bindings than there are. */
async function attempt(kernel: Kernel, random: Random): Promise<boolean> {
  const { op, takes } = kernel;
  const { inputs, attrs, words } = randomCall(random, op, cases.get(op)!, {
    layouts: takes.map((layout) => (layout === anyLayout ? layouts : [layout])),
  });
  const launched = await launch(backend, kernel, inputs, attrs).catch((error: unknown) => {
    if (error instanceof SparseError && /takes \d+ bindings/.test(error.message)) return undefined;
    throw error;
  });
  if (!launched) return false;
  claim(launched.trespass === undefined, `${words} writes outside: ${launched.trespass}`);
  claim(launched.unwritten < 0, `${words} leaves number ${launched.unwritten} unwritten`);
  claimWithin(launched.numbers, boundOf(op, inputs, attrs), words);
  return true;
}

const asked = backend.kernels.filter(({ op }) => cases.has(op));
describe('a kernel over spans is within the bound of its op', () => {
  it.each(asked.map((kernel) => [kernel.name, kernel] as const))('%s', async (_, kernel) => {
    let found = false;
    for (let at = 0; at < 300 && !found; at++) {
      backend.counters.reset();
      found = (await attempt(kernel, new Random(seed + at, 1))) && isSpanned();
    }
    await backend.finish();
    expect(found).toBe(true);
  });
});
