// Pictures in memory and from files.
import { isPng, readPng } from './png.js';

/** Rows of pixels, red, green and blue in 0..255. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
}

/** The picture in a PNG or a binary PPM file; undefined for anything else. */
export function readPicture(bytes: Uint8Array): Picture | undefined {
  if (isPng(bytes)) return readPng(bytes);
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 200));
  const match = /^P6\s+(?:#.*\s+)*(\d+)\s+(\d+)\s+255\s/.exec(head);
  if (!match) return undefined;
  const [width, height] = [Number(match[1]), Number(match[2])];
  return {
    width,
    height,
    rgb: bytes.subarray(match[0].length, match[0].length + 3 * width * height),
  };
}

/** A model's input in 0..1 as a picture; undefined where it is no image. */
export function inputPicture(numbers: Float32Array, shape: readonly number[]): Picture | undefined {
  const [, height = 0, width = 0, channels = 0] = shape;
  if (shape.length !== 4 || (channels !== 1 && channels !== 3)) return undefined;
  const rgb = new Uint8Array(3 * height * width);
  for (let at = 0; at < rgb.length; at++) {
    const sample = channels === 3 ? numbers[at] : numbers[Math.floor(at / 3)];
    rgb[at] = Math.round(255 * Math.min(1, Math.max(0, sample ?? 0)));
  }
  return { width, height, rgb };
}

/** A picture `times` as large. */
export function enlarge({ width, height, rgb }: Picture, times: number): Picture {
  const out = new Uint8Array(rgb.length * times * times);
  for (let y = 0; y < height * times; y++) {
    for (let x = 0; x < width * times; x++) {
      const from = 3 * (Math.floor(y / times) * width + Math.floor(x / times));
      out.set(rgb.subarray(from, from + 3), 3 * (y * width * times + x));
    }
  }
  return { width: width * times, height: height * times, rgb: out };
}
