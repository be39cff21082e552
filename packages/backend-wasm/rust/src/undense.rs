//! Storage back to row-major numbers: rows of blocks (csr is v = c = 1) and n:m:g, without a flat index.
//!
//! ```text
//!   group of v rows   0 0 0 0 0 0    zeros first, a few KB that stay in L1
//!                     0 a 0 0 c 0    then y[row][crd[q]·c + i] = values[q][r][i]
//!                     0 b 0 0 d 0
//! ```
//!
//! A number stored costs a load and a store, a block or a column a load of its coordinate, four zeros a store.
use crate::simd::{splat, store};
use crate::tiles::{ceil, quotient, Crd};

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

/// Where an n:m:g is: chunks of patterns · g columns, blocks of `block` rows.
#[derive(Clone, Copy)]
pub struct Grouped {
    pub m: usize,
    pub k: usize,
    pub n: usize,
    pub block: usize,
    pub g: usize,
    pub patterns: usize,
    pub order: *const u8,
    pub crd: *const u8,
    pub values: *const f32,
}

impl Grouped {
    #[inline(always)]
    pub fn span(&self) -> usize {
        self.patterns * self.g
    }
    #[inline(always)]
    pub fn chunks(&self) -> usize {
        ceil(self.k, self.span())
    }
    #[inline(always)]
    pub fn rows(&self, b: usize) -> usize {
        self.block.min(self.m - b * self.block)
    }
    /// Columns of a chunk that are inside.
    #[inline(always)]
    pub fn width(&self, chunk: usize) -> usize {
        self.span().min(self.k - chunk * self.span())
    }
    /// The first column of (chunk, block), of those that are stored.
    #[inline(always)]
    pub fn first(&self, chunk: usize, b: usize) -> usize {
        (chunk * ceil(self.m, self.block) + b) * self.span()
    }
    /// Puts the values of (chunk, block) into rows that lie `ld` apart.
    #[inline(always)]
    pub unsafe fn put(&self, chunk: usize, b: usize, y: *mut f32, ld: usize) {
        let whole = self.rows(b) == self.block && self.width(chunk) == self.span();
        match (self.n, whole) {
            (1, true) => self.put_whole::<1>(chunk, b, y, ld),
            (2, true) => self.put_whole::<2>(chunk, b, y, ld),
            (3, true) => self.put_whole::<3>(chunk, b, y, ld),
            (4, true) => self.put_whole::<4>(chunk, b, y, ld),
            _ => {
                let first = self.first(chunk, b);
                let (rows, width) = (self.rows(b), self.width(chunk));
                for e in 0..self.span() {
                    let column = *(self.crd as *const u16).add(first + e) as usize;
                    for i in 0..self.n {
                        let row = *self.order.add(quotient(e, self.g) * self.n + i) as usize;
                        if row < rows && column < width {
                            *y.add(row * ld + column) = *self.values.add((first + e) * self.n + i);
                        }
                    }
                }
            }
        }
    }
    #[inline(always)]
    unsafe fn put_whole<const N: usize>(&self, chunk: usize, b: usize, y: *mut f32, ld: usize) {
        let mut e = self.first(chunk, b);
        for p in 0..self.patterns {
            let to: [*mut f32; N] = core::array::from_fn(|i| y.add(*self.order.add(p * N + i) as usize * ld));
            let stop = e + self.g;
            while e < stop {
                let column = *(self.crd as *const u16).add(e) as usize;
                for i in 0..N {
                    *to[i].add(column) = *self.values.add(e * N + i);
                }
                e += 1;
            }
        }
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
    // Some blocks at a time: what a chunk holds of neighbours lies side by side, and their rows stay in L2.
    let some = quotient(NEAR, block * k).max(1);
    let mut b = begin;
    while b < end {
        let stop = end.min(b + some);
        zeros(y.add(b * block * k), m.min(stop * block) * k - b * block * k);
        for chunk in 0..from.chunks() {
            for b in b..stop {
                from.put(chunk, b, y.add(b * block * k + chunk * from.span()), k);
            }
        }
        b = stop;
    }
}
