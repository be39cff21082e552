// What an engine knows: the kernels of its backend and of plug-ins, and layouts by name. Frozen when the
// engine is made; duplicates and strangers to the backend are refused here, once.
import {
  dense,
  SparseError,
  type Backend,
  type Kernel,
  type Layout,
  type Op,
  type Plugin,
} from '@lacuna/ir';

/** Frozen look-up tables of an engine. */
export interface Registry {
  readonly layouts: ReadonlyMap<string, Layout>;
  kernelsFor(op: Op): readonly Kernel[];
}

/**
 * Joins a backend's kernels with those of plug-ins; later plug-ins are asked first.
 *
 * @throws SparseError `plugin` for two plug-ins, or two layouts, of one name.
 */
export function makeRegistry(backend: Backend, plugins: readonly Plugin[]): Registry {
  const names = new Set<string>();
  const layouts = new Map<string, Layout>([[dense.layoutName, dense]]);
  const kernels: Kernel[] = [];
  for (const plugin of plugins) {
    if (names.has(plugin.name))
      throw new SparseError('plugin', `two plug-ins are called "${plugin.name}"`, {
        hint: 'pass each plug-in once',
      });
    names.add(plugin.name);
    for (const layout of plugin.layouts ?? []) {
      const other = layouts.get(layout.layoutName);
      if (other && other !== layout)
        throw new SparseError(
          'plugin',
          `plug-in ${plugin.name} brings a second layout called "${layout.layoutName}"`,
          { hint: 'rename one of them, or make sure that one copy of its package is installed' },
        );
      layouts.set(layout.layoutName, layout);
    }
    kernels.unshift(...(plugin.kernels ?? []).filter((k) => k.backend === backend.name));
  }
  const byOp = new Map<Op, Kernel[]>();
  for (const kernel of [...kernels, ...backend.kernels]) {
    const list = byOp.get(kernel.op) ?? [];
    list.push(kernel);
    byOp.set(kernel.op, list);
  }
  return Object.freeze({ layouts, kernelsFor: (op: Op) => byOp.get(op) ?? [] });
}
