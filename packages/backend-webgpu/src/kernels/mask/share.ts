// The least number that reaches a share of the largest of its run. A share that the host gives is a double, and so is
// its product with a float32. The least float32 that reaches the product, rounded as a double is, is found in whole
// numbers, once a run:
//
//   share M·2^e, largest l·2^f       P = M·l, 77 bits       H R L  =  the k bits that a float32 keeps, those that a
//                                                                      double adds, the rest
//   H + 1 where R > 0, or L > half a step of the double; else H
import type { Binding, Dispatch } from '../../kernel.js';
import { grid, item, program } from '../../program.js';

const size = 64;
const limbs = 5;
const limbBits = 12;

const leastProgram = program({
  name: 'mask-least',
  params: ['runs', 'e: i32', ...Array.from({ length: limbs }, (_, k) => `m${k}`)],
  buffers: [{ name: 'largest', type: 'array<u32>', write: true }],
  workgroup: [size, 1, 1],
  head: `
// The bits of the least float32 that is not below the product of the share and the number of these bits.
fn leastOf(word: u32) -> u32 {
  if (word == 0u || p.m4 == 0u) { return 1u; }
  if (word >= 0x7f800000u) { return 0x7f800000u; }
  // The number is l · 2^f, l of 24 bits.
  var l = word & 0x7fffffu;
  var f = i32(word >> 23u) - 150;
  if (word < 0x800000u) {
    let short = countLeadingZeros(l) - 8u;
    l <<= short;
    f = -149 - i32(short);
  } else {
    l |= 0x800000u;
  }
  // P in limbs of 12 bits, lowest first.
  let m = array<u32, ${limbs}>(p.m0, p.m1, p.m2, p.m3, p.m4);
  var r = array<u32, 9>();
  for (var k = 0u; k < ${limbs}u; k++) {
    r[k] += m[k] * (l & 0xfffu);
    r[k + 1u] += m[k] * (l >> 12u);
  }
  for (var k = 0u; k < 6u; k++) {
    r[k + 1u] += r[k] >> 12u;
    r[k] &= 0xfffu;
  }
  let n = 104 - countLeadingZeros(r[6]); // bits of P, 76 or 77
  let top = i32(n) - 1 + p.e + f;
  if (top > 127) { return 0x7f800000u; }
  let k = select(150 + top, 24, top >= -126); // bits that a float32 has here
  if (k <= 0) { return 1u; }
  // R, from the bits that a double drops up to H.
  let low = n - 53u;
  let high = n - u32(k);
  var up = ((r[0] | (r[1] << 12u)) & ((1u << low) - 1u)) > (1u << (low - 1u));
  for (var i = 0u; i < 7u; i++) {
    let least = clamp(low, i * 12u, i * 12u + 12u) - i * 12u;
    let most = clamp(high, i * 12u, i * 12u + 12u) - i * 12u;
    up = up || ((r[i] & ((1u << most) - 1u)) >> least) != 0u;
  }
  let at = high / 12u;
  let by = high % 12u;
  let h = (r[at] >> by) | (r[at + 1u] << (12u - by)) | (r[at + 2u] << (24u - by));
  let kept = h & ((1u << u32(k)) - 1u);
  let exact = select(kept, (u32(max(top, -126) + 127) << 23u) | (kept & 0x7fffffu), top >= -126);
  return exact + select(0u, 1u, up);
}`,
  body: `
let k = ${item(size)};
if (k < p.runs) { largest[k] = leastOf(largest[k]); }`,
});

/** A double as M·2^e, M of 53 bits in limbs, lowest first; M = 0 for 0. */
function parts(value: number): readonly [e: number, ...limbs: number[]] {
  if (value === 0) return [0, ...Array.from({ length: limbs }, () => 0)];
  let e = Math.floor(Math.log2(value)) - 52;
  // The logarithm may be off by one, and the power below of what no double can hold.
  const scaled = (): number => value * 2 ** -(e >> 1) * 2 ** -(e - (e >> 1));
  while (scaled() >= 2 ** 53) e++;
  while (scaled() < 2 ** 52) e--;
  let rest = scaled();
  const out: number[] = [];
  for (let k = 0; k < limbs; k++) {
    out.push(rest % 2 ** limbBits);
    rest = Math.floor(rest / 2 ** limbBits);
  }
  return [e, ...out];
}

/** Puts in the place of each largest magnitude the least that reaches a share of it. */
export const shareOf = (share: number, runs: number, largest: Binding): Dispatch => ({
  program: leastProgram,
  params: [runs, ...parts(share)],
  buffers: [largest],
  workgroups: grid(runs, size),
});
