// Sums of magnitudes in double precision, as the host adds them up, in whole numbers: a GPU has none. A double that is
// not negative is two words, whose order is that of the numbers.
//
//   a + b    mantissas of 53 bits and three more, the smaller one moved right by the difference of exponents, what falls
//            off kept as one bit; rounded to the nearest, of two equally near ones to the even one

/** WGSL of `toDouble(bits of |x|)`, `plus(a, b)` and `above(a, b)`. */
export const doubleHead = `
fn toDouble(word: u32) -> vec2u {
  if (word == 0u) { return vec2u(); }
  var e = (word >> 23u) + 896u;
  var m = word & 0x7fffffu;
  if (word < 0x800000u) {
    let shift = countLeadingZeros(m) - 8u;
    m = (m << shift) & 0x7fffffu;
    e = 897u - shift;
  }
  return vec2u((e << 20u) | (m >> 3u), m << 29u);
}
fn above(a: vec2u, b: vec2u) -> bool { return a.x > b.x || (a.x == b.x && a.y > b.y); }
fn mantissa(a: vec2u) -> vec2u {
  return vec2u((((a.x & 0xfffffu) | 0x100000u) << 3u) | (a.y >> 29u), a.y << 3u);
}
fn plus(a: vec2u, b: vec2u) -> vec2u {
  let swap = above(b, a);
  let large = select(a, b, swap);
  let small = select(b, a, swap);
  if (all(small == vec2u())) { return large; }
  var e = large.x >> 20u;
  let apart = e - (small.x >> 20u);
  if (apart > 60u) { return large; }
  let l = mantissa(large);
  var s = mantissa(small);
  if (apart >= 32u) { s = vec2u(0u, s.x | select(0u, 1u, s.y != 0u)); }
  let by = apart % 32u;
  if (by > 0u) {
    let lost = s.y << (32u - by);
    s = vec2u(s.x >> by, (s.x << (32u - by)) | (s.y >> by) | select(0u, 1u, lost != 0u));
  }
  var low = l.y + s.y;
  var high = l.x + s.x + select(0u, 1u, low < l.y);
  if (high >= 0x1000000u) {
    low = (low >> 1u) | (high << 31u) | (low & 1u);
    high >>= 1u;
    e++;
  }
  let rest = low & 7u;
  low = (low >> 3u) | (high << 29u);
  high >>= 3u;
  if (rest > 4u || (rest == 4u && (low & 1u) == 1u)) {
    low++;
    if (low == 0u) { high++; }
    if (high == 0x200000u) {
      high >>= 1u;
      e++;
    }
  }
  return vec2u((e << 20u) | (high & 0xfffffu), low);
}
`;
