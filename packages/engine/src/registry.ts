// What an engine knows: the kernels of its backend and of plug-ins, and layouts by name. Frozen when the
// engine is made; duplicates, strangers to the backend and second copies of `@lacuna/ir` are refused here, once.
import {
  dense,
  SparseError,
  type Backend,
  type Kernel,
  type Layout,
  type Op,
  type Plugin,
  type Stamp,
} from '@lacuna/ir';
import { ops as ours } from '@lacuna/ops';
import { checkCopy, checkNamed, checkOp, layoutsOf } from './copies.js';

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
  const named = new Map([...layoutsOf(backend), ...layouts]);
  for (const { name, kernels: theirs = [] } of plugins)
    for (const kernel of theirs) checkNamed(name, kernel, ops, named);
  // Of an op that ends in another: the kernels of the first that take the other along.
  const kernelsFor = (op: Op): readonly Kernel[] => {
    const { ends } = op.spec;
    if (ends) return kernelsFor(ends.first).filter((kernel) => kernel.epilogue?.(ends.last));
    const found = byOp.get(op);
    if (!found) checkOp(op, ops);
    return found ?? [];
  };
  return Object.freeze({ layouts, kernelsFor });
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

/** What was passed in a plug-in's place: `a module`, `an object`, `null`. */
function kindOf(thing: unknown): string {
  if (thing === null || thing === undefined) return String(thing);
  if (typeof thing !== 'object') return `a ${typeof thing}`;
  return 'default' in thing ? 'a module' : 'an object without a name';
}

function hintFor(thing: unknown): string {
  if (typeof thing === 'function') return 'call it: plugins: [stripes()]';
  if (typeof thing === 'object' && thing !== null && 'default' in thing)
    return "write import stripes from 'lacuna-layout-stripes', and plugins: [stripes()]";
  return 'pass an object with a name, and layouts, ops, sparsifiers or kernels';
}

/** Refuses what is no plug-in, and what another copy of `@lacuna/ir` made. */
function checkPlugin(plugin: Plugin): void {
  if (typeof plugin !== 'object' || plugin === null || typeof plugin.name !== 'string')
    throw new SparseError('plugin', `${kindOf(plugin)} was passed as a plug-in`, {
      hint: hintFor(plugin),
    });
  const of = (what: string, ir: Stamp | undefined): void =>
    checkCopy(`${what} of plug-in ${plugin.name}`, ir, { plugin: plugin.name });
  for (const { layoutName, ir } of plugin.layouts ?? []) of(`layout ${layoutName}`, ir);
  for (const { opName, ir } of plugin.ops ?? []) of(`op ${opName}`, ir);
  for (const { name, op, takes, gives } of plugin.kernels ?? []) {
    of(`op ${op.opName} of kernel ${name}`, op.ir);
    for (const layout of [...takes, gives])
      of(`layout ${layout.layoutName} of kernel ${name}`, layout.ir);
  }
}
