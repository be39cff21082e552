// Where a tensor stores something.
import { flatIndex, isDense, outside, sizeOf, type Tensor } from '@lacuna/ir';

/** 1 at each place that a tensor stores, row-major. */
export function placesOf({ format, pattern, shape }: Tensor): Uint8Array {
  const places = new Uint8Array(sizeOf(shape));
  if (isDense(format)) return places.fill(1);
  for (const flat of flatIndex(pattern)) if (flat !== outside) places[flat] = 1;
  return places;
}
