// The laws of the backend, its kernels and engines over it, as one program for hosts where no test runner is:
// a page in Chromium, Deno. The same laws run under vitest on Dawn.
import { createEngine } from '@lacuna/engine';
import { toDense } from '@lacuna/ir';
import { layouts } from '@lacuna/layouts';
import { linear, matmul } from '@lacuna/ops';
import {
  backendLaws,
  cases,
  kernelLaws,
  printFailure,
  runLaw,
  runLaws,
  type Law,
  type Run,
} from '@lacuna/testing';
import { webgpu, type WebgpuOptions } from '../src/index.js';

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
  const keep = async (name: string, laws: readonly Law[]): Promise<void> => {
    for (const law of laws) {
      const failure = await runLaw(law, { seed, cases: count });
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
  for (const op of [matmul, linear]) {
    const run: Run = async (_, inputs, attrs) => {
      const given = inputs.map((t) => t && engine.put(t));
      const y = op(...given, attrs);
      const numbers = toDense(await engine.get(y));
      for (const t of [...given, y]) t?.dispose();
      return numbers;
    };
    const places = op === matmul ? [layouts, layouts] : [[], layouts];
    await keep(`engine ${op.opName}`, runLaws({ op, run, make: cases.get(op)!, layouts: places }));
  }
  backend.dispose();
  engine.dispose();
  return { about, passed, failures };
}
