//! Masks that each number, or the largest of its row, decides: 1 where a number is kept, else 0. Numbers are
//! all finite, which `unordered` looks for first; a kernel may drop them where it made them.
//!
//! Ranges may be other threads': whoever finds a number that is not finite says so in one word, and all say the same.
use crate::elementwise::row1;
use crate::simd::*;

/// The first place in begin..end where x is not finite, else end.
#[no_mangle]
pub unsafe extern "C" fn first_unordered(begin: usize, end: usize, x: *const f32) -> usize {
    let mut i = begin;
    while i + 16 <= end {
        // x − x is 0 where x is finite, NaN elsewhere; so is a sum of these.
        let v = [
            load(x.add(i)),
            load(x.add(i + 4)),
            load(x.add(i + 8)),
            load(x.add(i + 12)),
        ];
        let rest = add(
            add(sub(v[0], v[0]), sub(v[1], v[1])),
            add(sub(v[2], v[2]), sub(v[3], v[3])),
        );
        if sum(rest) != 0.0 {
            break;
        }
        i += 16;
    }
    while i < end && (*x.add(i)).is_finite() {
        i += 1;
    }
    i
}

/// found = 1 where some x is not finite; numbers begin..end.
#[no_mangle]
pub unsafe extern "C" fn unordered(begin: usize, end: usize, x: *const f32, found: *mut f32) {
    if first_unordered(begin, end, x) < end {
        *found = 1.0;
    }
}

/// x[at].
#[no_mangle]
pub unsafe extern "C" fn number_at(x: *const f32, at: usize) -> f32 {
    *x.add(at)
}

/// y = x is not 0; numbers begin..end. A NaN is not.
#[no_mangle]
pub unsafe extern "C" fn keep_nonzero(begin: usize, end: usize, x: *const f32, y: *mut f32) {
    row1(end - begin, x.add(begin), y.add(begin), |v| {
        if_equal(v, splat(0.0), splat(0.0), splat(1.0))
    });
}

/// y = x where the mask is not 0, else 0; numbers begin..end.
#[no_mangle]
pub unsafe extern "C" fn masked(begin: usize, end: usize, x: *const f32, mask: *const f32, y: *mut f32) {
    let mut i = begin;
    while i + 4 <= end {
        store(
            y.add(i),
            if_equal(load(mask.add(i)), splat(0.0), splat(0.0), load(x.add(i))),
        );
        i += 4;
    }
    while i < end {
        *y.add(i) = if *mask.add(i) == 0.0 { 0.0 } else { *x.add(i) };
        i += 1;
    }
}

/// The least float that is not below a number ≥ 0, and not 0.
#[inline(always)]
fn upwards(least: f64) -> f32 {
    let near = least as f32;
    let up = if (near as f64) < least {
        f32::from_bits(near.to_bits() + 1)
    } else {
        near
    };
    up.max(f32::from_bits(1))
}

/// The greater of two numbers, neither of them NaN.
#[inline(always)]
fn greater(a: F, b: F) -> F {
    if_less(a, b, b, a)
}

/// The mask of n numbers by their magnitude.
#[inline(always)]
unsafe fn least_of(n: usize, x: *const f32, least: f64, y: *mut f32) {
    let least = splat(upwards(least));
    row1(n, x, y, |v| if_less(abs(v), least, splat(0.0), splat(1.0)));
}

/// y = |x| is not 0 and at least `value`, or that share of the largest |x| of its row; rows begin..end of n.
#[no_mangle]
pub unsafe extern "C" fn keep_least(
    begin: usize,
    end: usize,
    n: usize,
    x: *const f32,
    value: f64,
    share: u32,
    y: *mut f32,
) {
    if share == 0 {
        return least_of((end - begin) * n, x.add(begin * n), value, y.add(begin * n));
    }
    for r in begin..end {
        let from = x.add(r * n);
        let mut top = splat(0.0);
        let mut i = 0;
        while i + 4 <= n {
            top = greater(top, abs(load(from.add(i))));
            i += 4;
        }
        while i < n {
            top = greater(top, abs(load_splat(from.add(i))));
            i += 1;
        }
        let [a, b, c, d] = lanes(top);
        let top = lanes(greater(greater(splat(a), splat(b)), greater(splat(c), splat(d))))[0];
        least_of(n, from, value * top as f64, y.add(r * n));
    }
}

/// y = 0 where |y| < least, and where it is −0; numbers begin..end. Where one is not finite found = 1, and nothing is
/// dropped of these.
#[no_mangle]
pub unsafe extern "C" fn drop_small(begin: usize, end: usize, least: f64, y: *mut f32, found: *mut f32) {
    if first_unordered(begin, end, y) < end {
        *found = 1.0;
        return;
    }
    let least = splat(upwards(least));
    row1(end - begin, y.add(begin), y.add(begin), |v| if_less(abs(v), least, splat(0.0), v));
}
