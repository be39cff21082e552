// Entries in row-major order as compressed rows: written where they stay, in one pass over rows and entries.
import { blockRowsOf } from './blockrows.js';
import { buffersOf, structureBytes } from './buffers.js';
import { vouch } from './check.js';
import { valueArray, type DType } from './dtype.js';
import type { Entries } from './entries.js';
import { levelsOf, type Format } from './layout.js';
import { patternOver, viewOf } from './pattern.js';
import { makeTensor, type Tensor } from './tensor.js';

/** Entries as single blocks of rows; undefined for other formats, and where indices do not ascend in the shape. */
export function ascending(
  format: Format,
  { shape, index, values }: Entries,
  dtype: DType,
): Tensor | undefined {
  if (dtype === 'float16' || dtype === 'bfloat16') return undefined;
  const blocks = blockRowsOf(format, shape);
  if (blocks?.rows !== 1 || blocks.columns !== 1) return undefined;
  const [m, k] = shape as [number, number];
  const count = index.length;
  const levels = levelsOf(format, shape);
  const positions = levels.map((_, at) => (at === 0 ? m : count)); // blocks of one have two levels more
  const [posSpec, crdSpec] = buffersOf(levels, positions);
  const structure = new Uint8Array(structureBytes([posSpec!, crdSpec!]));
  const [pos, crd] = [viewOf({ structure }, posSpec!), viewOf({ structure }, crdSpec!)];
  let [e, before] = [0, -1];
  for (let i = 0; i < m; i++) {
    const first = i * k;
    for (const end = first + k; e < count && index[e]! < end; e++) {
      if (!(index[e]! > before)) return undefined;
      before = index[e]!;
      crd[e] = before - first;
    }
    pos[i + 1] = e;
  }
  if (e < count) return undefined;
  const numbers = valueArray(dtype, count);
  for (let at = 0; at < count; at++) numbers[at] = values[at]!;
  return makeTensor(vouch(patternOver(format, shape, positions, structure)), dtype, numbers);
}
