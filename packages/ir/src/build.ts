// Storage for layouts without a choice. Entries are sorted by their level coordinates; then each level, from the
// outermost, turns the position that every entry has above it into the position that it has there, and writes its
// buffers. Linear in entries and in what is stored.
import { encodeValues, valueArray, type DType } from './dtype.js';
import { type Entries } from './entries.js';
import { SparseError } from './error.js';
import { descend } from './descend.js';
import type { Format } from './layout.js';
import type { Level } from './level.js';
import { vouch } from './check.js';
import { makePattern, valueCount, type BufferInput, type Pattern } from './pattern.js';
import { placesOf, sortOrder } from './places.js';
import { makeTensor, type Tensor } from './tensor.js';

/** Stores entries in a format; `tables` holds the orders of dense levels, the one choice that is allowed here. */
export function build(
  format: Format,
  levels: readonly Level[],
  entries: Entries,
  dtype: DType,
  tables: readonly BufferInput[] = [],
): Tensor {
  const places = placesOf(format, levels, entries, tables);
  const order = sortOrder(levels, places);
  const inputs: BufferInput[] = [...tables];
  const position = new Uint32Array(entries.index.length);
  let parents = 1;
  levels.forEach((level, k) => {
    const own = places[k]!;
    const at = order ? inOrderOf(order, own) : own;
    const { stored, buffers } = descend({ format, level, at, position, parents, entries, order });
    for (const { role, data } of buffers) inputs.push({ level: k, role, data });
    parents = stored;
  });
  const made = makePattern(format, entries.shape, inputs);
  const pattern = tables.length === 0 ? vouch(made) : made; // an order is the layout's to get right
  return makeTensor(pattern, dtype, valuesAt(pattern, entries, dtype, position, order));
}

function inOrderOf(order: Uint32Array, from: Uint32Array): Uint32Array {
  const out = new Uint32Array(order.length);
  for (let at = 0; at < out.length; at++) out[at] = from[order[at]!]!;
  return out;
}

/** The values of entries at their positions, zero elsewhere. */
function valuesAt(
  pattern: Pattern,
  { index, values }: Entries,
  dtype: DType,
  position: Uint32Array,
  order: Uint32Array | undefined,
): ReturnType<typeof valueArray> {
  const coded = dtype === 'float16' || dtype === 'bfloat16';
  const count = valueCount(pattern);
  const out = coded ? new Float64Array(count) : valueArray(dtype, count);
  for (let at = 0; at < position.length; at++) {
    const e = order ? order[at]! : at;
    if (at > 0 && position[at] === position[at - 1])
      throw new SparseError('corrupt', `entry ${index[e]} is given twice`, {
        hint: 'add duplicates up first',
      });
    out[position[at]!] = values[e]!;
  }
  return coded ? encodeValues(dtype, out) : out;
}
