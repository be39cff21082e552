// Inputs for any image model, in 0..1. The three recipes are those of the goldens in models/golden/inputs.cjs
// at 224 × 224 × 3, to the bit; other sizes look at the same picture.
import { readFileSync } from 'node:fs';
import { SparseError } from '@lacuna/lacuna';
import { readPicture, type Picture } from './pictures/read.js';

export const recipes = ['smooth', 'noise', 'drawn'] as const;
export type Recipe = (typeof recipes)[number];

/** Whether a name is that of a recipe. */
export const isRecipe = (name: string): name is Recipe => recipes.some((recipe) => recipe === name);

/** Numbers for an input of a shape: a recipe's, or those of a file (PNG, PPM, raw float32). */
export function makeInput(what: string, shape: readonly number[]): Float32Array {
  const size = shape.reduce((product, extent) => product * extent, 1);
  if (!isRecipe(what)) return fromFile(what, shape, size);
  const [, height = 1, width = 1, channels = 1] = shape;
  if (what === 'noise' || shape.length !== 4) return noise(size);
  const pixel = what === 'smooth' ? smoothPixel : drawnPixel;
  const out = new Float32Array(size);
  for (let at = 0; at < size; at += channels) {
    const place = (at / channels) % (height * width);
    const y = Math.floor((Math.floor(place / width) * 224) / height);
    const x = Math.floor(((place % width) * 224) / width);
    const colour = pixel(x, y);
    for (let c = 0; c < channels; c++) out[at + c] = Math.floor(colour[c % 3] ?? 0) / 255;
  }
  return out;
}

/** A linear congruential generator (Numerical Recipes), its upper 24 bits. */
function noise(size: number): Float32Array {
  let seed = 12345;
  return Float32Array.from({ length: size }, () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return (seed >>> 8) / 16777216;
  });
}

/** Triangle waves and a bright disc. */
function smoothPixel(x: number, y: number): number[] {
  const wave = (t: number, period: number): number =>
    t % period < period / 2 ? t % period : period - (t % period);
  const r2 = (x - 112) ** 2 + (y - 112) ** 2;
  return [
    (wave(2 * x + y, 448) * 255) / 224,
    (wave(x + 3 * y, 320) * 255) / 160,
    255 - Math.min(255, r2 / 64),
  ];
}

/** Palm and five fingers: capsules [x0, y0, x1, y1, radius]. */
const capsules = [
  [112, 168, 112, 128, 40],
  [80, 140, 36, 108, 12],
  [92, 112, 78, 44, 11],
  [110, 106, 110, 28, 11],
  [128, 110, 142, 40, 11],
  [144, 122, 172, 66, 9],
] as const;

/** A shaded hand on a plain background, in whole numbers. */
function drawnPixel(x: number, y: number): number[] {
  let best = Infinity;
  for (const [x0, y0, x1, y1, r] of capsules) {
    const [vx, vy, wx, wy] = [x1 - x0, y1 - y0, x - x0, y - y0];
    const length = vx * vx + vy * vy;
    const t = Math.min(Math.max(wx * vx + wy * vy, 0), length);
    const [ex, ey] = [wx * length - vx * t, wy * length - vy * t];
    best = Math.min(best, Math.floor(((ex * ex + ey * ey) * 256) / (length * length * r * r)));
  }
  const shade = best >> 2;
  return best < 256
    ? [230 - shade, 178 - shade, 150 - shade]
    : [70 + (y >> 2), 90 + (y >> 2), 110 + (x >> 2)];
}

function fromFile(path: string, shape: readonly number[], size: number): Float32Array {
  const bytes = readFileSync(path);
  const picture = readPicture(bytes);
  if (picture) return scaled(picture, shape, size);
  if (bytes.byteLength !== 4 * size)
    throw new SparseError('shape', `${path} has ${bytes.byteLength} bytes`, {
      hint: `write a PNG, a PPM, or ${size} numbers in float32 (${4 * size} bytes) for the input [${shape.join(', ')}]`,
    });
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + 4 * size));
}

/** The nearest pixels of a picture. */
function scaled(picture: Picture, shape: readonly number[], size: number): Float32Array {
  const [, height = 1, width = 1, channels = 1] = shape;
  return Float32Array.from({ length: size }, (_, at) => {
    const place = Math.floor(at / channels) % (height * width);
    const y = Math.floor(((Math.floor(place / width) + 0.5) * picture.height) / height);
    const x = Math.floor((((place % width) + 0.5) * picture.width) / width);
    return (picture.rgb[3 * (y * picture.width + x) + Math.min(at % channels, 2)] ?? 0) / 255;
  });
}
