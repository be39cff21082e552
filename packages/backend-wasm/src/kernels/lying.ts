// How the sides of a product lie: rows of numbers, or panels, which the next product reads as they are. A value in
// panels is not packed, and one that stays in panels is not turned.
//
//   matmul   X [K, N] in panels(w)      Y [M, N] in panels(w)
//   linear   x [N, K] in panels(w, 0)   y [N, M] in panels(w, 0)      the same bytes
import { dense, type Format, type Layout, type OperandType } from '@lacuna/ir';
import { panels } from '@lacuna/layouts';
import type { Stage } from '../kernel.js';
import type { Family } from './family.js';
import { moved } from './positions.js';

/** The layouts that X and Y of a product are in. */
export interface Lying {
  readonly x: Layout;
  readonly y: Layout;
}

/** Both as rows of numbers, as all kernels take and give them. */
export const asRows: Lying = { x: dense, y: dense };

/** What a product whose X or Y is in panels may be given, and leave. */
export const inPanels: readonly Lying[] = [
  { x: panels, y: panels },
  { x: panels, y: dense },
  { x: dense, y: panels },
];

/** Panels that all products take: of as many positions as the kernel of pairs has, which others cut into whole tiles. */
export const packedFormats: readonly Format[] = [panels(24, 1), panels(24, 0)];

/** `twins-matmul`, `twins-matmul-packed-both`: one name a kernel. */
export function nameOf(product: string, { x, y }: Lying): string {
  if (x !== panels && y !== panels) return product;
  return `${product}-packed-${x === y ? 'both' : x === panels ? 'in' : 'out'}`;
}

/** The width of a value's panels of positions, which are its dimension `along`; undefined where it has none. */
export function widthOf(
  { format: { layout, params } }: OperandType,
  along: number,
): number | undefined {
  return layout === panels && params['along'] === along ? params['w'] : undefined;
}

/** The one width of those that X and Y have, where a family takes it: whole vectors, and its own if it has one. */
export function commonWidth(
  widths: readonly (number | undefined)[],
  packs: Family['packs'],
): number | undefined {
  const [w, other = w] = widths.filter((w) => w !== undefined);
  return w === other && w! % 4 === 0 && (packs === 'any' || packs === w) ? w : undefined;
}

/** The call that fills the last panel of an m-row Y with zeros, before those that it has are written. */
export function clearLast(m: number, n: number, w: number, y: number): readonly Stage[] {
  if (n % w === 0 || m === 0) return [];
  const floats = m * w;
  const at = y + Math.floor(n / w) * floats * 4;
  return [{ name: 'fill', units: floats, args: [0, at], work: floats * (moved / 2) }];
}
