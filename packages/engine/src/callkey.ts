// What tells kinds of eager calls apart: everything that a choice depends on, as text.
import { printCodec, type Emit, type Tensor } from '@lacuna/ir';
import { identity } from './identity.js';

/** JSON has no infinities and no NaN. */
const plainly = (_: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;

const printed = new WeakMap<object, string>();

/** Attributes as text; those of the same object are printed once. */
function attrsKey(attrs: object): string {
  let text = printed.get(attrs);
  if (text === undefined) printed.set(attrs, (text = JSON.stringify(attrs, plainly)));
  return text;
}

/** What a choice depends on: patterns (dense ones are one a shape), types, attributes. */
export function keyOf(
  inputs: readonly (Tensor | undefined)[],
  attrs: object,
  emit: Emit | undefined,
): string {
  let key = attrsKey(attrs);
  for (const t of inputs)
    key += t
      ? `;${identity(t.pattern)}${t.dtype === 'float32' ? '' : t.dtype}${t.codec ? printCodec(t.codec) : ''}`
      : ';';
  return emit?.into ? `${key}>${identity(emit.into)}` : key;
}
