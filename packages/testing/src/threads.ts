// The law of threads: however a call is cut, and whoever does the parts, the bits are those of one thread.
import { anyLayout, type Backend, type Kernel, type Layout } from '@lacuna/ir';
import { layouts as all } from '@lacuna/layouts';
import { randomCall, type CaseMaker } from './call.js';
import { claim, type Law } from './law.js';
import { launch } from './launch.js';
import { firstDifference } from './numbers.js';

/**
 * What a kernel must keep to on backends of several threads, beside its own laws: `one` is the same backend on one
 * thread.
 *
 * @example
 * ```ts
 * import { wasm } from '@lacuna/backend-wasm';
 * import { cases, runLaw, threadLaws } from '@lacuna/testing';
 * const [one, several] = [await wasm(), await wasm({ threads: 2 })];
 * const kernel = one.kernels[0]!;
 * for (const law of threadLaws(kernel, one, several, cases.get(kernel.op)!)) await runLaw(law, { seed: 1, cases: 20 });
 * several.dispose();
 * ```
 */
export function threadLaws(
  kernel: Kernel,
  one: Backend,
  several: Backend,
  make: CaseMaker,
): readonly Law[] {
  const layouts: readonly (readonly Layout[])[] = kernel.takes.map((layout) =>
    layout === anyLayout ? all : [layout],
  );
  return [
    {
      name: 'the bits are those of one thread',
      async run(random) {
        const { inputs, attrs, words } = randomCall(random, kernel.op, make, { layouts });
        const expected = await launch(one, kernel, inputs, attrs);
        const got = await launch(several, kernel, inputs, attrs);
        claim(
          (expected === undefined) === (got === undefined),
          `${kernel.name}, ${words} is taken on one count of threads and not on another`,
        );
        if (!expected || !got) return;
        const { trespass, unwritten, numbers } = got;
        claim(trespass === undefined, () => `${kernel.name}, ${words} writes outside: ${trespass}`);
        claim(unwritten < 0, `${kernel.name}, ${words} leaves number ${unwritten} unwritten`);
        const at = firstDifference(expected.numbers, numbers);
        claim(
          at < 0,
          () =>
            `${kernel.name}, ${words}: number ${at} is ${numbers[at]}, not ${expected.numbers[at]}`,
        );
      },
    },
  ];
}
