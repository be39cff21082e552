// Attributes of nodes. The file writes whole numbers as strings and strings in base64.
import { corrupt, isRecord } from '../corrupt.js';
import type { ModelNode } from './model.js';

function attr(node: ModelNode, name: string, kind: string): unknown {
  const found = Object.hasOwn(node.attrs, name) ? node.attrs[name] : undefined;
  return isRecord(found) ? found[kind] : undefined;
}

function list(node: ModelNode, name: string, kind: string): readonly unknown[] {
  const found = attr(node, name, 'list');
  const items = isRecord(found) ? found[kind] : undefined;
  return Array.isArray(items) ? items : [];
}

function whole(node: ModelNode, name: string, given: unknown): number {
  const number = typeof given === 'string' && given.trim() !== '' ? Number(given) : given;
  if (typeof number !== 'number' || !Number.isSafeInteger(number))
    throw corrupt(`node "${node.name}"`, `has the attribute ${name} ${JSON.stringify(given)}`);
  return number;
}

function decode(text: unknown): string {
  if (Array.isArray(text)) return text.map((code) => String.fromCharCode(Number(code))).join('');
  try {
    return atob(String(text));
  } catch {
    return String(text);
  }
}

/** Whole numbers of a list; none where it is absent. */
export const ints = (node: ModelNode, name: string): number[] =>
  list(node, name, 'i').map((item) => whole(node, name, item));

/** Strings of a list. */
export const strings = (node: ModelNode, name: string): string[] =>
  list(node, name, 's').map(decode);

/** One whole number. */
export function int(node: ModelNode, name: string, absent: number): number {
  const found = attr(node, name, 'i');
  return found === undefined ? absent : whole(node, name, found);
}

/** One number. */
export function float(node: ModelNode, name: string, absent: number): number {
  const found = attr(node, name, 'f');
  return found === undefined ? absent : Number(found);
}

/** One truth. */
export const bool = (node: ModelNode, name: string): boolean => attr(node, name, 'b') === true;

/** One string. */
export function string(node: ModelNode, name: string, absent: string): string {
  const found = attr(node, name, 's');
  return found === undefined ? absent : decode(found);
}

/** The name of a type such as `DT_FLOAT`, or TensorFlow's number for it. */
export function type(node: ModelNode, name: string): string {
  const found = attr(node, name, 'type');
  const numbers: Readonly<Record<string, string>> = { 1: 'DT_FLOAT', 3: 'DT_INT32', 9: 'DT_INT64' };
  return numbers[String(found)] ?? String(found);
}

/** Types of numbers that need not be whole. */
export const floats: ReadonlySet<string> = new Set(['DT_FLOAT', 'DT_HALF', 'DT_DOUBLE']);

/** A shape; −1 where an extent is not known; undefined where nothing is. */
export function shape(node: ModelNode, name: string): number[] | undefined {
  const found = attr(node, name, 'shape');
  if (!isRecord(found) || found['unknownRank'] === true) return undefined;
  const dims = found['dim'];
  if (!Array.isArray(dims)) return [];
  return dims.map((dim) => whole(node, name, isRecord(dim) ? (dim['size'] ?? -1) : dim));
}
