//! Places of bits: a word of 64 marks says which columns are kept, and each that is set is visited.
//!
//! ```text
//!   bits   0 0 1 0 0 1 1 0 …     visited  2 5 6, eight at a time without a look at how many are left
//!   stored 2 5 6 _ _ _ _ _       what is written past the last, those of the next word cover
//! ```
//!
//! How many of a word are set is foreseen by nobody, how many eights of them mostly is.

/// Visits what is set in `bits` as (q, bit), q from 0 on: by eights, the last of them past what is set, where `bit` is 64.
#[inline(always)]
pub unsafe fn by_eights(mut bits: u64, mut visit: impl FnMut(usize, usize)) {
    let count = bits.count_ones() as usize;
    let mut q = 0;
    while q < count {
        for l in 0..8 {
            visit(q + l, bits.trailing_zeros() as usize);
            bits &= bits.wrapping_sub(1);
        }
        q += 8;
    }
}

/// Words for a row of columns.
#[inline(always)]
pub fn words_of(columns: usize) -> usize {
    (columns + 63) / 64
}

/// Which of `count` < 64 are.
#[inline(always)]
pub unsafe fn rest(count: usize, mut is: impl FnMut(usize) -> bool) -> u64 {
    let mut bits = 0;
    for j in 0..count {
        bits |= (is(j) as u64) << j;
    }
    bits
}

/// How far `by_eights` goes.
#[inline(always)]
pub fn eights(bits: u64) -> usize {
    (bits.count_ones() as usize + 7) & !7
}

/// Visits what is set in `bits` as (q, bit), and nothing else.
#[inline(always)]
pub unsafe fn one_by_one(mut bits: u64, mut visit: impl FnMut(usize, usize)) {
    let mut q = 0;
    while bits != 0 {
        visit(q, bits.trailing_zeros() as usize);
        bits &= bits - 1;
        q += 1;
    }
}

#[cfg(target_arch = "wasm32")]
mod word {
    use crate::simd::F;
    use core::arch::wasm32::*;

    /// Which of 64 numbers are not zero; `at` gives four of them.
    #[inline(always)]
    pub fn kept_word(mut at: impl FnMut(usize) -> F) -> u64 {
        let mut four = |j| f32x4_ne(at(j), f32x4_splat(0.0));
        let mut sixteen = |j| {
            let low = i16x8_narrow_i32x4(four(j), four(j + 4));
            let high = i16x8_narrow_i32x4(four(j + 8), four(j + 12));
            i8x16_bitmask(i8x16_narrow_i16x8(low, high)) as u64
        };
        sixteen(0) | sixteen(16) << 16 | sixteen(32) << 32 | sixteen(48) << 48
    }
    /// Bit r of each of 64 bytes.
    #[inline(always)]
    pub unsafe fn bit_word(bytes: *const u8, r: usize) -> u64 {
        let bit = u8x16_splat(1 << r);
        let sixteen = |j| {
            let v = v128_load(bytes.add(j) as *const v128);
            i8x16_bitmask(i8x16_eq(v128_and(v, bit), bit)) as u64
        };
        sixteen(0) | sixteen(16) << 16 | sixteen(32) << 32 | sixteen(48) << 48
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod word {
    use crate::simd::{lanes, F};

    pub fn kept_word(mut at: impl FnMut(usize) -> F) -> u64 {
        (0..64).map(|j| ((lanes(at(j / 4 * 4))[j % 4] != 0.0) as u64) << j).sum()
    }
    pub unsafe fn bit_word(bytes: *const u8, r: usize) -> u64 {
        (0..64).map(|j| ((*bytes.add(j) >> r & 1) as u64) << j).sum()
    }
}

pub use word::*;
