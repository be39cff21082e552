//! Four floats in one `v128`.
use core::arch::wasm32::*;

pub type F = v128;

#[inline(always)]
pub unsafe fn load(p: *const f32) -> F {
    v128_load(p as *const v128)
}
/// N ≤ 4 numbers in the first lanes.
#[inline(always)]
pub unsafe fn load_some<const N: usize>(p: *const f32) -> F {
    match N {
        1 => v128_load32_zero(p as *const u32),
        2 => v128_load64_zero(p as *const u64),
        3 => v128_load32_lane::<2>(v128_load64_zero(p as *const u64), p.add(2) as *const u32),
        _ => load(p),
    }
}
#[inline(always)]
pub unsafe fn store(p: *mut f32, v: F) {
    v128_store(p as *mut v128, v)
}
#[inline(always)]
pub unsafe fn load_splat(p: *const f32) -> F {
    v128_load32_splat(p as *const u32)
}
/// Four numbers of an array, wherever they are.
#[inline(always)]
pub unsafe fn gather(x: *const f32, at: [usize; 4]) -> F {
    collect(at.map(|i| x.add(i)))
}
/// Four numbers, wherever they are.
#[inline(always)]
pub unsafe fn collect(at: [*const f32; 4]) -> F {
    let v = v128_load32_zero(at[0] as *const u32);
    let v = v128_load32_lane::<1>(v, at[1] as *const u32);
    let v = v128_load32_lane::<2>(v, at[2] as *const u32);
    v128_load32_lane::<3>(v, at[3] as *const u32)
}
#[inline(always)]
pub fn splat(x: f32) -> F {
    f32x4_splat(x)
}
#[inline(always)]
pub fn add(a: F, b: F) -> F {
    f32x4_add(a, b)
}
#[inline(always)]
pub fn sub(a: F, b: F) -> F {
    f32x4_sub(a, b)
}
#[inline(always)]
pub fn mul(a: F, b: F) -> F {
    f32x4_mul(a, b)
}
#[inline(always)]
pub fn div(a: F, b: F) -> F {
    f32x4_div(a, b)
}
/// a·b + c
#[inline(always)]
pub fn madd(a: F, b: F, c: F) -> F {
    #[cfg(target_feature = "relaxed-simd")]
    return f32x4_relaxed_madd(a, b, c);
    #[cfg(not(target_feature = "relaxed-simd"))]
    return f32x4_add(c, f32x4_mul(a, b));
}
/// max(v, floor), keeping a NaN of v.
#[inline(always)]
pub fn upper(v: F, floor: F) -> F {
    v128_bitselect(floor, v, f32x4_lt(v, floor))
}
/// min(v, ceiling), keeping a NaN of v.
#[inline(always)]
pub fn lower(v: F, ceiling: F) -> F {
    v128_bitselect(ceiling, v, f32x4_lt(ceiling, v))
}
#[inline(always)]
pub fn max(a: F, b: F) -> F {
    f32x4_max(a, b)
}
#[inline(always)]
pub fn min(a: F, b: F) -> F {
    f32x4_min(a, b)
}
/// v < 0 ? a : b, lane by lane.
#[inline(always)]
pub fn if_negative(v: F, a: F, b: F) -> F {
    v128_bitselect(a, b, f32x4_lt(v, f32x4_splat(0.0)))
}
#[inline(always)]
pub fn negative_abs(v: F) -> F {
    v128_or(v, f32x4_splat(-0.0))
}
#[inline(always)]
pub fn lanes(v: F) -> [f32; 4] {
    [
        f32x4_extract_lane::<0>(v),
        f32x4_extract_lane::<1>(v),
        f32x4_extract_lane::<2>(v),
        f32x4_extract_lane::<3>(v),
    ]
}
#[inline(always)]
pub fn even(a: F, b: F) -> F {
    i32x4_shuffle::<0, 2, 4, 6>(a, b)
}
#[inline(always)]
pub fn odd(a: F, b: F) -> F {
    i32x4_shuffle::<1, 3, 5, 7>(a, b)
}
#[inline(always)]
pub fn low(a: F, b: F) -> F {
    i32x4_shuffle::<0, 4, 1, 5>(a, b)
}
#[inline(always)]
pub fn high(a: F, b: F) -> F {
    i32x4_shuffle::<2, 6, 3, 7>(a, b)
}
#[inline(always)]
pub fn low_halves(a: F, b: F) -> F {
    i32x4_shuffle::<0, 1, 4, 5>(a, b)
}
#[inline(always)]
pub fn high_halves(a: F, b: F) -> F {
    i32x4_shuffle::<2, 3, 6, 7>(a, b)
}
/// Lane `l` of v in all four.
#[inline(always)]
pub fn splat_lane(v: F, l: usize) -> F {
    match l {
        0 => i32x4_shuffle::<0, 0, 0, 0>(v, v),
        1 => i32x4_shuffle::<1, 1, 1, 1>(v, v),
        2 => i32x4_shuffle::<2, 2, 2, 2>(v, v),
        _ => i32x4_shuffle::<3, 3, 3, 3>(v, v),
    }
}
/// The bits of either.
#[inline(always)]
pub fn either(a: F, b: F) -> F {
    v128_or(a, b)
}
#[inline(always)]
pub fn nearest(v: F) -> F {
    f32x4_nearest(v)
}
#[inline(always)]
pub fn sqrt(v: F) -> F {
    f32x4_sqrt(v)
}
#[inline(always)]
pub fn abs(v: F) -> F {
    f32x4_abs(v)
}
/// p < q ? a : b, lane by lane; a NaN is not less.
#[inline(always)]
pub fn if_less(p: F, q: F, a: F, b: F) -> F {
    v128_bitselect(a, b, f32x4_lt(p, q))
}
/// p = q ? a : b, lane by lane.
#[inline(always)]
pub fn if_equal(p: F, q: F, a: F, b: F) -> F {
    v128_bitselect(a, b, f32x4_eq(p, q))
}
/// |v| with the sign of s.
#[inline(always)]
pub fn with_sign(v: F, s: F) -> F {
    v128_bitselect(s, v, f32x4_splat(-0.0))
}
/// Bytes of v by their numbers 0..16 in `by`; 0x80 gives zero.
#[inline(always)]
pub fn shuffle(v: F, by: F) -> F {
    #[cfg(target_feature = "relaxed-simd")]
    return i8x16_relaxed_swizzle(v, by);
    #[cfg(not(target_feature = "relaxed-simd"))]
    return i8x16_swizzle(v, by);
}
#[inline(always)]
pub fn or(a: F, b: F) -> F {
    v128_or(a, b)
}
/// e and m with v = m·2^e and m in 0.5..1, for positive normal v.
#[inline(always)]
pub fn split(v: F) -> (F, F) {
    let e = f32x4_convert_i32x4(i32x4_sub(u32x4_shr(v, 23), i32x4_splat(126)));
    (e, v128_or(v128_and(v, u32x4_splat(0x7f_ffff)), u32x4_splat(0x3f00_0000)))
}
/// 2^n for whole n in -126..=127.
#[inline(always)]
pub fn power_of_two(n: F) -> F {
    i32x4_shl(i32x4_add(i32x4_trunc_sat_f32x4(n), i32x4_splat(127)), 23)
}
