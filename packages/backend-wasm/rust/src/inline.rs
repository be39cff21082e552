//! A sparsifier inside a kernel: what was just made is looked at where it lies, and small numbers become 0.
use crate::elementwise::row1;
use crate::simd::*;

/// y = 0 where |y| < least; numbers begin..end, which are all finite: else the first place that is not comes back,
/// and nothing is dropped.
#[no_mangle]
pub unsafe extern "C" fn drop_small(begin: usize, end: usize, least: f32, y: *mut f32) -> usize {
    let mut i = begin;
    while i + 4 <= end {
        // y − y is 0 where y is finite, NaN elsewhere.
        let v = load(y.add(i));
        if lanes(sub(v, v)) != [0.0; 4] {
            break;
        }
        i += 4;
    }
    while i < end && (*y.add(i)).is_finite() {
        i += 1;
    }
    if i == end {
        // −0 becomes 0, as everything that is dropped.
        row1(end - begin, y.add(begin), y.add(begin), |v| {
            if_less(abs(v), splat(least), splat(0.0), if_equal(v, splat(0.0), splat(0.0), v))
        });
    }
    i
}
