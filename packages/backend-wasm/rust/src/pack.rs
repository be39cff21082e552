//! X into panels of w positions, zero padded, and the transpose.
//!
//! ```text
//!   X [K,N]    a a a a b b b b c c      panels, w = 4    [K][a a a a] [K][b b b b] [K][c c 0 0]
//! ```
//!
//! A panel is walked with the small stride w, so that no power-of-two row length meets the cache's
//! sets; padding is written as zero and never reaches an output.
use crate::simd::*;

/// X [K,N], row stride ldx → y [ceil(N/w)][K][w], w a multiple of 4. Panels begin..end.
#[no_mangle]
pub unsafe extern "C" fn pack(
    begin: usize,
    end: usize,
    k: usize,
    n: usize,
    w: usize,
    x: *const f32,
    ldx: usize,
    y: *mut f32,
) {
    pack_padded(begin, end, k, k, n, w, x, ldx, y)
}

/// The same with panels of `rows` ≥ K rows, those past K zero.
#[no_mangle]
pub unsafe extern "C" fn pack_padded(
    begin: usize,
    end: usize,
    rows: usize,
    k: usize,
    n: usize,
    w: usize,
    x: *const f32,
    ldx: usize,
    y: *mut f32,
) {
    for panel in begin..end {
        let at = panel * w;
        let valid = if n - at < w { n - at } else { w };
        let mut to = y.add(panel * rows * w);
        for row in 0..k {
            let from = x.add(row * ldx + at);
            let mut c = 0;
            while c + 4 <= valid {
                store(to.add(c), load(from.add(c)));
                c += 4;
            }
            while c < w {
                let mut four = [0.0; 4];
                for l in 0..4 {
                    if c + l < valid {
                        four[l] = *from.add(c + l);
                    }
                }
                for l in 0..4 {
                    *to.add(c + l) = four[l];
                }
                c += 4;
            }
            to = to.add(w);
        }
        zero(to, (rows - k) * w);
    }
}

/// X given as [N,K], row stride ldx (a linear layer's x) → the same panels. Panels begin..end.
#[no_mangle]
pub unsafe extern "C" fn pack_t(
    begin: usize,
    end: usize,
    k: usize,
    n: usize,
    w: usize,
    x: *const f32,
    ldx: usize,
    y: *mut f32,
) {
    pack_t_padded(begin, end, k, k, n, w, x, ldx, y)
}

/// The same with panels of `rows` ≥ K rows, those past K zero.
#[no_mangle]
pub unsafe extern "C" fn pack_t_padded(
    begin: usize,
    end: usize,
    rows: usize,
    k: usize,
    n: usize,
    w: usize,
    x: *const f32,
    ldx: usize,
    y: *mut f32,
) {
    for panel in begin..end {
        let to = y.add(panel * rows * w);
        let mut c = 0;
        while c < w {
            let at = panel * w + c;
            let valid = if at >= n { 0 } else { (n - at).min(4) };
            columns(x.add(at * ldx), ldx, valid, k, to.add(c), w);
            c += 4;
        }
        zero(to.add(k * w), (rows - k) * w);
    }
}

/// n floats, a multiple of 4.
#[inline(always)]
unsafe fn zero(y: *mut f32, n: usize) {
    let mut i = 0;
    while i < n {
        store(y.add(i), splat(0.0));
        i += 4;
    }
}

/// [R,C] with stride ldx → [C,R] with stride ldy. Rows of the output begin..end (columns of x).
/// Eight rows of x go at once, so that half a cache line is written while it is near.
#[no_mangle]
pub unsafe extern "C" fn transpose_2d(
    begin: usize,
    end: usize,
    r: usize,
    x: *const f32,
    ldx: usize,
    y: *mut f32,
    ldy: usize,
) {
    let mut i = 0;
    while i + 8 <= r {
        let mut j = begin;
        while j + 4 <= end {
            let from = x.add(i * ldx + j);
            let to = y.add(j * ldy + i);
            for half in 0..2 {
                let rows = core::array::from_fn(|l| load(from.add((4 * half + l) * ldx)));
                let out = transpose(rows);
                for l in 0..4 {
                    store(to.add(l * ldy + 4 * half), out[l]);
                }
            }
            j += 4;
        }
        for j in j..end {
            for l in 0..8 {
                *y.add(j * ldy + i + l) = *x.add((i + l) * ldx + j);
            }
        }
        i += 8;
    }
    while i < r {
        for j in begin..end {
            *y.add(j * ldy + i) = *x.add(i * ldx + j);
        }
        i += 1;
    }
}

/// `valid` ≤ 4 rows of k floats → k rows of 4, stride ldy, the missing rows zero.
#[inline(always)]
pub unsafe fn columns(x: *const f32, ldx: usize, valid: usize, k: usize, y: *mut f32, ldy: usize) {
    let mut i = 0;
    if valid == 4 {
        while i + 4 <= k {
            let rows = [
                load(x.add(i)),
                load(x.add(ldx + i)),
                load(x.add(2 * ldx + i)),
                load(x.add(3 * ldx + i)),
            ];
            let out = transpose(rows);
            for l in 0..4 {
                store(y.add((i + l) * ldy), out[l]);
            }
            i += 4;
        }
    }
    while i < k {
        for l in 0..4 {
            *y.add(i * ldy + l) = if l < valid { *x.add(l * ldx + i) } else { 0.0 };
        }
        i += 1;
    }
}
