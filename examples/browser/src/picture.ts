// The picture that goes in: a drawn hand, or a file, 224 × 224; and the 21 landmarks that come out.

/** Side of the network's input. */
export const side = 224;

/** Palm and fingers as thick strokes: from, to, width. */
const strokes = [
  [112, 168, 112, 128, 80],
  [80, 140, 36, 108, 24],
  [92, 112, 78, 44, 22],
  [110, 106, 110, 28, 22],
  [128, 110, 142, 40, 22],
  [144, 122, 172, 66, 18],
] as const;

/** Joints of a hand, by number of landmark: wrist, then four for each finger. */
const bones = [0, 5, 9, 13, 17].flatMap((first, finger) => {
  const start = finger === 0 ? 1 : first;
  return [[0, start], ...[0, 1, 2].map((joint) => [start + joint, start + joint + 1])] as [
    number,
    number,
  ][];
});

/** Draws a hand. */
export function drawHand(context: CanvasRenderingContext2D): void {
  const sky = context.createLinearGradient(0, 0, side, side);
  sky.addColorStop(0, '#465a6e');
  sky.addColorStop(1, '#7e92a6');
  context.fillStyle = sky;
  context.fillRect(0, 0, side, side);
  context.lineCap = 'round';
  context.strokeStyle = '#d7a588';
  for (const [x0, y0, x1, y1, width] of strokes) {
    context.lineWidth = width;
    context.beginPath();
    context.moveTo(x0, y0);
    context.lineTo(x1, y1);
    context.stroke();
  }
}

/** The picture's numbers, `[1, 224, 224, 3]` in 0..1. */
export function numbersOf(context: CanvasRenderingContext2D): Float32Array {
  const { data } = context.getImageData(0, 0, side, side);
  return Float32Array.from({ length: side * side * 3 }, (_, at) => {
    return data[Math.floor(at / 3) * 4 + (at % 3)]! / 255;
  });
}

/** Draws 21 landmarks `(x, y, z)` over the picture. */
export function drawLandmarks(
  context: CanvasRenderingContext2D,
  landmarks: ArrayLike<number>,
  colour: string,
): void {
  const at = (k: number): [number, number] => [landmarks[k * 3]!, landmarks[k * 3 + 1]!];
  context.strokeStyle = colour;
  context.lineWidth = 1.5;
  for (const [from, to] of bones) {
    context.beginPath();
    context.moveTo(...at(from));
    context.lineTo(...at(to));
    context.stroke();
  }
  context.fillStyle = '#fff';
  for (let k = 0; k < 21; k++) {
    context.beginPath();
    context.arc(...at(k), 2, 0, 7);
    context.fill();
  }
}
