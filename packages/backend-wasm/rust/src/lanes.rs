//! CSR times one position, rows by fours: lanes are rows, so that no sum is added across.
//!
//! ```text
//!   row a   ■ · ■ ■ · ■ ■      round 0   a0 b0 c0 d0     4 offsets, 4 values; x at each offset
//!   row b   ■ ■ · ■ · · ■      round 1   a1 b1 c1 d1
//!   row c   · ■ ■ · ■ · ·      round 2   a2 b2 c2 d2
//!   row d   ■ · · ■ · ■ ·      rest      a3 a4, b3       offset, value
//! ```
//!
//! Rows of like length go together, so that the rest is next to nothing. A round is a multiply-add, a load of
//! values, four of x into lanes and four of offsets; rounds go in four chains.
//!
//!   ends u32[groups][9]   first value, ends of the rounds and of the rest of the three longer rows; the four rows, the
//!                         longest first; offsets are bytes of x, u16
use crate::simd::*;
use crate::vector::finish;

/// y = act(W·x + bias), groups of four rows begin..end of ceil(M/4).
#[no_mangle]
pub unsafe extern "C" fn csr_lanes(
    begin: usize,
    end: usize,
    m: usize,
    ends: *const u32,
    offsets: *const u16,
    values: *const f32,
    x: *const f32,
    bias: *const f32,
    act: u32,
    y: *mut f32,
) {
    for group in begin..end {
        let bound = |i: usize| *ends.add(9 * group + i) as usize;
        let mut value = values.add(bound(0));
        let mut offset = offsets.add(bound(0));
        let stop = values.add(bound(1));
        let mut acc = [splat(0.0); 4];
        while value.add(16) <= stop {
            for u in 0..4 {
                acc[u] = madd(load(value.add(4 * u)), four(x, offset.add(4 * u)), acc[u]);
            }
            (value, offset) = (value.add(16), offset.add(16));
        }
        while value < stop {
            acc[0] = madd(load(value), four(x, offset), acc[0]);
            (value, offset) = (value.add(4), offset.add(4));
        }
        let mut totals = lanes(add(add(acc[0], acc[1]), add(acc[2], acc[3])));
        for l in 0..3 {
            let stop = values.add(bound(2 + l));
            while value < stop {
                totals[l] += *value * *at(x, offset);
                (value, offset) = (value.add(1), offset.add(1));
            }
        }
        for l in 0..4 {
            if bound(5 + l) < m {
                finish(bound(5 + l), totals[l], bias, act, y);
            }
        }
    }
}

#[inline(always)]
unsafe fn at(x: *const f32, offset: *const u16) -> *const f32 {
    (x as *const u8).add(*offset as usize) as *const f32
}
#[inline(always)]
unsafe fn four(x: *const f32, offset: *const u16) -> F {
    collect(core::array::from_fn(|l| at(x, offset.add(l))))
}
