// The dimensions that n:m and n:m:g run along must be there.
import { SparseError, type Shape } from '@lacuna/ir';

/** Refuses a shape without the dimensions in `axes`, and says what to write. */
export function refuseAxes(
  name: string,
  shape: Shape,
  axes: Readonly<Record<string, number>>,
): void {
  for (const [axis, dim] of Object.entries(axes)) {
    if (dim < shape.length) continue;
    throw new SparseError(
      'shape',
      `${name} runs ${axis} = ${dim}, and [${shape.join(', ')}] has ${shape.length} dimensions`,
      {
        detail: { shape, [axis]: dim },
        hint: `choose ${axis} below ${shape.length}, or reshape the tensor`,
      },
    );
  }
}
