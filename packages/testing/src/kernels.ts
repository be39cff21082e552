// The laws of kernels: those of running an op, and those that only a kernel under guard can show.
import {
  anyLayout,
  dense,
  type Backend,
  type FormatLike,
  type Kernel,
  type Layout,
} from '@lacuna/ir';
import { layouts as all, nm } from '@lacuna/layouts';
import { randomCall, type CaseMaker } from './call.js';
import { claim, type Law } from './law.js';
import { launch } from './launch.js';
import { runLaws } from './run.js';

/** Formats that kernels are written for, which chance would seldom meet: hardware's 2:4. */
const singled: ReadonlyMap<Layout, readonly FormatLike[]> = new Map([[nm, [nm(2, 4)]]]);

/** A kernel for one corner of its op is found by this many draws, or is never asked. */
const tries = 5000;

/**
 * What a kernel must keep to, on a backend that is up. The cases of an op of your own come with you.
 *
 * @example
 * ```ts
 * import { wasm } from '@lacuna/backend-wasm';
 * import { cases, kernelLaws, runLaw } from '@lacuna/testing';
 * const backend = await wasm();
 * const kernel = backend.kernels[0]!;
 * for (const law of kernelLaws(kernel, backend, cases.get(kernel.op)!)) await runLaw(law, { seed: 1, cases: 20 });
 * ```
 */
export function kernelLaws(kernel: Kernel, backend: Backend, make: CaseMaker): readonly Law[] {
  const { op, takes } = kernel;
  const layouts: readonly (readonly FormatLike[])[] = takes.map((layout) =>
    layout === anyLayout ? all : [layout, ...(singled.get(layout) ?? [])],
  );
  return [
    {
      name: 'a kernel is for the backend that it names',
      run: () =>
        claim(
          kernel.backend === backend.name,
          `${kernel.name} is for ${kernel.backend}, not ${backend.name}`,
        ),
    },
    {
      name: 'a kernel takes some of the cases of its op, and gives dense or what it says',
      async run(random) {
        for (let attempt = 0; attempt < tries; attempt++) {
          const { inputs, attrs } = randomCall(random, op, make, { layouts });
          if (await launch(backend, kernel, inputs, attrs)) return;
        }
        claim(
          false,
          `${kernel.name} (${takes.map((l) => l.layoutName).join(', ')}) took none of ${tries} cases`,
        );
      },
    },
    {
      name: 'a kernel writes all of its output, and nothing outside it',
      async run(random) {
        const { inputs, attrs, words } = randomCall(random, op, make, { layouts });
        const launched = await launch(backend, kernel, inputs, attrs);
        if (!launched) return;
        const { unwritten, trespass } = launched;
        claim(trespass === undefined, () => `${kernel.name}, ${words} writes outside: ${trespass}`);
        claim(unwritten < 0, `${kernel.name}, ${words} leaves number ${unwritten} unwritten`);
      },
    },
    ...runLaws({
      op,
      make,
      layouts,
      run: async (_, inputs, attrs) => (await launch(backend, kernel, inputs, attrs))?.numbers,
    }),
    {
      name: 'a cost is a number of seconds',
      run(random) {
        const { inputs, attrs, words } = randomCall(random, op, make, { layouts });
        const types = inputs.map(
          (t) =>
            t && {
              format: t.format,
              shape: t.shape,
              dtype: t.dtype,
              stored: t.stored,
              constant: true,
            },
        );
        const shape = op.spec.infer(
          types.map((t) => t?.shape),
          attrs,
        );
        const output = {
          format: dense(),
          shape,
          dtype: 'float32' as const,
          stored: shape.reduce((a, b) => a * b, 1),
          constant: false,
        };
        const signature = { op, attrs, inputs: types, output };
        if (kernel.when && !kernel.when(signature)) return;
        const seconds = kernel.cost?.(signature, backend.rates) ?? 0;
        claim(seconds >= 0 && seconds < Infinity, `${kernel.name}, ${words} costs ${seconds} s`);
      },
    },
  ];
}
