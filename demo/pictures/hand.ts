// The input with what the network saw in it: 21 landmarks of a hand, joined by its bones.
import { enlarge, type Picture } from './read.js';
import { writePng } from './png.js';

/** Bones as pairs of landmarks: five fingers from the wrist, and the palm. */
const bones = [
  [0, 1, 2, 3, 4],
  [0, 5, 6, 7, 8],
  [9, 10, 11, 12],
  [13, 14, 15, 16],
  [0, 17, 18, 19, 20],
  [5, 9, 13, 17],
].flatMap((chain) => chain.slice(1).map((to, i): [number, number] => [chain[i] ?? 0, to]));

export type Point = readonly [x: number, y: number];

/** Points of an output of 21 · 3 numbers in pixels; undefined where no output is that. */
export function landmarks(
  outputs: Readonly<Record<string, Float32Array>>,
  { width }: Picture,
): Point[] | undefined {
  const spread = (values: Float32Array): number => Math.max(...values) - Math.min(...values);
  // Networks of the family also give the points in metres; those in pixels spread over the picture.
  const found = Object.values(outputs).find((v) => v.length === 63 && spread(v) > width / 16);
  return (
    found && Array.from({ length: 21 }, (_, i): Point => [found[3 * i] ?? 0, found[3 * i + 1] ?? 0])
  );
}

/** The picture and the points as SVG. */
export function drawSvg(picture: Picture, points: readonly Point[]): string {
  const { width, height } = picture;
  const at = (i: number): Point => points[i] ?? [0, 0];
  const n = (x: number): string => x.toFixed(2);
  const lines = points.length === 21 ? bones : [];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${3 * width}" height="${3 * height}">`,
    `<image width="${width}" height="${height}" href="data:image/png;base64,${writePng(picture).toString('base64')}"/>`,
    ...lines.map(([a, b]) => {
      const [[x1, y1], [x2, y2]] = [at(a), at(b)];
      return `<line x1="${n(x1)}" y1="${n(y1)}" x2="${n(x2)}" y2="${n(y2)}" stroke="#fff" stroke-width="1.4"/>`;
    }),
    ...points.map(
      ([x, y], i) =>
        `<circle cx="${n(x)}" cy="${n(y)}" r="2.2" fill="#e6007a" stroke="#fff" stroke-width="0.6"><title>${i}</title></circle>`,
    ),
    '</svg>',
    '',
  ].join('\n');
}

/** The picture and the points as pixels, three times as large. */
export function drawPicture(picture: Picture, points: readonly Point[]): Picture {
  const scale = 3;
  const big = enlarge(picture, scale);
  const disc = ([x, y]: Point, radius: number, colour: readonly number[]): void => {
    const [cx, cy] = [x * scale, y * scale];
    for (let j = Math.ceil(cy - radius); j <= cy + radius; j++)
      for (let i = Math.ceil(cx - radius); i <= cx + radius; i++)
        if (
          (i - cx) ** 2 + (j - cy) ** 2 <= radius ** 2 &&
          i >= 0 &&
          i < big.width &&
          j >= 0 &&
          j < big.height
        )
          big.rgb.set(colour, 3 * (j * big.width + i));
  };
  const white = [255, 255, 255];
  if (points.length === 21)
    for (const [a, b] of bones) {
      const [[x1, y1], [x2, y2]] = [points[a] ?? [0, 0], points[b] ?? [0, 0]];
      const steps = Math.ceil(scale * Math.hypot(x2 - x1, y2 - y1)) + 1;
      for (let s = 0; s <= steps; s++)
        disc([x1 + ((x2 - x1) * s) / steps, y1 + ((y2 - y1) * s) / steps], 2, white);
    }
  for (const point of points) {
    disc(point, 8, white);
    disc(point, 6, [230, 0, 122]);
  }
  return big;
}
