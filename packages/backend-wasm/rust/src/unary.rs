//! Functions of one number, four at a time. log and tanh after Cephes, erf after N. Juffa; largest errors found
//! against f64 are in ABI.md.
use crate::norm::each;
use crate::exp::*;
use crate::simd::*;

/// The polynomial with these coefficients, the highest first; written out, since a table would be data.
macro_rules! horner {
    ($x:expr, $first:expr $(, $c:expr)*) => {{
        let mut p = splat($first);
        $(p = madd(p, $x, splat($c));)*
        p
    }};
}

/// x = m·2^e with m about 1, log x = log m + e·ln 2, ln 2 in two parts.
#[inline(always)]
pub fn log4(x: F) -> F {
    let tiny = splat(f32::MIN_POSITIVE);
    let (e, m) = split(if_less(x, tiny, mul(x, splat(8_388_608.0)), x));
    let e = if_less(x, tiny, sub(e, splat(23.0)), e);
    let root = splat(core::f32::consts::FRAC_1_SQRT_2);
    let e = if_less(m, root, sub(e, splat(1.0)), e);
    let m = sub(if_less(m, root, add(m, m), m), splat(1.0));
    let z = mul(m, m);
    let p = horner!(m, 7.037_683_6e-2, -1.151_461e-1, 1.167_699_9e-1, -1.242_014_1e-1, 1.424_932_3e-1, -1.666_805_7e-1, 2.000_071_5e-1, -2.499_999_4e-1, 3.333_333_1e-1);
    let y = madd(e, splat(-2.121_944_4e-4), mul(mul(p, m), z));
    let y = madd(z, splat(-0.5), y);
    let y = madd(e, splat(0.693_359_4), add(m, y));
    let infinite = splat(f32::INFINITY);
    let y = if_equal(x, infinite, infinite, y);
    let y = if_equal(x, splat(0.0), splat(f32::NEG_INFINITY), y);
    // Below zero, and NaN: x − x is 0 for all others but infinities, which are settled.
    if_less(x, splat(0.0), splat(f32::NAN), if_equal(x, x, y, x))
}

#[inline(always)]
pub fn tanh4(x: F) -> F {
    let z = mul(x, x);
    let p = horner!(z, -5.704_988_7e-3, 2.063_908_9e-2, -5.373_971_6e-2, 1.333_144_2e-1, -3.333_328_2e-1);
    let near = madd(mul(p, z), x, x);
    let size = abs(x);
    let e = exp4(add(size, size));
    let far = sub(splat(1.0), div(splat(2.0), add(e, splat(1.0))));
    if_less(size, splat(0.625), near, with_sign(far, x))
}

#[inline(always)]
pub fn erf4(x: F) -> F {
    let (t, s) = (abs(x), mul(x, x));
    let high = madd(splat(-1.728_534_7e-5), t, splat(3.831_971_3e-4));
    let low = madd(splat(-3.883_964_4e-3), t, splat(2.425_462_2e-2));
    let mut r = madd(high, s, low);
    r = madd(r, t, splat(-1.067_778_8e-1));
    r = madd(r, t, splat(-6.348_467e-1));
    r = madd(r, t, splat(-1.287_175_1e-1));
    r = madd(r, t, sub(splat(0.0), t));
    let far = with_sign(sub(splat(1.0), exp4(r)), x);
    let p = horner!(s, -5.967_617e-4, 4.991_194_2e-3, -2.676_813_5e-2, 1.128_199_3e-1, -3.761_253_4e-1, 1.283_791_7e-1);
    // An infinity has no s·t of its sign; what is larger than 9 is 1 in any case.
    let far = if_less(splat(9.0), t, with_sign(splat(1.0), x), far);
    if_less(splat(0.927_734_4), t, far, madd(p, x, x))
}

/// x^p by way of the logarithm. `kind` of p: 0 no whole number, 1 odd, 2 even.
#[inline(always)]
fn power4(x: F, p: f32, kind: u32) -> F {
    let y = exp4(mul(splat(p), log4(abs(x))));
    match kind {
        0 => {
            let lost = if_equal(x, splat(f32::NEG_INFINITY), y, splat(f32::NAN));
            if_less(x, splat(0.0), lost, y)
        }
        1 => with_sign(y, x),
        _ => y,
    }
}

macro_rules! map {
    ($name:ident, $f:expr) => {
        /// y[i] = f(x[i]), begin..end.
        #[no_mangle]
        pub unsafe extern "C" fn $name(begin: usize, end: usize, x: *const f32, y: *mut f32) {
            each(end - begin, x.add(begin), y.add(begin), $f)
        }
    };
}
map!(absolute, abs);
map!(sign, |v| {
    let zero = splat(0.0);
    if_less(zero, v, splat(1.0), if_less(v, zero, splat(-1.0), sub(v, v)))
});
map!(sqrt_map, sqrt);
map!(rsqrt, |v| div(splat(1.0), sqrt(v)));
map!(log, log4);
map!(tanh, tanh4);
map!(erf, erf4);
map!(silu, |v| mul(v, sigmoid4(v)));
map!(gelu, |v| {
    let root = mul(v, splat(core::f32::consts::FRAC_1_SQRT_2));
    mul(mul(v, splat(0.5)), add(splat(1.0), erf4(root)))
});
map!(gelu_tanh, |v| {
    let cube = mul(mul(v, v), mul(v, splat(0.044_715)));
    let t = tanh4(mul(splat(0.797_884_6), add(v, cube)));
    mul(mul(v, splat(0.5)), add(splat(1.0), t))
});

#[no_mangle]
pub unsafe extern "C" fn scale(begin: usize, end: usize, x: *const f32, factor: f32, y: *mut f32) {
    each(end - begin, x.add(begin), y.add(begin), |v| mul(v, splat(factor)))
}

#[no_mangle]
pub unsafe extern "C" fn leaky_relu(begin: usize, end: usize, x: *const f32, slope: f32, y: *mut f32) {
    each(end - begin, x.add(begin), y.add(begin), |v| if_negative(v, mul(v, splat(slope)), v))
}

#[no_mangle]
pub unsafe extern "C" fn power(begin: usize, end: usize, x: *const f32, p: f32, kind: u32, y: *mut f32) {
    each(end - begin, x.add(begin), y.add(begin), |v| power4(v, p, kind))
}

/// y[i] = c[i] != 0 ? a[i] : b[i].
#[no_mangle]
pub unsafe extern "C" fn select(begin: usize, end: usize, c: *const f32, a: *const f32, b: *const f32, y: *mut f32) {
    for i in begin..end {
        *y.add(i) = if *c.add(i) != 0.0 { *a.add(i) } else { *b.add(i) };
    }
}

/// 0, or x·factor where a hash of seed and place is at least the threshold (24 bits): Wellons' lowbias32.
#[no_mangle]
pub unsafe extern "C" fn dropout(
    begin: usize,
    end: usize,
    x: *const f32,
    seed: *const u32,
    threshold: u32,
    factor: f32,
    y: *mut f32,
) {
    let start = hash(*seed);
    for i in begin..end {
        let keep = hash(start.wrapping_add(i as u32)) >> 8 >= threshold;
        *y.add(i) = if keep { *x.add(i) * factor } else { 0.0 };
    }
}

#[inline(always)]
fn hash(x: u32) -> u32 {
    let h = (x ^ (x >> 16)).wrapping_mul(0x7feb_352d);
    let h = (h ^ (h >> 15)).wrapping_mul(0x846c_a68b);
    h ^ (h >> 16)
}
