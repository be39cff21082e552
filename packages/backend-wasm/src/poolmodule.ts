// A module for threads. Binaries import an unshared memory and keep their stack pointer to themselves; for a
// memory that threads share, the import must say so, and each thread's instance must be told its own stack.
//
//   import env.memory   flags 0, minimum             ->  flags 3, minimum, maximum 65536
//   export              a, b, …                      ->  a, b, …, __stack_pointer = global 0
//
// The one global that a leaf may change is its stack pointer, which linkers put first. A module with others
// keeps state between calls: it runs on the caller's thread alone.
import { leb, type Reader } from './leaf.js';

/** A module over shared memory. */
export interface Shared {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Whether threads may run it, each with a stack of its own. */
  readonly threads: boolean;
}

const [importSection, globalSection, exportSection] = [2, 6, 7];
const stackPointer = '__stack_pointer';
const pages = [0x80, 0x80, 0x04]; // 65536

/** The module over a shared memory; `bytes` are a leaf module. */
export function shareModule(bytes: Uint8Array, name: string): Shared {
  const reader: Reader = { bytes, at: 8 };
  const parts: Uint8Array[] = [bytes.subarray(0, 8)];
  let stack = false;
  let threads = true;
  while (reader.at < bytes.length) {
    const start = reader.at;
    const id = bytes[reader.at++]!;
    const size = leb(reader, name);
    const body = bytes.subarray(reader.at, reader.at + size);
    reader.at += size;
    if (id === globalSection) {
      const changing = globals(body, name);
      stack = changing.length === 1 && changing[0] === 0;
      threads = changing.length === 0 || stack;
    }
    if (id === importSection) parts.push(section(id, sharedImport(body, name)));
    else if (id === exportSection && stack) parts.push(section(id, withStack(body, name)));
    else parts.push(bytes.subarray(start, reader.at));
  }
  return { bytes: join(parts), threads };
}

/** Skips a name. */
function skip(reader: Reader, name: string): void {
  const length = leb(reader, name);
  reader.at += length;
}

/** count, module, field, kind, flags, minimum, … */
function sharedImport(body: Uint8Array, name: string): Uint8Array {
  const reader: Reader = { bytes: body, at: 0 };
  leb(reader, name);
  skip(reader, name);
  skip(reader, name);
  const flags = reader.at + 1;
  reader.at += 2;
  leb(reader, name);
  return join([
    body.subarray(0, flags),
    Uint8Array.of(3),
    body.subarray(flags + 1, reader.at),
    Uint8Array.from(pages),
  ]);
}

/** Indices of the globals that may change: (type, changes, expression …, end), numbers only. */
function globals(body: Uint8Array, name: string): number[] {
  const reader: Reader = { bytes: body, at: 0 };
  const count = leb(reader, name);
  const constants: Readonly<Record<number, number>> = { 0x43: 4, 0x44: 8 };
  const changing: number[] = [];
  for (let index = 0; index < count; index++) {
    if (body[reader.at + 1] === 1) changing.push(index);
    const opcode = body[reader.at + 2]!;
    reader.at += 3;
    const fixed = constants[opcode];
    if (fixed !== undefined) reader.at += fixed;
    else leb(reader, name);
    reader.at++; // end
  }
  return changing;
}

/** The exports and one more, unless it is among them: name, kind global, index 0. */
function withStack(body: Uint8Array, name: string): Uint8Array {
  const reader: Reader = { bytes: body, at: 0 };
  const count = leb(reader, name);
  const rest = body.subarray(reader.at);
  for (let at = 0; at < count; at++) {
    const length = leb(reader, name);
    const text = new TextDecoder().decode(body.slice(reader.at, reader.at + length));
    if (text === stackPointer) return body;
    reader.at += length + 1;
    leb(reader, name);
  }
  const text = new TextEncoder().encode(stackPointer);
  return join([number(count + 1), rest, number(text.length), text, Uint8Array.of(3, 0)]);
}

function section(id: number, body: Uint8Array): Uint8Array {
  return join([Uint8Array.of(id), number(body.length), body]);
}

/** LEB128. */
function number(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let left = value; ;) {
    const low = left & 0x7f;
    left >>>= 7;
    bytes.push(left > 0 ? low | 0x80 : low);
    if (left === 0) return Uint8Array.from(bytes);
  }
}

function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
