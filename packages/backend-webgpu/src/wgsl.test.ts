// The shaders as text, one of each shape: a reviewer reads a change of a kernel in its snapshot. They run on no
// device here; `npm run test:gpu` compiles and runs them all.
import { assemble, densePattern, type OperandType } from '@lacuna/ir';
import { bcsr, csr, nmg } from '@lacuna/layouts';
import { describe, expect, it } from 'vitest';
import { emulated, float16 } from './kernels/arithmetic.js';
import { bcsrFamily } from './kernels/bcsr.js';
import { denseFamily } from './kernels/dense.js';
import { shell, type Family, type Shell } from './kernels/family.js';
import { nmgFamily } from './kernels/nmg.js';
import { csrFamily } from './kernels/streams.js';
import { kernels } from './kernels/index.js';
import { vectorShell } from './kernels/vector.js';
import { sizeClass } from './pool.js';
import { grid } from './program.js';

const zeros = new Float32Array(64 * 64);
const typeOf = (layout: Parameters<typeof assemble>[0]): OperandType => {
  const { format, shape, dtype, stored } = assemble(layout, [64, 64], zeros);
  return { format, shape, dtype, stored, constant: true };
};
const dense: OperandType = {
  format: densePattern([64, 64]).format,
  shape: [64, 64],
  dtype: 'float32',
  stored: 4096,
  constant: true,
};
const variant: Shell = { wide: 2, across: 16, lies: 'whole' };

describe('the shaders of products', () => {
  const families: readonly [string, Family, OperandType][] = [
    ['dense', denseFamily, dense],
    ['csr', csrFamily, typeOf(csr)],
    ['row groups of 4', bcsrFamily, typeOf(bcsr(4, 1))],
    ['n:m:g 2:4:2', nmgFamily, typeOf(nmg(2, 4, 2))],
  ];
  it.each(families)('%s', (name, family, w) => {
    const inner = family.inner(w, { shared: false, subgroup: 0 }, 128);
    expect(shell(name, inner)(variant).code).toMatchSnapshot();
    for (const spread of [false, true]) {
      const { code } = vectorShell(`${name}, one position`, family.vector(w, spread), 8);
      expect(code).toMatchSnapshot();
    }
  });

  it.each(families)('%s, arithmetic of 16 bits', (name, family, w) => {
    for (const arithmetic of [float16, emulated]) {
      const inner = family.half!({ ...w, dtype: 'float16' }, arithmetic)!;
      expect(shell(`${name}-half`, inner)(variant).code).toMatchSnapshot();
    }
  });

  it('dense, tiles in workgroup memory', () => {
    const inner = denseFamily.inner(dense, { shared: true, subgroup: 0 }, 128);
    expect(shell('dense-shared', inner)(variant).code).toMatchSnapshot();
  });
});

describe('every kernel', () => {
  it('is for this backend', () => {
    for (const kernel of kernels)
      expect([kernel.name, kernel.backend]).toEqual([kernel.name, 'webgpu']);
  });
});

describe('grids and size classes', () => {
  it.each([0, 1, 64, 65, 65535 * 64, 65535 * 64 + 1, 10_000_000])('cover %i items', (count) => {
    const [x, y, z] = grid(count, 64);
    expect(x * y * z * 64).toBeGreaterThanOrEqual(count);
    expect(Math.max(x, y, z)).toBeLessThanOrEqual(65535);
  });
  it.each([0, 1, 256, 257, 1000, 5000, 2 ** 20 + 1, 3e8])(
    'waste at most a quarter of %i bytes',
    (bytes) => {
      const size = sizeClass(bytes);
      expect(size).toBeGreaterThanOrEqual(bytes);
      expect(size).toBeLessThanOrEqual(Math.max(256, bytes * 1.25 + 256));
      expect(sizeClass(size)).toBe(size);
    },
  );
});
