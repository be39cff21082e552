// Activations as a range that outputs are brought into: the same shader for all, and no branch. Comparisons
// with NaN are false, so that it travels.
import type { Activation } from '@lacuna/ops';

/** The parameters that {@link activate} reads. */
export const rangeParams = ['low: f32', 'high: f32'] as const;

/** Their numbers. */
export function rangeOf(activation: Activation): readonly [number, number] {
  switch (activation) {
    case 'none':
      return [-Infinity, Infinity];
    case 'relu':
      return [0, Infinity];
    case 'relu6':
      return [0, 6];
    default:
      return activation satisfies never;
  }
}

/** WGSL of `activate` on numbers or vectors. */
export const activate = (type: 'f32' | 'vec4f'): string => `
fn activate(v: ${type}) -> ${type} {
  let least = ${type}(p.low);
  let most = ${type}(p.high);
  let r = select(v, least, v < least);
  return select(r, most, r > most);
}
`;
