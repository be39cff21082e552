// What an engine knows: the kernels of its backend and of plug-ins, and layouts by name. Frozen when the
// engine is made; duplicates, strangers to the backend and second copies of `@lacuna/ir` are refused here, once.
import {
  dense,
  SparseError,
  stamp,
  type Backend,
  type Kernel,
  type Layout,
  type Op,
  type Plugin,
  type Stamp,
} from '@lacuna/ir';
import { ops as ours } from '@lacuna/ops';

/** Frozen look-up tables of an engine. */
export interface Registry {
  readonly layouts: ReadonlyMap<string, Layout>;
  kernelsFor(op: Op): readonly Kernel[];
}

/**
 * Joins a backend's kernels with those of plug-ins; later plug-ins are asked first.
 *
 * @throws SparseError `plugin` for two plug-ins, layouts, ops or kernels of one name, for something that is no
 * plug-in, and for one that was made with another copy of `@lacuna/ir`.
 */
export function makeRegistry(backend: Backend, plugins: readonly Plugin[]): Registry {
  const names = new Set<string>();
  const layouts = new Map<string, Layout>([[dense.layoutName, dense]]);
  const ops = new Map<string, Op>(ours.map((op) => [op.opName, op]));
  const kernelNames = new Set(backend.kernels.map((k) => k.name));
  const kernels: Kernel[] = [];
  for (const plugin of plugins) {
    checkPlugin(plugin);
    if (names.has(plugin.name))
      throw new SparseError('plugin', `two plug-ins are called "${plugin.name}"`, {
        hint: 'pass each plug-in once',
      });
    names.add(plugin.name);
    for (const layout of plugin.layouts ?? [])
      enter(layouts, layout.layoutName, layout, `plug-in ${plugin.name} brings a second layout`);
    for (const op of plugin.ops ?? [])
      enter(ops, op.opName, op, `plug-in ${plugin.name} brings a second op`);
    const fitting = (plugin.kernels ?? []).filter((k) => k.backend === backend.name);
    for (const { name } of fitting) {
      if (kernelNames.has(name)) throw twice(`plug-in ${plugin.name} brings a second kernel`, name);
      kernelNames.add(name);
    }
    kernels.unshift(...fitting);
  }
  const byOp = new Map<Op, Kernel[]>();
  for (const kernel of [...kernels, ...backend.kernels]) {
    const list = byOp.get(kernel.op) ?? [];
    list.push(kernel);
    byOp.set(kernel.op, list);
  }
  return Object.freeze({ layouts, kernelsFor: (op: Op) => byOp.get(op) ?? [] });
}

function enter<T>(known: Map<string, T>, name: string, thing: T, what: string): void {
  const other = known.get(name);
  if (other && other !== thing) throw twice(what, name);
  known.set(name, thing);
}

const twice = (what: string, name: string): SparseError =>
  new SparseError('plugin', `${what} called "${name}"`, {
    hint: 'rename one of them, or make sure that one copy of its package is installed',
    detail: { name },
  });

/** Refuses what is no plug-in, and what another copy of `@lacuna/ir` made. */
function checkPlugin(plugin: Plugin): void {
  if (typeof plugin !== 'object' || plugin === null || typeof plugin.name !== 'string')
    throw new SparseError('plugin', `a ${typeof plugin} was passed as a plug-in`, {
      hint:
        typeof plugin === 'function'
          ? 'call it: plugins: [stripes()]'
          : 'pass an object with a name, and layouts, ops, sparsifiers or kernels',
    });
  const of = (what: string, ir: Stamp | undefined): void => checkCopy(plugin.name, what, ir);
  for (const { layoutName, ir } of plugin.layouts ?? []) of(`layout ${layoutName}`, ir);
  for (const { opName, ir } of plugin.ops ?? []) of(`op ${opName}`, ir);
  for (const { name, op, takes, gives } of plugin.kernels ?? []) {
    of(`op ${op.opName} of kernel ${name}`, op.ir);
    for (const layout of [...takes, gives])
      of(`layout ${layout.layoutName} of kernel ${name}`, layout.ir);
  }
}

function checkCopy(plugin: string, what: string, ir: Stamp | undefined): void {
  if (ir === stamp) return;
  const detail = { plugin, theirs: ir?.version, ours: stamp.version };
  const of = `${what} of plug-in ${plugin}`;
  if (!ir)
    throw new SparseError('plugin', `${of} was not made by @lacuna/ir`, {
      hint: 'make it with layout({…}) or op({…})',
      detail,
    });
  if (ir.version !== stamp.version)
    throw new SparseError(
      'plugin',
      `${of} was made by @lacuna/ir ${ir.version}, and the engine uses ${stamp.version}`,
      {
        hint: `install a plug-in made for ${stamp.version}, or an engine for ${ir.version}`,
        detail,
      },
    );
  throw new SparseError(
    'plugin',
    `${of} was made by a second copy of @lacuna/ir ${stamp.version}: layouts are told apart by identity`,
    {
      hint: 'let the plug-in have @lacuna/ir as a peer, and run npm dedupe; import and require make two copies',
      detail,
    },
  );
}
