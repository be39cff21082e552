//! X into panels of 24 floats a row whose positions are as even as possible: a narrow last one runs at half the speed.
//!
//! ```text
//!   N = 128   24 24 20 20 20 20      where panels of 24 would be   24 24 24 24 24 8
//! ```
use crate::pack::columns;
use crate::simd::{load, store};
use crate::tiles::{ceil, quotient, remainder};

/// Vectors of a panel at most.
pub const MOST: usize = 6;
/// Floats from one row of a panel to the next.
pub const STRIDE: usize = 4 * MOST;

/// Positions n in panels of `panel`, or as even as possible where that is 0: where panel `index` begins, and its
/// vectors.
#[inline(always)]
pub fn panel_of(index: usize, n: usize, panel: usize) -> (usize, usize) {
    let vectors = ceil(n, 4);
    if panel > 0 {
        return (panel * index, (vectors - MOST * index).min(MOST));
    }
    let panels = ceil(vectors, MOST);
    let (base, extra) = (quotient(vectors, panels), remainder(vectors, panels));
    (4 * (index * base + index.min(extra)), base + (index < extra) as usize)
}

/// X [K, N] (row stride ldx; [N, K] when `turned`) → panels [ceil(N/24)][K][24], begin..end of them.
#[no_mangle]
pub unsafe extern "C" fn pack_even(
    begin: usize,
    end: usize,
    k: usize,
    n: usize,
    turned: usize,
    x: *const f32,
    ldx: usize,
    y: *mut f32,
) {
    for index in begin..end {
        let (at, vectors) = panel_of(index, n, 0);
        let to = y.add(index * k * STRIDE);
        if turned != 0 {
            for c in 0..vectors {
                let valid = (n - at - 4 * c).min(4);
                columns(x.add((at + 4 * c) * ldx), ldx, valid, k, to.add(4 * c), STRIDE);
            }
            continue;
        }
        let whole = vectors.min((n - at) / 4);
        macro_rules! go {
            ($($t:literal)*) => {
                match whole {
                    $($t => rows::<$t>(x.add(at), ldx, k, to),)*
                    _ => {}
                }
            };
        }
        go!(1 2 3 4 5 6);
        if whole < vectors {
            last(x.add(at + 4 * whole), ldx, n - at - 4 * whole, k, to.add(4 * whole));
        }
    }
}

/// k rows of T vectors.
#[inline(always)]
unsafe fn rows<const T: usize>(x: *const f32, ldx: usize, k: usize, y: *mut f32) {
    for i in 0..k {
        for t in 0..T {
            store(y.add(i * STRIDE + 4 * t), load(x.add(i * ldx + 4 * t)));
        }
    }
}

/// k rows of `valid` < 4 floats, the rest zero.
#[inline(always)]
unsafe fn last(x: *const f32, ldx: usize, valid: usize, k: usize, y: *mut f32) {
    for i in 0..k {
        for l in 0..4 {
            *y.add(i * STRIDE + l) = if l < valid { *x.add(i * ldx + l) } else { 0.0 };
        }
    }
}
