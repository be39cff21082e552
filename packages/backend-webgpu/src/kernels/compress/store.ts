// What the shaders that find patterns share: cells that are there, their numbers, and coordinates by their bits.
import type { IndexType } from '@lacuna/ir';
import { program, type Program, type ProgramSpec } from '../../program.js';
import type { Cells } from './cells.js';

export const size = 64;
export const x = { name: 'x', type: 'array<u32>' } as const;
export const words = (name: string) => ({ name, type: 'array<u32>', write: true }) as const;
export const structure = { name: 's', type: 'array<atomic<u32>>', write: true } as const;

/** WGSL: whether a cell has a number that is not zero, and its numbers: −0 is no entry. */
export const there = ({ head, block }: Cells): string => `${head}
fn number(cell: u32, b: u32) -> u32 {
  let at = place(cell, b);
  if (at == outside) { return 0u; }
  return select(0u, x[at], (x[at] & 0x7fffffffu) != 0u);
}
fn there(cell: u32) -> bool {
  for (var b = 0u; b < ${block}u; b++) {
    if (number(cell, b) != 0u) { return true; }
  }
  return false;
}
`;

/** A program for the cells of a layout, made once for each kind of them. */
export const forCells = <K>(
  make: (cells: Cells, kept: K) => ProgramSpec,
): ((cells: Cells, kept: K) => Program) => {
  const made = new Map<string, Program>();
  return (cells, kept) => {
    const key = `${cells.key} ${JSON.stringify(kept)}`;
    let found = made.get(key);
    if (!found) made.set(key, (found = program(make(cells, kept))));
    return found;
  };
};

/** WGSL that stores coordinate `at` of those that begin at a word, in words that others write to. */
export function storeCoordinate(width: IndexType, from: string, at: string, value: string): string {
  const part = (bits: number): string => `{
      let shift = ${at} % ${32 / bits}u * ${bits}u;
      let word = ${from} + ${at} / ${32 / bits}u;
      atomicAnd(&s[word], ~(${2 ** bits - 1}u << shift));
      atomicOr(&s[word], (${value}) << shift);
    }`;
  switch (width) {
    case 'uint8':
      return part(8);
    case 'uint16':
      return part(16);
    case 'uint32':
      return `atomicStore(&s[${from} + ${at}], ${value});`;
    default:
      return width satisfies never;
  }
}
