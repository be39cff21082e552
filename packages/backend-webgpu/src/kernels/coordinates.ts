// Coordinates as they are stored, 8, 16 or 32 bits each, read from 32-bit words: WGSL has no narrower storage.
import { levelsOf, type IndexType, type OperandType } from '@lacuna/ir';

/** Width of a level's coordinates. */
export function widthOf({ format, shape }: OperandType, level: number): IndexType {
  return levelsOf(format, shape)[level]!.width;
}

/**
 * WGSL functions over `s`, the structure: `crd(q)` is coordinate q, and `crd4(q)` four from a q that is a
 * multiple of 4: one, two or four words. `p.crd` is the word where coordinates start.
 */
export function coordinates(width: IndexType): string {
  switch (width) {
    case 'uint8':
      return `
fn crd(q: u32) -> u32 { return extractBits(s[p.crd + (q >> 2u)], (q & 3u) * 8u, 8u); }
fn crd4(q: u32) -> vec4u {
  let w = s[p.crd + (q >> 2u)];
  return (vec4u(w) >> vec4u(0u, 8u, 16u, 24u)) & vec4u(255u);
}
`;
    case 'uint16':
      return `
fn crd(q: u32) -> u32 { return extractBits(s[p.crd + (q >> 1u)], (q & 1u) * 16u, 16u); }
fn crd4(q: u32) -> vec4u {
  let a = s[p.crd + (q >> 1u)];
  let b = s[p.crd + (q >> 1u) + 1u];
  return vec4u(a & 0xffffu, a >> 16u, b & 0xffffu, b >> 16u);
}
`;
    case 'uint32':
      return `
fn crd(q: u32) -> u32 { return s[p.crd + q]; }
fn crd4(q: u32) -> vec4u {
  return vec4u(s[p.crd + q], s[p.crd + q + 1u], s[p.crd + q + 2u], s[p.crd + q + 3u]);
}
`;
    default:
      return width satisfies never;
  }
}
