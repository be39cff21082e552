// A pattern in a file: its level tree as JSON beside its structure bytes, so that a file whose layout
// nobody here knows still loads, walks and multiplies. Descriptors come from outside and are hostile.
import { buffersOf, structureBytes } from './buffers.js';
import { printCodec } from './codec.js';
import { dtypes, type DType } from './dtype.js';
import { SparseError } from './error.js';
import { layout, levelsOf, type Format, type Layout, type Shape } from './layout.js';
import { parseFormat, printFormat } from './format.js';
import type { Level, LevelKind, LevelSpec } from './level.js';
import { check } from './check.js';
import { checkShape, makePattern, viewOf, type Pattern } from './pattern.js';
import type { Tensor } from './tensor.js';

/** A tensor's storage, said in JSON. */
export interface Descriptor {
  readonly format: string;
  readonly shape: Shape;
  readonly dtype: DType;
  readonly levels: readonly Level[];
  readonly positions: readonly number[];
  /** What wrote the values, as {@link printCodec} prints it; absent: they are kept as they are. */
  readonly codec?: string;
}

/** What a file must say about a tensor beside its bytes. */
export function describe(tensor: Tensor): Descriptor {
  const { format, shape, levels, positions } = tensor.pattern;
  const { codec, dtype } = tensor;
  const written = codec && { codec: printCodec(codec) };
  return { format: printFormat(format), shape, dtype, levels, positions, ...written };
}

const kinds = [
  'dense',
  'compressed',
  'singleton',
  'bitmask',
  'masked',
  'fixed',
  'slot',
  'range',
] satisfies readonly LevelKind[];
const isCount = (x: unknown): x is number => Number.isSafeInteger(x) && (x as number) >= 0;

/**
 * A pattern from its description and structure bytes. A known layout must agree with the level tree; an
 * unknown one is made from it.
 *
 * @throws SparseError `corrupt` where anything does not fit, before more than `structure` is held.
 */
export function restore(
  descriptor: Descriptor,
  structure: Uint8Array,
  layouts: Iterable<Layout> = [],
): Pattern {
  validate(descriptor);
  const { shape, levels, positions } = descriptor;
  const format = known(descriptor, layouts) ?? unknownFormat(descriptor);
  if (JSON.stringify(levelsOf(format, shape)) !== JSON.stringify(levels))
    throw new SparseError(
      'corrupt',
      `the levels of ${descriptor.format} do not follow from their names and [${shape.join(', ')}]`,
    );
  const buffers = buffersOf(levels, positions);
  if (structureBytes(buffers) !== structure.byteLength) {
    throw new SparseError(
      'corrupt',
      `${descriptor.format} of [${shape.join(', ')}] needs ${structureBytes(buffers)} bytes of structure, and the file has ${structure.byteLength}`,
    );
  }
  const own = new Uint8Array(structure); // a copy: slice() of Node's Buffer is none
  const pattern = makePattern(
    format,
    shape,
    buffers.map((spec) => ({
      level: spec.level,
      role: spec.role,
      data: viewOf({ structure: own }, spec),
    })),
  );
  if (pattern.positions.some((count, k) => count !== positions[k]))
    throw new SparseError(
      'corrupt',
      `${descriptor.format}: the structure counts [${pattern.positions.join(', ')}] positions, and the description says [${positions.join(', ')}]`,
    );
  if (pattern.structure.some((byte, at) => byte !== structure[at]))
    throw new SparseError(
      'corrupt',
      `${descriptor.format}: a table or the padding between buffers is not what the layout makes`,
    );
  check(pattern);
  return pattern;
}

function known(
  { format: text, levels, shape }: Descriptor,
  layouts: Iterable<Layout>,
): Format | undefined {
  const name = text.split('(')[0];
  const candidates = [...layouts].filter((l) => l.layoutName === name);
  if (candidates.length === 0) return undefined;
  const format = parseFormat(text, candidates);
  const ours = JSON.stringify(levelsOf(format, shape));
  if (ours !== JSON.stringify(levels))
    throw new SparseError(
      'corrupt',
      `the file's ${text} has other levels than the layout of that name`,
      { hint: 'load it without that layout to use the levels in the file' },
    );
  return format;
}

function unknownFormat({ format, levels }: Descriptor): Format {
  const specs = levels.map((l): LevelSpec => ({
    kind: l.kind,
    expr: l.name,
    width: l.width,
    unique: l.unique,
    ordered: l.ordered,
    ...(l.kind === 'slot' ? { count: l.size } : l.count !== undefined && { count: l.count }),
    ...(l.by && { by: l.by }),
    ...(l.delta && { delta: true }),
    ...(l.along !== undefined && { along: l.along }),
  }));
  return layout({ name: format, levels: () => specs })();
}

function validate(d: Descriptor): void {
  const fail = (why: string): never => {
    throw new SparseError('corrupt', `a tensor's description ${why}`, {
      detail: { descriptor: d },
    });
  };
  if (typeof d !== 'object' || d === null || typeof d.format !== 'string') fail('names no format');
  if (!Array.isArray(d.shape) || !d.shape.every(isCount)) fail('has no shape');
  checkShape(d.shape);
  if (!dtypes.includes(d.dtype)) fail(`names the unknown dtype ${String(d.dtype)}`);
  if (
    !Array.isArray(d.levels) ||
    !Array.isArray(d.positions) ||
    d.levels.length !== d.positions.length
  )
    fail('has no levels, or not one count of positions each');
  if (!d.positions.every(isCount)) fail('has a count of positions that is none');
  for (const l of d.levels as readonly Partial<Level>[]) {
    if (typeof l.name !== 'string' || !kinds.some((kind) => kind === l.kind))
      fail(`has a level of the unknown kind ${String(l.kind)}`);
    if (!isCount(l.size) || (l.kind === 'fixed' && !isCount(l.count)))
      fail(`has a level ${l.name} without a size`);
    const { delta = true, along = '' }: { readonly delta?: unknown; readonly along?: unknown } = l;
    if (delta !== true || typeof along !== 'string')
      fail(`has a level ${l.name} of gaps or along a diagonal that is not said so`);
    if (!['uint8', 'uint16', 'uint32'].includes(l.width ?? ''))
      fail(`has a level ${l.name} without a coordinate width`);
    if (
      !Array.isArray(l.binds) ||
      !l.binds.every(
        (a) =>
          isCount(a.dim) &&
          a.dim < d.shape.length &&
          isCount(a.div) &&
          a.div > 0 &&
          isCount(a.mod) &&
          (a.minus === undefined || isCount(a.minus)),
      )
    )
      fail(`has a level ${l.name} that binds no dimension of the shape`);
  }
  const names = d.levels.map((l) => l.name);
  for (const { by, name, size, count } of d.levels) {
    if (by === undefined) continue;
    const outside = (over: string): boolean =>
      names.includes(over) && names.indexOf(over) < names.indexOf(name);
    if (!Array.isArray(by.over) || !by.over.every(outside))
      fail(`has a level ${name} whose table goes over levels that are not outside it`);
    if (by.of !== undefined && !isCount(by.of)) fail(`has a level ${name} with a table of no size`);
    if (by.data === undefined) continue;
    const rows = by.over.reduce((n, over) => n * d.levels[names.indexOf(over)]!.size, 1);
    if (
      !Array.isArray(by.data) ||
      by.data.length !== rows * (by.of ?? count ?? size) ||
      !by.data.every((c) => isCount(c) && c < size)
    )
      fail(`has a level ${name} whose table does not hold coordinates of it`);
  }
}
