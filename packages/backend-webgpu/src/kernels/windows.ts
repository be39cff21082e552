// Windows that slide over planes: what convolutions of every kind share. Windows laid out as a matrix make a
// product of a convolution, images at a time where all of them would take too much memory.
import type { Signature } from '@lacuna/ir';
import type { ConvTranspose2dAttrs } from '@lacuna/ops';
import type { Binding, Dispatch } from '../kernel.js';
import { grid, item, program } from '../program.js';

const size = 64;
/** Bytes of windows that are laid out at a time. */
const room = 32 * 2 ** 20;

/** How a window slides; convolutions, their transposes and their filters' gradients say it alike. */
export type Slide = Pick<ConvTranspose2dAttrs, 'stride' | 'padding' | 'dilation' | 'groups'>;

/** Images of planes, windows on them, and what comes out. */
export interface Sizes {
  readonly b: number;
  readonly c: number;
  readonly h: number;
  readonly w: number;
  readonly o: number;
  readonly kh: number;
  readonly kw: number;
  readonly oh: number;
  readonly ow: number;
}

/** Sizes of x `[B, C, H, W]` with windows that give `[B, O, OH, OW]`. */
export function sizesOf(
  x: readonly number[],
  window: readonly number[],
  y: readonly number[],
): Sizes {
  const [b, c, h, w] = x as [number, number, number, number];
  const [kh, kw] = window as [number, number];
  const [o, oh, ow] = y.slice(1) as [number, number, number];
  return { b, c, h, w, o, kh, kw, oh, ow };
}

/** Of a signature. */
export type Typed = Pick<Signature, 'inputs' | 'output' | 'attrs'>;

/** Multiply-adds, twice. */
export const flopsOf = ({ b, c, o, kh, kw, oh, ow }: Sizes, groups: number): number =>
  (2 * b * c * o * kh * kw * oh * ow) / groups;

/** Names of a window's size, strides, dilations and padding, and their numbers. */
export const windowParams = ['kh', 'kw', 'sh', 'sw', 'dh', 'dw', 'top: i32', 'left: i32'] as const;
export const windowNumbers = (
  { kh, kw }: Pick<Sizes, 'kh' | 'kw'>,
  { stride, dilation, padding }: Slide,
): number[] => [kh, kw, ...stride, ...dilation, padding[0], padding[1]];

/** How many images are laid out at a time, each of so many bytes. */
export const imagesAtOnce = (images: number, bytes: number): number =>
  Math.max(1, Math.min(images, Math.floor(room / Math.max(1, bytes))));

/** Calls `visit` for one part of the images after another. */
export function inParts(
  images: number,
  most: number,
  visit: (first: number, count: number) => readonly Dispatch[],
): readonly Dispatch[] {
  const starts = Array.from({ length: Math.ceil(images / most) }, (_, part) => part * most);
  return starts.flatMap((first) => visit(first, Math.min(most, images - first)));
}

const buffers = [
  { name: 'x', type: 'array<f32>' },
  { name: 'out', type: 'array<vec4f>', write: true },
] as const;

const pixel = `
  let i = i32(place / p.ow * p.sh + r * p.dh) - p.top;
  let j = i32(place % p.ow * p.sw + s * p.dw) - p.left;`;
const inside = 'i >= 0 && i < i32(p.h) && j >= 0 && j < i32(p.w)';

// Rows are (channel, row, column) of the window, in whole vectors of places.
const columnsProgram = program({
  name: 'columns',
  params: ['count', 'first', 'c', 'h', 'w', 'ow', 'n', 'n4', ...windowParams],
  buffers,
  workgroup: [size, 1, 1],
  body: `
let at = ${item(size)};
if (at >= p.count) { return; }
let k = at / p.n4 % (p.c * p.kh * p.kw);
let plane = p.first + at / (p.n4 * p.kh * p.kw);
let s = k % p.kw;
let r = k / p.kw % p.kh;
var v = vec4f();
for (var q = 0u; q < 4u; q++) {
  let place = at % p.n4 * 4u + q;${pixel}
  if (place < p.n && ${inside}) { v[q] = x[(plane * p.h + u32(i)) * p.w + u32(j)]; }
}
out[at] = v;`,
});

/** Windows as `[groups, C/groups · KH · KW, OH · OW]`, for `count` images from `first` on. */
export function columns(
  sizes: Sizes,
  slide: Slide,
  [first, count]: readonly [number, number],
  x: Binding,
  out: Binding,
): Dispatch {
  const { c, h, w, kh, kw, oh, ow } = sizes;
  const [n, n4] = [oh * ow, Math.ceil((oh * ow) / 4)];
  const vectors = count * c * kh * kw * n4;
  return {
    program: columnsProgram,
    params: [vectors, first * c, c, h, w, ow, n, n4, ...windowNumbers(sizes, slide)],
    buffers: [x, out],
    workgroups: grid(vectors, size),
  };
}

// The same turned: rows are places, in whole vectors of (channel, row, column).
const patchesProgram = program({
  name: 'patches',
  params: ['count', 'first', 'c', 'h', 'w', 'ow', 'n', 'n4', 'places', ...windowParams],
  buffers,
  workgroup: [size, 1, 1],
  body: `
let at = ${item(size)};
if (at >= p.count) { return; }
let place = at / p.n4 % p.places;
let plane = p.first + at / (p.n4 * p.places) * p.c;
var v = vec4f();
for (var q = 0u; q < 4u; q++) {
  let k = at % p.n4 * 4u + q;
  let s = k % p.kw;
  let r = k / p.kw % p.kh;${pixel}
  if (k < p.n && ${inside}) {
    v[q] = x[((plane + k / (p.kw * p.kh)) * p.h + u32(i)) * p.w + u32(j)];
  }
}
out[at] = v;`,
});

/** Windows as `[groups, OH · OW, C/groups · KH · KW]`, for `count` images from `first` on. */
export function patches(
  sizes: Sizes,
  slide: Slide,
  [first, count]: readonly [number, number],
  x: Binding,
  out: Binding,
): Dispatch {
  const { c, h, w, kh, kw, oh, ow } = sizes;
  const { groups } = slide;
  const n = (c / groups) * kh * kw;
  const [n4, places] = [Math.ceil(n / 4), oh * ow];
  const vectors = count * groups * places * n4;
  const shape = [vectors, first * c, c / groups, h, w, ow, n, n4, places];
  return {
    program: patchesProgram,
    params: [...shape, ...windowNumbers(sizes, slide)],
    buffers: [x, out],
    workgroups: grid(vectors, size),
  };
}
