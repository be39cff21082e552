// Families of kernels. Each is a binary of its own, and all work on one memory: whoever needs the kernels of one
// layout downloads those and the core. rust/families.json says which exports a family has.
import { SparseError } from '@lacuna/ir';

/** Every family; the core first, which is always loaded. */
export const families = Object.freeze([
  'core',
  'dense',
  'rows',
  'merged',
  'nm',
  'nmg',
  'sampled',
  'convert',
  'pairs',
  'masks',
  'conv',
  'ops',
] as const);

/**
 * A binary's kernels: `dense`, `rows` (csr, bcsr, any layout turned into rows), `merged` (constant nmg and csr, prepared), `nm`,
 * `nmg`: products with a matrix of that kind. `sampled`: products into a pattern. `convert`: dense to compressed.
 * `pairs`: two csr operands. `masks`: what sparsifiers keep. `conv`: convolutions. `ops`: all else. `core`: packing, moving, what is measured.
 */
export type Family = (typeof families)[number];

/**
 * The core and what was asked for, in the order of {@link families}.
 *
 * @throws SparseError `unsupported` for what is no family.
 */
export function chosenFamilies(asked: readonly Family[] = families): readonly Family[] {
  const unknown = asked.find((name) => !families.includes(name));
  if (unknown !== undefined)
    throw new SparseError('unsupported', `there is no family of kernels "${unknown}"`, {
      hint: `families are ${families.join(', ')}`,
    });
  return families.filter((name) => name === 'core' || asked.includes(name));
}
