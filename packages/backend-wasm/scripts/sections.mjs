// A WASM module as its sections: enough to strip what is not code and to check the leaf rule.
import { gzipSync } from 'node:zlib';

const names = [
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
];

function number(bytes, at) {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++];
    value += (byte & 127) * 2 ** shift;
    if (byte < 128) return [value, at];
  }
}

function sections(bytes) {
  const found = [];
  for (let at = 8; at < bytes.length;) {
    const id = bytes[at];
    const [size, from] = number(bytes, at + 1);
    found.push({ id, start: at, from, end: from + size });
    at = from + size;
  }
  return found;
}

/** The module without its custom sections (names, producers, features). */
export function strip(bytes) {
  const kept = sections(bytes).filter((section) => section.id !== 0);
  return Buffer.concat([
    bytes.subarray(0, 8),
    ...kept.map((section) => bytes.subarray(section.start, section.end)),
  ]);
}

/** Bytes that a binary may have, as it is and zipped. */
const [most, mostZipped] = [64 * 1024, 20 * 1024];

/** What a binary of ours must not be: too large, or no leaf. */
export function complaints(bytes) {
  const zipped = gzipSync(bytes, { level: 9 }).length;
  return [
    ...leaf(bytes).map((broken) => `it is not a leaf module: ${broken}`),
    ...(bytes.length > most ? [`it has ${bytes.length} bytes, more than ${most}`] : []),
    ...(zipped > mostZipped ? [`it has ${zipped} bytes zipped, more than ${mostZipped}`] : []),
  ];
}

/** What breaks the leaf rule: imports exactly env.memory, no table entries, no data, no start. */
function leaf(bytes) {
  const broken = [];
  for (const section of sections(bytes)) {
    if ([8, 9, 11].includes(section.id)) broken.push(`it has a ${names[section.id]} section`);
  }
  const imports = imported(bytes);
  if (imports.join() !== 'env.memory') broken.push(`it imports ${imports.join(', ')}`);
  return broken;
}

function imported(bytes) {
  const section = sections(bytes).find((one) => one.id === 2);
  if (!section) return [];
  const list = [];
  let [count, at] = number(bytes, section.from);
  const text = () => {
    const [size, from] = number(bytes, at);
    at = from + size;
    return bytes.subarray(from, at).toString('utf8');
  };
  while (count-- > 0) {
    list.push(`${text()}.${text()}`);
    // Past one memory's limits; anything else is refused by its name already.
    const limits = bytes[at + 1];
    at = number(bytes, at + 2)[1];
    if (limits & 1) at = number(bytes, at)[1];
    if (bytes[at] === undefined) break;
  }
  return list;
}

/** Exported functions by their index in the module's function space: [name, index]. */
export function exported(bytes) {
  const section = sections(bytes).find((one) => one.id === 7);
  const list = [];
  let [count, at] = number(bytes, section.from);
  while (count-- > 0) {
    let size, index;
    [size, at] = number(bytes, at);
    const name = bytes.subarray(at, at + size).toString('utf8');
    const kind = bytes[at + size];
    [index, at] = number(bytes, at + size + 1);
    if (kind === 0) list.push([name, index]);
  }
  return list;
}
