// One position, by threads and by subgroups, on a device that has the feature and on one that was not asked for it.
import { createEngine, type Engine } from '@lacuna/engine';
import { assemble, dense, sparsify, type Tensor } from '@lacuna/ir';
import { blocks, magnitude, nmgMagnitude, nmMagnitude, vnmMagnitude } from '@lacuna/lacuna';
import { bcsr, bitmask, csc, csr, nm, nmg, vnm } from '@lacuna/layouts';
import { matmul } from '@lacuna/ops';
import { boundOf, claimWithin, printFailure, runLaw } from '@lacuna/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { dawn, gpu } from '../test/dawn.js';
import { positionLaws } from '../test/position.js';
import type { WebgpuBackend, WebgpuOptions } from './index.js';

const seed = Number(process.env['LAWS_SEED'] ?? 1);
const count = Number(process.env['LAWS_CASES'] ?? 8);

for (const rows of ['threads', 'subgroups'] as const) {
  const backend = await dawn({ rows });
  afterAll(() => backend.dispose());
  describe(`for one position, by ${rows},`, () => {
    for (const { kernel, laws } of positionLaws(backend))
      for (const law of laws)
        it(`${kernel.name}: ${law.name}`, async () => {
          const failure = await runLaw(law, { seed, cases: count });
          expect(failure && printFailure(failure)).toBeUndefined();
        });
  });
}

const [m, k] = [70, 200];
const full = assemble(
  dense(),
  [m, k],
  Float32Array.from({ length: m * k }, (_, at) => Math.sin(at * at)),
);
const x = assemble(
  dense(),
  [k, 1],
  Float32Array.from({ length: k }, (_, at) => Math.cos(at)),
);
const few = magnitude({ fraction: 0.75 });
const weights: readonly Tensor[] = [
  full,
  sparsify(full, few, csr()),
  sparsify(full, few, csc()),
  sparsify(full, blocks({ rows: 4, columns: 1, fraction: 0.75 }), bcsr(4, 1)),
  sparsify(full, nmMagnitude({ n: 1, m: 4 }), nm(1, 4)),
  sparsify(full, nmgMagnitude({ n: 1, m: 4, g: 4 }), nmg(1, 4, 4)),
  sparsify(full, vnmMagnitude({ v: 4, n: 2, m: 8 }), vnm(4, 2, 8)),
];

/** An engine that may not fall back. */
const on = (options: WebgpuOptions): Promise<Engine> =>
  createEngine(dawn(options), { fallback: 'refuse' });

/** The programs that an engine runs for a matrix. */
async function programsFor(engine: Engine, w: Tensor): Promise<string> {
  const { counters } = engine.backend as WebgpuBackend;
  const [weight, input] = [engine.put(w), engine.put(x)];
  counters.reset();
  const y = matmul(weight, input);
  claimWithin(await y.read(), boundOf(matmul, [w, x], matmul.spec.defaults), w.toString());
  for (const each of [weight, input, y]) each.dispose();
  return [...counters.programs.keys()].join();
}

/** A device that says its subgroups have at least `least` threads, whatever they have. */
function saying(least: number, real: GPUDevice): GPUDevice {
  const words = { vendor: '', architecture: '', description: 'of any size' };
  return new Proxy(real, {
    get(target, name) {
      if (name === 'adapterInfo')
        return { ...words, subgroupMinSize: least, isFallbackAdapter: true };
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

describe('a subgroup makes a row', () => {
  it('of every layout with a loop that lanes can share', async () => {
    const engine = await on({ rows: 'subgroups' });
    for (const w of weights) expect(await programsFor(engine, w)).toMatch(/^[a-z]+-vector-lanes$/);
    expect(await programsFor(engine, sparsify(full, few, bitmask()))).toBe('levels-vector');
    engine.dispose();
  });

  it.each([1, 2, 16, 64])('on a device that promises %i threads, and has others', async (least) => {
    const adapter = (await gpu.requestAdapter())!;
    const real = await adapter.requestDevice({ requiredFeatures: ['subgroups'] });
    const engine = await on({ device: saying(least, real), rows: 'subgroups' });
    for (const w of weights) expect(await programsFor(engine, w)).toMatch(/-vector-lanes$/);
    engine.dispose();
    real.destroy();
  });

  it('unless threads are asked for, or the feature was refused', async () => {
    for (const options of [{ rows: 'threads' }, { rows: 'subgroups', features: [] }] as const) {
      const engine = await on(options);
      expect(await programsFor(engine, weights[1]!)).toBe('csr-vector');
      engine.dispose();
    }
  });

  it('on a device of the caller only where it was asked for the feature', async () => {
    for (const requiredFeatures of [[], ['subgroups']] as GPUFeatureName[][]) {
      const adapter = (await gpu.requestAdapter())!;
      const device = await adapter.requestDevice({ requiredFeatures });
      const backend = await dawn({ device, rows: 'subgroups' });
      expect(backend.tuning.subgroup > 0).toBe(requiredFeatures.length > 0);
      backend.dispose();
      device.destroy();
    }
  });
});
