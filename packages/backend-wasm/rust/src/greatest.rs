//! The greatest |x| of one long run in pieces, which threads share: 1 where a number is kept, else 0. What `select`
//! finds by itself, and to the bit.
//!
//! ```text
//!   round r    digits   of each piece, how often each digit r of |x| occurs after those found so far
//!              digit    summed over pieces: the digit of the greatest that is dropped, and its rank among those
//!   at last    keep     |x| above it; of those as great, as many as are kept before a piece is known
//! ```
use crate::elementwise::row1;
use crate::simd::*;
use core::hint::black_box; // loops that stay loops
use core::mem::MaybeUninit;

const DIGITS: usize = 256;
/// Numbers of a piece.
const PIECE: usize = 16384;

/// Words that rounds hand on.
#[repr(C)]
pub struct Found {
    /// Digits so far.
    key: u32,
    /// Among those that have them, the place of the greatest that is dropped, and how many they are.
    rank: u32,
    equal: u32,
}

#[inline(always)]
unsafe fn key(x: *const f32) -> u32 {
    (*x).to_bits() << 1
}

/// Adds how often each digit at `shift` occurs among `n` keys to counts[256].
#[inline(always)]
unsafe fn count(n: usize, at: impl Fn(usize) -> u32, shift: u32, counts: *mut u32) {
    // Neighbours count in four tables, so that equal digits need not wait for each other.
    let mut tables = MaybeUninit::<[u32; 4 * DIGITS]>::uninit();
    let to = tables.as_mut_ptr() as *mut u32;
    for d in 0..black_box(4 * DIGITS) {
        *to.add(d) = 0;
    }
    for i in 0..n {
        *to.add(i % 4 * DIGITS + (at(i) >> shift) as usize % DIGITS) += 1;
    }
    for d in 0..black_box(DIGITS) {
        let of = to.add(d);
        *counts.add(d) = *of + *of.add(DIGITS) + *of.add(2 * DIGITS) + *of.add(3 * DIGITS);
    }
}

/// counts[piece][256] of digit `round` of the keys of x that begin with what is found; pieces begin..end of n numbers.
/// From the first round on these keys are kept where a piece of `keys` begins, `left[piece]` of them.
#[no_mangle]
pub unsafe extern "C" fn digits(
    begin: usize,
    end: usize,
    n: usize,
    round: u32,
    x: *const f32,
    found: *const Found,
    counts: *mut u32,
    keys: *mut u32,
    left: *mut u32,
) {
    let shift = 24 - 8 * round;
    for piece in begin..end {
        let (first, counts) = (piece * PIECE, counts.add(piece * DIGITS));
        let (all, x, keys) = (PIECE.min(n - first), x.add(first), keys.add(first));
        if round == 0 {
            count(all, |i| key(x.add(i)), shift, counts);
            continue;
        }
        let mut kept = 0;
        let mut keep = |key: u32| {
            *keys.add(kept) = key;
            kept += (key >> (shift + 8) == (*found).key) as usize;
        };
        if round == 1 {
            for i in 0..all {
                keep(key(x.add(i)));
            }
        } else {
            for i in 0..*left.add(piece) as usize {
                keep(*keys.add(i));
            }
        }
        *left.add(piece) = kept as u32;
        count(kept, |i| *keys.add(i), shift, counts);
    }
}

/// Finds digit `round` of the `drop`-th least key, 0 < drop ≤ n; after the last, starts[piece] = as great ones before
/// each of `pieces` pieces, and behind them all of these. One unit, 0..1.
#[no_mangle]
pub unsafe extern "C" fn digit(
    begin: usize,
    end: usize,
    pieces: usize,
    round: u32,
    drop: usize,
    counts: *const u32,
    found: *mut Found,
    starts: *mut u32,
) {
    if begin >= end {
        return;
    }
    if round == 0 {
        *found = Found { key: 0, rank: drop as u32 - 1, equal: 0 };
    }
    for d in 0..black_box(DIGITS) {
        let mut here = 0;
        for piece in 0..pieces {
            *starts.add(piece) = here;
            here += *counts.add(piece * DIGITS + d);
        }
        *starts.add(pieces) = here;
        if (*found).rank < here {
            (*found).key = (*found).key << 8 | d as u32;
            (*found).equal = here;
            return;
        }
        (*found).rank -= here;
    }
}

/// The mask of pieces begin..end of n numbers; of equal ones the first stay, or the last when `last` is 1.
#[no_mangle]
pub unsafe extern "C" fn keep_found(
    begin: usize,
    end: usize,
    n: usize,
    last: u32,
    x: *const f32,
    y: *mut f32,
    found: *const Found,
    starts: *const u32,
) {
    let Found { key, rank, equal } = *found;
    let limit = f32::from_bits(key >> 1);
    // Up to here those as great as the limit are dropped, or kept; then they are not.
    let turn = if last == 1 { rank + 1 } else { equal - rank - 1 };
    for piece in begin..end {
        let (first, stop) = (piece * PIECE, n.min((piece + 1) * PIECE));
        let (before, after) = (*starts.add(piece), *starts.add(piece + 1));
        let mut left = turn.saturating_sub(before).min(after - before);
        let mut i = first;
        while i < stop && left > 0 && left < after - before {
            let v = (*x.add(i)).abs();
            *y.add(i) = (v > limit || (last == 0 && v == limit)) as u32 as f32;
            left -= (v == limit) as u32;
            i += 1;
        }
        // All that are left are on one side.
        let kept = (left == 0) == (last == 1);
        let least = if kept { limit } else { f32::from_bits(limit.to_bits() + 1) };
        row1(stop - i, x.add(i), y.add(i), |v| {
            if_less(abs(v), splat(least), splat(0.0), splat(1.0))
        });
    }
}
