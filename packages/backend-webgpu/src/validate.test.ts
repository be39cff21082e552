// Shaders of optional features are what WGSL allows: the compiler that browsers have reads them, on a device without a GPU.
// Without its feature each is refused, so that the directives at its head are needed.
import { assemble, dense, type OperandType } from '@lacuna/ir';
import { bcsr, csc, csr, ell, nm, nmg, vnm } from '@lacuna/layouts';
import { afterAll, describe, expect, it } from 'vitest';
import { validator } from '../test/validator.js';
import { anyFamily } from './kernels/any.js';
import { bcsrFamily } from './kernels/bcsr.js';
import { denseFamily } from './kernels/dense.js';
import { float16 } from './kernels/arithmetic.js';
import { shell, type Family } from './kernels/family.js';
import { nmgFamily } from './kernels/nmg.js';
import { csrFamily, ellFamily, nmFamily } from './kernels/streams.js';
import { vectorShell } from './kernels/vector.js';
import { vnmFamily } from './kernels/vnm.js';

const all = await validator(['subgroups', 'shader-f16']);
const none = await validator([]);
afterAll(() => [all, none].forEach((each) => each.close()));

const zeros = new Float32Array(64 * 66);
const types = (format: Parameters<typeof assemble>[0]): readonly OperandType[] =>
  [64, 66].map((k) => {
    const {
      format: own,
      shape,
      dtype,
      stored,
    } = assemble(format, [64, k], zeros.subarray(0, 64 * k));
    return { format: own, shape, dtype, stored, constant: true };
  });

const families: readonly [Family, readonly OperandType[]][] = [
  [denseFamily, types(dense())],
  [csrFamily, types(csr())],
  [anyFamily, types(csc())],
  [ellFamily, types(ell(4))],
  [bcsrFamily, [...types(bcsr(4, 1)), ...types(bcsr(3, 2))]],
  [nmFamily, [...types(nm(2, 4)), ...types(nm(1, 3))]],
  [nmgFamily, [...types(nmg(2, 4, 2)), ...types(nmg(1, 3, 3))]],
  [vnmFamily, types(vnm(4, 2, 8))],
];

describe('WGSL with subgroups is valid where they are, and nowhere else:', () => {
  it.each(families.map(([family, ws]) => [family.name, family, ws] as const))(
    '%s',
    async (name, family, ws) => {
      for (const least of [4, 32, 64])
        for (const w of ws) {
          const program = vectorShell(`${name}-vector`, family.vector(w, true), least);
          expect(await all.complaint(program)).toBeUndefined();
          expect(await none.complaint(program)).toMatch(/extension 'subgroups' is not allowed/);
        }
    },
  );
});

describe('WGSL in 16 bits is valid where they are, and nowhere else:', () => {
  const halves = families.flatMap(([family, ws]) => {
    const inners = ws.flatMap((w) => family.half?.({ ...w, dtype: 'float16' }, float16) ?? []);
    return inners.length > 0 ? [[family.name, inners] as const] : [];
  });

  it('dense, csr, ell, row groups, n:m and n:m:g have it', () => {
    expect(halves.map(([name]) => name)).toEqual(['dense', 'csr', 'ell', 'rows', 'nm', 'nmg']);
  });

  it.each(halves)('%s', async (name, inners) => {
    for (const inner of inners)
      for (const lies of ['whole', 'single', 'turned'] as const)
        for (const wide of [1, 2, 4]) {
          const program = shell(`${name}-half`, inner)({ wide, across: 16, lies });
          expect(await all.complaint(program)).toBeUndefined();
          expect(await none.complaint(program)).toMatch(/extension 'f16' is not allowed/);
        }
  });
});
