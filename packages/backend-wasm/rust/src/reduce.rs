//! Reductions and running sums of rows and columns, and stretching, which is the other way.
use crate::simd::*;

/// [rows, n] → [n]: y[c] = scale · Σ x[·, c], columns begin..end.
#[no_mangle]
pub unsafe extern "C" fn sum_columns(begin: usize, end: usize, rows: usize, n: usize, x: *const f32, scale: f32, y: *mut f32) {
    let mut c = begin;
    while c + 4 <= end {
        let mut acc = splat(0.0);
        for r in 0..rows {
            acc = add(acc, load(x.add(r * n + c)));
        }
        store(y.add(c), mul(acc, splat(scale)));
        c += 4;
    }
    while c < end {
        let mut total = 0.0;
        for r in 0..rows {
            total += *x.add(r * n + c);
        }
        *y.add(c) = total * scale;
        c += 1;
    }
}

/// The largest of n > 0 numbers; NaN if one is.
#[inline(always)]
pub unsafe fn largest(n: usize, x: *const f32) -> f32 {
    let mut acc = load_splat(x);
    let mut i = 0;
    while i + 4 <= n {
        acc = max(acc, load(x.add(i)));
        i += 4;
    }
    while i < n {
        acc = max(acc, load_splat(x.add(i)));
        i += 1;
    }
    let [a, b, c, d] = lanes(acc);
    lanes(max(max(splat(a), splat(b)), max(splat(c), splat(d))))[0]
}

/// [rows, n] → [rows], n > 0.
#[no_mangle]
pub unsafe extern "C" fn max_rows(begin: usize, end: usize, n: usize, x: *const f32, y: *mut f32) {
    for r in begin..end {
        *y.add(r) = largest(n, x.add(r * n));
    }
}

/// y[r, ·] = x at x + r·ldx, along the row when `each` is 1; rows begin..end.
#[no_mangle]
pub unsafe extern "C" fn spread_rows(begin: usize, end: usize, n: usize, x: *const f32, ldx: usize, each: usize, y: *mut f32) {
    for r in begin..end {
        let (from, to) = (x.add(r * ldx), y.add(r * n));
        let one = load_splat(from);
        let mut i = 0;
        while i + 4 <= n {
            store(to.add(i), if each == 1 { load(from.add(i)) } else { one });
            i += 4;
        }
        while i < n {
            *to.add(i) = *from.add(i * each);
            i += 1;
        }
    }
}

/// Running sums along the middle of [outer, extent, inner], outer begin..end.
#[no_mangle]
pub unsafe extern "C" fn running_sum(
    begin: usize,
    end: usize,
    extent: usize,
    inner: usize,
    reverse: usize,
    x: *const f32,
    y: *mut f32,
) {
    for o in begin..end {
        for i in 0..inner {
            let mut total = 0.0;
            for e in 0..extent {
                let at = (o * extent + if reverse == 1 { extent - 1 - e } else { e }) * inner + i;
                total += *x.add(at);
                *y.add(at) = total;
            }
        }
    }
}
