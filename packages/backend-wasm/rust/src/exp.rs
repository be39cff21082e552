//! exp and the logistic function, four at a time.
//!
//! x = n·ln2 + r with |r| ≤ ln2/2, exp(r) by a polynomial of degree 6 (Cephes), 2^n put together
//! from two halves so that the smallest results may be subnormal. Largest error found against f64:
//! see ABI.md.
use crate::simd::*;

#[inline(always)]
pub fn exp4(x: F) -> F {
    let x = lower(upper(x, splat(-104.0)), splat(89.0));
    let n = nearest(mul(x, splat(core::f32::consts::LOG2_E)));
    let r = madd(n, splat(-0.693_359_4), x);
    let r = madd(n, splat(2.121_944_4e-4), r);
    let mut p = splat(1.987_569_1e-4);
    for c in [1.398_2e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5] {
        p = madd(p, r, splat(c));
    }
    let e = add(madd(mul(r, r), p, r), splat(1.0));
    let half = nearest(mul(n, splat(0.5)));
    mul(mul(e, power_of_two(half)), power_of_two(sub(n, half)))
}

/// 1 / (1 + exp(-x)), through exp(-|x|), which cannot overflow.
#[inline(always)]
pub fn sigmoid4(x: F) -> F {
    let e = exp4(negative_abs(x));
    div(if_negative(x, e, splat(1.0)), add(splat(1.0), e))
}
