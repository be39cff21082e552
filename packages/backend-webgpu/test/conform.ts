// The laws of the backend, its kernels and engines over it, as one program for hosts where no test runner is:
// a page in Chromium, Deno. The same laws run under vitest on Dawn.
import { createEngine } from '@lacuna/engine';
import { backendLaws, cases, kernelLaws, printFailure, runLaw, type Law } from '@lacuna/testing';
import { webgpu, type WebgpuOptions } from '../src/index.js';
import { emulated } from '../src/kernels/arithmetic.js';
import { halfKernels } from '../src/kernels/index.js';
import { everyOp } from './everyop.js';
import { halfLaw } from './half.js';
import { positionLaws } from './position.js';

/** What came of the laws. */
export interface Conformance {
  readonly about: string;
  readonly passed: number;
  readonly failures: readonly string[];
}

/** Runs every law, `count` cases each. */
export async function conform(
  seed: number,
  count: number,
  options: WebgpuOptions = {},
): Promise<Conformance> {
  const backend = await webgpu(options);
  const engine = await createEngine(webgpu(options), { fallback: 'refuse' });
  const { about } = backend;
  const failures: string[] = [];
  let passed = 0;
  const keep = async (name: string, laws: readonly Law[], most = count): Promise<void> => {
    for (const law of laws) {
      const failure = await runLaw(law, { seed, cases: most });
      if (failure) failures.push(`${name}: ${printFailure(failure)}`);
      else passed++;
    }
  };
  await keep(
    'backend',
    backendLaws((memoryLimit) => webgpu({ ...options, memoryLimit })),
  );
  for (const kernel of backend.kernels) {
    const make = cases.get(kernel.op);
    if (make) await keep(kernel.name, kernelLaws(kernel, backend, make));
  }
  for (const rows of ['threads', 'subgroups'] as const) {
    const own = await webgpu({ ...options, rows });
    for (const { kernel, laws } of positionLaws(own))
      await keep(`${kernel.name}, one position by ${rows}`, laws, Math.min(count, 2));
    own.dispose();
  }
  for (const kernel of halfKernels(emulated))
    await keep(`${kernel.name}, emulated`, [halfLaw(backend, kernel)]);
  for (const { name, laws } of everyOp(engine))
    await keep(`engine ${name}`, laws, Math.min(count, 2));
  backend.dispose();
  engine.dispose();
  return { about, passed, failures };
}
