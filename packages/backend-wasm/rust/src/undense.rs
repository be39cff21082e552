//! Storage back to row-major numbers: rows of blocks (csr is v = c = 1) and n:m:g, without a flat index.
//!
//! ```text
//!   group of v rows   0 0 0 0 0 0    zeros first, a few KB that stay in L1
//!                     0 a 0 0 c 0    then y[row][crd[q]·c + i] = values[q][r][i]
//!                     0 b 0 0 d 0
//! ```
//!
//! A number stored costs a load and a store, a block a load of its coordinate, four zeros a store. Of n:m:g a column of
//! a block is a vector, zeros included, and four of them are turned into rows.
use crate::grouped::{Grouped, Tile};
use crate::simd::{splat, store};
use crate::tiles::{quotient, Crd};

#[inline(always)]
unsafe fn zeros(y: *mut f32, n: usize) {
    let mut i = 0;
    while i + 4 <= n {
        store(y.add(i), splat(0.0));
        i += 4;
    }
    while i < n {
        *y.add(i) = 0.0;
        i += 1;
    }
}

#[inline(always)]
unsafe fn column<const BYTES: usize>(crd: *const u8, q: usize) -> usize {
    if BYTES == 2 {
        *(crd as *const u16).add(q) as usize
    } else {
        *(crd as *const u32).add(q) as usize
    }
}

/// Blocks of a column, V rows of the matrix each.
#[inline(always)]
unsafe fn columns<const BYTES: usize, const V: usize>(
    (from, stop): (usize, usize),
    crd: *const u8,
    values: *const f32,
    y: *mut f32,
    k: usize,
) {
    for q in from..stop {
        let to = y.add(column::<BYTES>(crd, q));
        for r in 0..V {
            *to.add(r * k) = *values.add(q * V + r);
        }
    }
}

/// y [m, k] of blocks of v × c; groups of v rows begin..end.
#[no_mangle]
pub unsafe extern "C" fn blocks_dense(
    begin: usize,
    end: usize,
    v: usize,
    c: usize,
    m: usize,
    k: usize,
    pos: *const u32,
    crd: *const u8,
    crd_bytes: usize,
    values: *const f32,
    y: *mut f32,
) {
    for group in begin..end {
        let rows = v.min(m - group * v);
        let y = y.add(group * v * k);
        zeros(y, rows * k);
        let own = (*pos.add(group) as usize, *pos.add(group + 1) as usize);
        macro_rules! go {
            ($($bytes:literal $v:literal)*) => {
                match (crd_bytes, v, c == 1 && rows == v) {
                    $(($bytes, $v, true) => columns::<$bytes, $v>(own, crd, values, y, k),)*
                    _ => {
                        let crd = Crd::new(crd, crd_bytes);
                        for q in own.0..own.1 {
                            let j = crd.at(q) * c;
                            let width = c.min(k - j);
                            for r in 0..rows {
                                for i in 0..width {
                                    *y.add(r * k + j + i) = *values.add((q * v + r) * c + i);
                                }
                            }
                        }
                    }
                }
            };
        }
        go!(2 1  2 2  2 4  2 8  2 16  4 1  4 2  4 4  4 8  4 16);
    }
}

/// Numbers that are near: 128 KB of them.
const NEAR: usize = 32768;

/// y [m, k] of an n:m:g whose table has a byte a row, and whose columns have two; blocks begin..end of
/// ceil(m / block).
#[no_mangle]
pub unsafe extern "C" fn nmg_dense(
    begin: usize,
    end: usize,
    m: usize,
    k: usize,
    n: usize,
    block: usize,
    g: usize,
    patterns: usize,
    order: *const u8,
    crd: *const u8,
    values: *const f32,
    y: *mut f32,
) {
    let from = Grouped { m, k, n, block, g, patterns, order, crd, values };
    let mut tile = Tile::new();
    let tiles = tile.suits(&from);
    // Some blocks at a time: what a chunk holds of neighbours lies side by side, and their rows stay in L2.
    let some = quotient(NEAR, block * k).max(1);
    let mut b = begin;
    while b < end {
        let stop = end.min(b + some);
        for chunk in 0..from.chunks() {
            for b in b..stop {
                let y = y.add(b * block * k + chunk * from.span());
                if tiles && from.whole(chunk, b) {
                    tile.put(&from, chunk, b);
                    tile.rows(&from, y, k);
                    continue;
                }
                for r in 0..from.rows(b) {
                    zeros(y.add(r * k), from.width(chunk));
                }
                from.put(chunk, b, y, k);
            }
        }
        b = stop;
    }
}
