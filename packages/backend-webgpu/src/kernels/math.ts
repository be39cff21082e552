// Functions that WGSL leaves to the driver, or whose special values it does, written out: the same bits on
// every machine that adds and multiplies alike. Sources: Cephes expf and tanhf, FreeBSD's logf, N. Juffa's erff.

/** WGSL: `absent(v)` is whether v is NaN, which compilers may take `v != v` never to be. */
export const absent = `
fn absent(v: f32) -> bool { return (bitcast<u32>(v) & 0x7fffffffu) > 0x7f800000u; }
fn absent4(v: vec4f) -> vec4<bool> {
  return (bitcast<vec4u>(v) & vec4u(0x7fffffffu)) > vec4u(0x7f800000u);
}
`;

/** WGSL: `bits(word)` is the number of that word; a NaN or an infinity may not be a constant. */
export const bits = `
fn bits(word: u32) -> f32 {
  var w = word;
  return bitcast<f32>(w);
}
`;

/** WGSL of {@link exponential} without `absent`. */
export const exponentialAlone = `
fn power2(n: i32) -> f32 { return bitcast<f32>(u32(n + 127) << 23u); }
fn exponential(v: f32) -> f32 {
  if (absent(v)) { return v; }
  let x = clamp(v, -104.0, 89.0);
  let n = round(x * 1.44269504);
  var r = fma(n, -0.693145751953125, x);
  r = fma(n, -1.428606765330187e-06, r);
  var q = 1.9875691500e-4;
  q = fma(q, r, 1.3981999507e-3);
  q = fma(q, r, 8.3334519073e-3);
  q = fma(q, r, 4.1665795894e-2);
  q = fma(q, r, 1.6666665459e-1);
  q = fma(q, r, 5.0000001201e-1);
  q = fma(q, r * r, r) + 1.0;
  let half = i32(n) / 2;
  return q * power2(half) * power2(i32(n) - half);
}
`;
/** WGSL of {@link logarithm} without `absent` and `bits`. */
export const logarithmAlone = `
fn logarithm(v: f32) -> f32 {
  let word = bitcast<u32>(v);
  if (absent(v) || word == 0x7f800000u) { return v; }
  if ((word & 0x7fffffffu) == 0u) { return bits(0xff800000u); }
  if (word >= 0x80000000u) { return bits(0x7fc00000u); }
  let small = word < 0x00800000u;
  let scaled = bitcast<u32>(select(v, v * 33554432.0, small));
  let ix = scaled + (0x3f800000u - 0x3f3504f3u);
  let k = f32(i32(ix >> 23u) - 127 - select(0, 25, small));
  let f = bitcast<f32>((ix & 0x007fffffu) + 0x3f3504f3u) - 1.0;
  let s = f / (2.0 + f);
  let z = s * s;
  let w = z * z;
  let r = z * (0.66666662693 + w * 0.28498786688) + w * (0.40000972152 + w * 0.24279078841);
  let h = 0.5 * f * f;
  return s * (h + r) + k * 9.0580006145e-06 - h + f + k * 6.9313812256e-01;
}
`;

/** WGSL: e^v, good to one unit in the last place; NaN and infinities as they should be. */
export const exponential = `${absent}${exponentialAlone}`;

/** WGSL: ln v, good to one unit in the last place. */
export const logarithm = `${absent}${bits}${logarithmAlone}`;

/** WGSL: e^v and ln v together. */
const exponentialAndLogarithm = `${exponential}${bits}${logarithmAlone}`;

/** WGSL: v^e by way of the logarithm; `kind` of e: 0 no whole number, 1 odd, 2 even. */
export const powers = `${exponentialAndLogarithm}
fn power(v: f32, e: f32, kind: u32) -> f32 {
  if (absent(v)) { return v; }
  let y = exponential(e * logarithm(abs(v)));
  let word = bitcast<u32>(v);
  if (word < 0x80000000u || kind == 2u) { return y; }
  if (kind == 1u) { return -y; }
  return select(bits(0x7fc00000u), y, word == 0x80000000u || word == 0xff800000u);
}
`;

/** WGSL: tanh v, good to two units in the last place. */
export const hyperbolic = `${exponential}
fn hyperbolic(v: f32) -> f32 {
  let size = abs(v);
  if (size < 0.625 || absent(v)) {
    let z = v * v;
    var q = -5.70498872745e-3;
    q = fma(q, z, 2.06390887954e-2);
    q = fma(q, z, -5.37397155531e-2);
    q = fma(q, z, 1.33314422036e-1);
    q = fma(q, z, -3.33332819422e-1);
    return fma(q * z, v, v);
  }
  let far = 1.0 - 2.0 / (exponential(size + size) + 1.0);
  return select(far, -far, v < 0.0);
}
`;

/** WGSL: erf v, good to two units in the last place. */
export const errorFunction = `${exponential}
fn errorFunction(v: f32) -> f32 {
  let t = abs(v);
  let s = v * v;
  if (t < 0.927734375 || absent(v)) {
    var q = -5.96761703e-4;
    q = fma(q, s, 4.99119423e-3);
    q = fma(q, s, -2.67681349e-2);
    q = fma(q, s, 1.12819925e-1);
    q = fma(q, s, -3.76125336e-1);
    q = fma(q, s, 1.28379166e-1);
    return fma(q, v, v);
  }
  let u = min(t, 9.0); // erf 9 is 1, and infinities have no difference
  var r = fma(fma(-1.72853470e-5, u, 3.83197126e-4), u * u, fma(-3.88396438e-3, u, 2.42546219e-2));
  r = fma(r, u, -1.06777877e-1);
  r = fma(r, u, -6.34846687e-1);
  r = fma(r, u, -1.28717512e-1);
  r = fma(r, u, -u);
  let far = 1.0 - exponential(r);
  return select(far, -far, v < 0.0);
}
`;

/**
 * WGSL of what a compiler cannot see through: it would join a multiply and an add, or take (x·x)/x to be x, which it is
 * not where x is 0. So numbers are those of a run an op, to the bit. It reads a parameter `zero`.
 */
export const apart = `
fn apart(v: f32) -> f32 { return bitcast<f32>(bitcast<u32>(v) ^ p.zero); }
`;

/** Functions of several heads, each once. */
export function once(heads: readonly string[]): string {
  const parts = heads.flatMap((head) => head.split(/^(?=fn )/m));
  const named = new Map(parts.map((part) => [/^fn \w+/.exec(part)?.[0] ?? part, part]));
  return [...named.values()].join('');
}
