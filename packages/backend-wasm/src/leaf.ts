// The rule for every module that runs on our memory, ours and strangers': a leaf imports `env.memory` and
// nothing else, and writes nothing by being instantiated. A data segment or a start function would
// overwrite what others keep there, so a scan refuses them by name before the module is compiled.
import { SparseError } from '@lacuna/ir';

const sections = [
  'custom',
  'type',
  'import',
  'function',
  'table',
  'memory',
  'global',
  'export',
  'start',
  'element',
  'code',
  'data',
  'data count',
  'tag',
];
const forbidden = new Set(['memory', 'start', 'data', 'data count']);

/**
 * Checks that bytes are a leaf module.
 *
 * @throws SparseError `plugin` for bytes that are no WebAssembly, or that break the rule.
 */
export function checkLeaf(bytes: Uint8Array, name: string): void {
  if (
    bytes.length < 8 ||
    bytes[0] !== 0 ||
    bytes[1] !== 0x61 ||
    bytes[2] !== 0x73 ||
    bytes[3] !== 0x6d
  ) {
    const start = String.fromCharCode(...bytes.subarray(0, 15)).replaceAll(/[^ -~]/g, '.');
    const html = start.trimStart().startsWith('<');
    throw new SparseError(
      'plugin',
      `the bytes of ${name} are not WebAssembly: they begin with "${start}"`,
      {
        hint: html
          ? 'a server sent a page in place of the .wasm file; serve the file, or use the entry that inlines it'
          : 'pass the contents of a .wasm file',
      },
    );
  }
  const reader = { bytes, at: 8 };
  while (reader.at < bytes.length) {
    const id = bytes[reader.at++]!;
    const size = leb(reader, name);
    const section = sections[id] ?? `number ${id}`;
    if (forbidden.has(section)) throw broken(name, `has a ${section} section`);
    if (section === 'import') checkImports({ bytes, at: reader.at }, name);
    reader.at += size;
  }
  if (reader.at !== bytes.length)
    throw new SparseError('plugin', `the module ${name} is cut short`, {
      hint: 'load the whole file',
    });
}

/** A place in bytes. */
export interface Reader {
  readonly bytes: Uint8Array;
  at: number;
}

/** The LEB128 number here; the reader moves past it. */
export function leb(reader: Reader, name: string): number {
  let [value, shift] = [0, 0];
  for (;;) {
    const byte = reader.bytes[reader.at++];
    if (byte === undefined || shift > 28)
      throw new SparseError('plugin', `the module ${name} is cut short`, {
        hint: 'load the whole file',
      });
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return value;
    shift += 7;
  }
}

function checkImports(reader: Reader, name: string): void {
  const text = (): string => {
    const length = leb(reader, name);
    reader.at += length;
    return new TextDecoder().decode(reader.bytes.subarray(reader.at - length, reader.at));
  };
  const count = leb(reader, name);
  const [module, field, kind] = count > 0 ? [text(), text(), reader.bytes[reader.at]] : [];
  if (count !== 1 || module !== 'env' || field !== 'memory' || kind !== 2) {
    throw broken(name, count === 1 ? `imports ${module}.${field}` : `has ${count} imports`);
  }
}

function broken(name: string, what: string): SparseError {
  return new SparseError(
    'plugin',
    `the module ${name} ${what}, and a leaf kernel imports env.memory and nothing else, without data or start`,
    {
      hint: 'pass tables as buffers of the pattern, avoid statics and panics with messages, and link with --import-memory',
    },
  );
}
