// One copy of each package: layouts and ops are told apart by identity, so what another copy made would be taken for
// something else, and be slow or wrong in silence. It is refused where it comes in.
import {
  SparseError,
  stamp,
  type Backend,
  type Kernel,
  type Layout,
  type Op,
  type Stamp,
} from '@lacuna/ir';

/** Throws `plugin` where something was not made by this copy of `@lacuna/ir`. */
export function checkCopy(what: string, ir: Stamp | undefined, about: object = {}): void {
  if (ir === stamp) return;
  const detail = { ...about, theirs: ir?.version, ours: stamp.version };
  if (!ir)
    throw new SparseError('plugin', `${what} was not made by @lacuna/ir`, {
      hint: 'make it with layout({…}) or op({…})',
      detail,
    });
  if (ir.version !== stamp.version)
    throw new SparseError(
      'plugin',
      `${what} was made by @lacuna/ir ${ir.version}, and the engine uses ${stamp.version}`,
      {
        hint: `install a plug-in made for ${stamp.version}, or an engine for ${ir.version}`,
        detail,
      },
    );
  throw new SparseError(
    'plugin',
    `${what} was made by a second copy of @lacuna/ir ${stamp.version}: layouts are told apart by identity`,
    {
      hint: 'let the plug-in have @lacuna/ir as a peer, and run npm dedupe; import and require make two copies',
      detail,
    },
  );
}

/** Throws `plugin` for an op that another copy made, or that has the name of a known one: no kernel is for it. */
export function checkOp(op: Op, ops: ReadonlyMap<string, Op>): void {
  checkCopy(`op ${op.opName}`, op.ir);
  const known = ops.get(op.opName);
  if (!known || known === op) return;
  throw new SparseError('plugin', `op ${op.opName} is another than the engine's of that name`, {
    hint: 'run npm dedupe, so that there is one copy of @lacuna/ops; rename the op if it is your own',
    detail: { name: op.opName },
  });
}

/** The layouts that a backend's kernels name, by their names. */
export function layoutsOf({ kernels }: Backend): Map<string, Layout> {
  const named = kernels.flatMap(({ takes, gives }) => [...takes, gives]);
  return new Map(named.map((layout) => [layout.layoutName, layout]));
}

/**
 * Throws `plugin` for a kernel whose op or layouts have the names of known ones and are others: it would never be
 * asked.
 */
export function checkNamed(
  plugin: string,
  { name, op, takes, gives }: Kernel,
  ops: ReadonlyMap<string, Op>,
  layouts: ReadonlyMap<string, Layout>,
): void {
  const refuse = (what: string, from: string): never => {
    throw new SparseError(
      'plugin',
      `kernel ${name} of plug-in ${plugin} is for a second copy of ${what}: it would never be asked`,
      { hint: `let the plug-in have ${from} as a peer, and run npm dedupe`, detail: { plugin } },
    );
  };
  const known = ops.get(op.opName);
  if (known && known !== op) refuse(`op ${op.opName}`, '@lacuna/ops');
  for (const layout of [...takes, gives]) {
    const like = layouts.get(layout.layoutName);
    if (like && like !== layout)
      refuse(`layout ${layout.layoutName}`, '@lacuna/layouts, or the package that it is from,');
  }
}
