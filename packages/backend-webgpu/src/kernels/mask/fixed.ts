// A mask that no number plays a part in: bits that the host works out once, a bit a number and 4 bytes written.
import type { Binding, Dispatch } from '../../kernel.js';
import { grid, item, program } from '../../program.js';

const size = 64;

const placesProgram = program({
  name: 'mask-fixed',
  params: ['count'],
  buffers: [
    { name: 'bits', type: 'array<u32>' },
    { name: 'y', type: 'array<f32>', write: true },
  ],
  workgroup: [size, 1, 1],
  body: `
let at = ${item(size)};
if (at < p.count) { y[at] = f32(extractBits(bits[at / 32u], at % 32u, 1u)); }`,
});

/** A byte an element as a bit an element. */
export function bitsOf(kept: Uint8Array): Uint32Array {
  const words = new Uint32Array(Math.max(1, Math.ceil(kept.length / 32)));
  kept.forEach((keep, at) => {
    if (keep) words[at >> 5]! |= 1 << (at & 31);
  });
  return words;
}

/** Writes a mask of bits. */
export const places = (bits: Binding, count: number, y: Binding): readonly Dispatch[] => [
  { program: placesProgram, params: [count], buffers: [bits, y], workgroups: grid(count, size) },
];
