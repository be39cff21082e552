// Descriptions as text, the way they print: `name(param=value, …)`.
import { nearest, SparseError } from '@lacuna/ir';

/** Parameters as they were read. */
export interface ParsedParams {
  /** A number; throws `format` where it is absent or none. */
  number(name: string): number;
  /** A number, or undefined where it is absent. */
  maybe(name: string): number | undefined;
  /** A word among some, or undefined where it is absent. */
  word<W extends string>(name: string, words: readonly W[]): W | undefined;
  /** Whatever stands there, or undefined where it is absent. */
  text(name: string): string | undefined;
}

/**
 * Makes what a text describes, by the maker of its name.
 *
 * @throws SparseError `format` where it cannot be read, naming the nearest.
 */
export function parseCall<T>(
  what: string,
  text: string,
  makers: Readonly<Record<string, (params: ParsedParams) => T>>,
  print: (made: T) => string,
): T {
  const [, name, list = ''] = /^\s*([A-Za-z]\w*)\s*(?:\(([^()]*)\))?\s*$/.exec(text) ?? [];
  if (name === undefined)
    throw new SparseError('format', `"${text}" is no ${what}`, {
      hint: 'write name(param=value, …)',
    });
  const maker = Object.hasOwn(makers, name) ? makers[name] : undefined;
  if (!maker) {
    const near = nearest(name, Object.keys(makers));
    throw new SparseError('format', `no ${what} is called "${name}"`, {
      ...(near !== undefined && { hint: `did you mean ${near}?` }),
    });
  }
  const params = paramsOf(text, list);
  const made = maker(reader(text, params));
  const [left] = params.keys();
  if (left === undefined) return made;
  throw new SparseError('format', `"${text}": ${name} has no parameter ${left}`, {
    hint: `it prints as ${print(made)}`,
  });
}

function paramsOf(text: string, list: string): Map<string, string> {
  const params = new Map<string, string>();
  for (const part of list.split(',').filter((p) => p.trim() !== '')) {
    const [, param, value] = /^\s*(\w+)\s*=\s*(\S+)\s*$/.exec(part) ?? [];
    if (param === undefined || params.has(param))
      throw new SparseError(
        'format',
        `"${text}": "${part.trim()}" is ${param === undefined ? 'no parameter' : 'said twice'}`,
        { hint: 'write each as param=value' },
      );
    params.set(param, value!);
  }
  return params;
}

/** Reads parameters and takes them away, so that what is left over is a mistake. */
function reader(text: string, params: Map<string, string>): ParsedParams {
  const take = (name: string): string | undefined => {
    const value = params.get(name);
    params.delete(name);
    return value;
  };
  const number = (name: string, value: string | undefined): number => {
    const read = Number(value);
    if (value !== undefined && !Number.isNaN(read)) return read;
    throw new SparseError(
      'format',
      `"${text}": ${name} is ${value === undefined ? 'missing' : `"${value}"`}`,
      { hint: `write ${name}=…, a number` },
    );
  };
  return {
    text: take,
    number: (name) => number(name, take(name)),
    maybe: (name) => (params.has(name) ? number(name, take(name)) : undefined),
    word(name, words) {
      const value = take(name);
      const word = words.find((w) => w === value);
      if (value === undefined || word !== undefined) return word;
      throw new SparseError('format', `"${text}": ${name} is "${value}"`, {
        hint: `write ${words.join(' or ')}`,
      });
    },
  };
}
