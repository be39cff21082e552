// Formats by name: a layout with its parameters, and a codec if one writes the values.
import { parseCodec, printCodec, type Codec } from './codec.js';
import { SparseError, nearest } from './error.js';
import type { Format, FormatLike, Layout, Params } from './layout.js';

/** A format from a format, or from a layout that needs no parameters. */
export function formatOf(like: FormatLike): Format {
  return typeof like === 'function' ? like() : like;
}

/** Whether two formats are the same layout with the same parameters, their codecs apart. */
export function sameLayout(a: Format, b: Format): boolean {
  return (
    a.layout === b.layout &&
    Object.keys(a.params).every((name) => a.params[name] === b.params[name])
  );
}

/** Whether two formats are the same layout with the same parameters and the same codec. */
export function sameFormat(a: Format, b: Format): boolean {
  const codecs = a.codec || b.codec ? [a, b].map(({ codec }) => codec && printCodec(codec)) : [];
  return codecs[0] === codecs[1] && sameLayout(a, b);
}

/** `csr`, `bcsr(4,1)`, `nmg(2,4,8,along=1,group=0)`, `csr+q8(32)`: parameters at their default are left out. */
export function printFormat(format: Format): string {
  const { layoutName, params } = format.layout;
  const parts = Object.keys(params)
    .filter((name) => format.params[name] !== params[name]!.default)
    .map((name) => (params[name]!.default === undefined ? '' : `${name}=`) + format.params[name]);
  const codec = format.codec ? `+${printCodec(format.codec)}` : '';
  return (parts.length ? `${layoutName}(${parts.join(',')})` : layoutName) + codec;
}

/**
 * The format that `text` names, among `layouts`: the inverse of {@link printFormat}.
 *
 * @throws SparseError `format` for an unknown layout (with the nearest name) or bad parameters.
 */
export function parseFormat(text: string, layouts: Iterable<Layout>): Format {
  const [plain = '', codec] = text.split('+');
  if (codec !== undefined) {
    const { layout, params } = parseFormat(plain, layouts);
    return Object.freeze({ layout, params, codec: parseCodec(text.slice(plain.length + 1)) });
  }
  const match = /^\s*([\w-]+)\s*(?:\(([^()]*)\))?\s*$/.exec(text);
  const known = new Map([...layouts].map((l) => [l.layoutName, l]));
  const found = known.get(match?.[1] ?? '');
  if (!match || !found) {
    const name = match?.[1] ?? text;
    throw new SparseError('format', `no layout is called "${name}"`, {
      hint: `did you mean ${nearest(name, known.keys()) ?? 'to pass its layout as a plug-in'}?`,
      detail: { known: [...known.keys()] },
    });
  }
  const items = (match[2] ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean);
  const named: Record<string, number> = {};
  const given: (number | Params)[] = [];
  for (const item of items) {
    const [name, value] = item.includes('=') ? item.split('=') : [undefined, item];
    if (name === undefined) given.push(Number(value));
    else named[name.trim()] = Number(value);
  }
  return found(...given, named);
}

/**
 * A format whose values a codec writes; without one, the format alone.
 *
 * @example
 * ```ts
 * import { assemble, dense, printFormat, q4, quantised } from '@lacuna/ir';
 * const t = assemble(quantised(dense, q4(4)), [4], [7, -3.1, 0, 1]);
 * printFormat(t.format); // 'dense+q4(4)'
 * t.values; // Float32Array [7, -3, 0, 1]
 * t.bytes; // 8
 * ```
 */
export function quantised(like: FormatLike, by?: Codec): Format {
  const format = formatOf(like);
  if (!by && !format.codec) return format;
  const { layout, params } = format;
  return Object.freeze({ layout, params, ...(by && { codec: by }) });
}
