// What an engine refuses of plug-ins, and what it says.
import { reference } from '@lacuna/reference';
import type * as ir from '@lacuna/ir';
import {
  dense,
  layout,
  level,
  op,
  stamp,
  type Kernel,
  type Layout,
  type Op,
  type Plugin,
  type Tensor,
} from '@lacuna/ir';
import { matmul, relu } from '@lacuna/ops';
import { readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { createEngine } from '@lacuna/engine';

const rows = layout({ name: 'rows', levels: () => [level.dense('i'), level.compressed('j')] });
const kernel = (name: string, takes: readonly Layout[]): Kernel => ({
  name,
  backend: 'reference',
  op: relu,
  takes,
  gives: dense,
  exact: true,
  launch: () => () => {},
});

const refusal = async (...plugins: readonly unknown[]): Promise<string> => {
  try {
    await createEngine(reference(), { plugins: plugins as readonly Plugin[] });
  } catch (error) {
    expect(error).toMatchObject({ name: 'SparseError', code: 'plugin' });
    return (error as Error).message;
  }
  return 'nothing was refused';
};

/** Another copy of the package, as a second install of it is. */
async function copy(): Promise<typeof ir> {
  vi.resetModules();
  return import('@lacuna/ir');
}

describe('plug-ins', () => {
  it('are taken when they bring something new', async () => {
    const engine = await createEngine(reference(), { plugins: [{ name: 'a', layouts: [rows] }] });
    expect(engine.registry.layouts.get('rows')).toBe(rows);
    engine.dispose();
  });

  it('of one name are refused, as are two layouts, ops or kernels', async () => {
    const other = layout({ name: 'rows', levels: () => [level.dense('i')] });
    const again = op({ ...relu.spec, gradient: { none: 'a test' } });
    expect(await refusal({ name: 'a' }, { name: 'a' })).toMatch(
      /two plug-ins are called "a"; pass/,
    );
    expect(await refusal({ name: 'a', layouts: [rows] }, { name: 'b', layouts: [rows] })).toBe(
      'nothing was refused',
    );
    expect(await refusal({ name: 'a', layouts: [rows] }, { name: 'b', layouts: [other] })).toMatch(
      /plug-in b brings a second layout called "rows"; rename one of them/,
    );
    expect(await refusal({ name: 'a', ops: [again] })).toMatch(/a second op called "relu"/);
    expect(
      await refusal({ name: 'a', kernels: [kernel('k', [dense]), kernel('k', [rows])] }),
    ).toMatch(/a second kernel called "k"/);
  });

  it('that are none are refused', async () => {
    expect(await refusal(() => ({ name: 'a' }))).toMatch(
      /a function was passed .*call it: plugins/,
    );
    expect(await refusal({ layouts: [rows] })).toMatch(/an object without a name .*with a name/);
    expect(await refusal(null)).toMatch(/null was passed as a plug-in/);
    expect(await refusal({ default: () => ({ name: 'a' }), rows })).toMatch(
      /a module was passed .*write import stripes from/,
    );
    const made: unknown = Object.assign(() => rows(), { layoutName: 'rows', params: {}, spec: {} });
    expect(await refusal({ name: 'a', layouts: [made] })).toMatch(
      /layout rows of plug-in a was not made by @lacuna\/ir; make it with layout/,
    );
  });

  it('made with a second copy of the contract are refused, whatever brings it', async () => {
    const theirs = await copy();
    const foreign = theirs.layout({ name: 'theirs', levels: () => [theirs.level.dense('i')] });
    const said = /layout theirs of .*a second copy of @lacuna\/ir 0\.\d+\.\d+.*npm dedupe/;
    expect(await refusal({ name: 'a', layouts: [foreign] })).toMatch(said);
    expect(await refusal({ name: 'a', kernels: [kernel('k', [foreign])] })).toMatch(
      /layout theirs of kernel k of plug-in a was made by a second copy/,
    );
    expect(
      await refusal({ name: 'a', ops: [theirs.op({ ...relu.spec, name: 'theirs' })] }),
    ).toMatch(/op theirs of plug-in a was made by a second copy/);
  });

  it('with kernels for a second copy of an op or a layout are refused: nothing would ask them', async () => {
    const twin = op({ ...relu.spec });
    expect(await refusal({ name: 'a', kernels: [{ ...kernel('k', [dense]), op: twin }] })).toMatch(
      /kernel k of plug-in a is for a second copy of op relu: it would never be asked; let .*@lacuna\/ops/,
    );
    const like = layout({ name: 'rows', levels: () => [level.dense('i')] });
    const plugin = { name: 'a', layouts: [rows] };
    expect(await refusal(plugin, { name: 'b', kernels: [kernel('k', [like])] })).toMatch(
      /a second copy of layout rows/,
    );
  });

  it('are not needed for tensors of a second copy to be refused', async () => {
    const theirs = await copy();
    const engine = await createEngine(reference());
    const w = engine.tensor([1, 2, 3, 4], [2, 2]);
    const foreign = theirs.assemble(theirs.dense(), [2, 2], [1, 0, 0, 1]);
    const said = /dense of a tensor was made by a second copy of @lacuna\/ir/;
    expect(() => engine.put(foreign)).toThrow(said);
    expect(() => matmul(w, foreign)).toThrow(/that matmul was given was made by a second copy/);
    const other = theirs.layout({
      name: 'other',
      levels: () => [theirs.level.dense('i'), theirs.level.dense('j')],
    });
    await expect(engine.convert(w, other)).rejects.toThrow(/second copy/);
    engine.dispose();
  });

  it('are not needed for ops of a second copy to be refused, called or compiled', async () => {
    const theirs = await copy();
    const engine = await createEngine(reference());
    const x = engine.tensor([1, -2], [2]);
    const calls: readonly (readonly [Op, RegExp])[] = [
      [op({ ...relu.spec }), /op relu is another than the engine's of that name; run npm dedupe/],
      [theirs.op({ ...relu.spec }), /op relu was made by a second copy of @lacuna\/ir/],
    ];
    for (const [twin, said] of calls) {
      expect(() => twin(x)).toThrow(said);
      expect(() => engine.compile((t: Tensor) => twin(t))(x)).toThrow(said);
    }
    expect([...(await relu(x).read())]).toEqual([1, 0]);
    engine.dispose();
  });

  it('made for another version are refused with both versions', async () => {
    const old: unknown = Object.assign(() => rows(), { ...rows, ir: { version: '9.0.0' } });
    expect(await refusal({ name: 'a', layouts: [old] })).toMatch(
      new RegExp(
        `made by @lacuna/ir 9.0.0, and the engine uses ${stamp.version}; install a plug-in`,
      ),
    );
  });

  it('the stamp has the version of the package', () => {
    const manifest = readFileSync(new URL('../../ir/package.json', import.meta.url), 'utf8');
    expect(stamp.version).toBe((JSON.parse(manifest) as { version: string }).version);
  });
});
