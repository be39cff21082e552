//! The product of two dense matrices where a pattern has places: S = (A·Bᵀ) on pattern, for the
//! gradient of a sparse weight.
//!
//!   values[…](i, j) = Σ_d A[i, d] · B[j, d]          A [M,D], B [K,D]
//!
//! Rows that share their columns go by pairs, those of csr alone; blocks, edges and storage of any
//! other kind first list their columns and places.
use crate::dots::{alone, eight, Sides, Strip};
use crate::tiles::*;

/// A list of columns and places in the making.
struct List {
    columns: *mut u32,
    which: *mut u32,
    count: usize,
}

impl List {
    fn new(words: *mut u32, room: usize) -> List {
        List { columns: words, which: unsafe { words.add(room) }, count: 0 }
    }
    #[inline(always)]
    unsafe fn add(&mut self, column: usize, place: usize) {
        *self.columns.add(self.count) = column as u32;
        *self.which.add(self.count) = place as u32;
        self.count += 1;
    }
    fn strip(&self, b: *const f32, out: *mut f32, below: usize) -> Strip {
        let crd = Crd::new(self.columns as *const u8, 4);
        Strip { b, crd, count: self.count, out, apart: 0, which: self.which, below }
    }
}

/// Row groups and blocks, bcsr(r,c): groups begin..end of ceil(M/r); values [entry][r][c].
/// scratch: 4·(K + 8) words.
#[no_mangle]
pub unsafe extern "C" fn sampled_rows(
    begin: usize,
    end: usize,
    m: usize,
    k: usize,
    r: usize,
    c: usize,
    pos: *const u32,
    crd: *const u8,
    crd_bytes: usize,
    a: *const f32,
    lda: usize,
    b: *const f32,
    ldb: usize,
    d: usize,
    values: *mut f32,
    scratch: *mut u32,
) {
    let sides = Sides { a, lda, b, ldb, d };
    let crd = Crd::new(crd, crd_bytes);
    for group in begin..end {
        let (from, stop) = (*pos.add(group) as usize, *pos.add(group + 1) as usize);
        let rows = r.min(m - group * r);
        let first = a.add(group * r * lda);
        let out = values.add(from * r * c);
        if r == 1 && c == 1 {
            alone(&sides, first, &crd.from(from), stop - from, out, scratch as *mut f32);
        } else if c == 1 {
            let strip = Strip { b, crd: crd.from(from), count: stop - from, out, apart: r, which: core::ptr::null(), below: 1 };
            sides.rows(|s| first.add(s * lda), rows, strip);
        } else {
            let mut list = List::new(scratch, k);
            for q in 0..stop - from {
                let column = crd.at(from + q) * c;
                for j in 0..c.min(k - column) {
                    list.add(column + j, q * r * c + j);
                }
                for j in k - column..c {
                    zero(out.add(q * r * c + j), r, c);
                }
            }
            sides.rows(|s| first.add(s * lda), rows, list.strip(b, out, c));
        }
        if rows < r {
            for q in 0..stop - from {
                zero(out.add((q * r + rows) * c), (r - rows) * c, 1);
            }
        }
    }
}

/// n zeros, `step` apart.
#[inline(never)]
unsafe fn zero(y: *mut f32, n: usize, step: usize) {
    for i in 0..n {
        *y.add(i * step) = 0.0;
    }
}

/// n:m:g with the block along the rows of A, chunks begin..end of ceil(K/(C·g)):
/// values [chunk][block][p][t][n]. For blocks along the columns give A and B the other way round.
/// scratch: 2·g words.
#[no_mangle]
pub unsafe extern "C" fn sampled_nmg(
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
    crd_bytes: usize,
    a: *const f32,
    lda: usize,
    b: *const f32,
    ldb: usize,
    d: usize,
    values: *mut f32,
    scratch: *mut u32,
) {
    let sides = Sides { a, lda, b, ldb, d };
    let crd = Crd::new(crd, crd_bytes);
    let (blocks, span) = (ceil(m, block), patterns * g);
    for chunk in begin..end {
        let b = b.add(chunk * span * ldb);
        let left = k - chunk * span;
        for at in 0..blocks * patterns {
            let (which, p) = (quotient(at, patterns), remainder(at, patterns));
            let first = (chunk * blocks * patterns + at) * g;
            let out = values.add(first * n);
            let mut strip = Strip { b, crd: crd.from(first), count: g, out, apart: n, which: core::ptr::null(), below: 1 };
            let rows = order.add(p * n);
            let row = |s: usize| which * block + *rows.add(s) as usize;
            if left < span {
                let mut list = List::new(scratch, g);
                for t in 0..g {
                    if crd.at(first + t) < left {
                        list.add(crd.at(first + t), t * n);
                    } else {
                        zero(out.add(t * n), n, 1);
                    }
                }
                strip = list.strip(b, out, 1);
            }
            // A last block may reach past M, where sums are zero whatever was read.
            sides.rows(|s| a.add(row(s).min(m - 1) * lda), n, strip);
            for s in 0..n {
                if row(s) >= m {
                    zero(out.add(s), g, n);
                }
            }
        }
    }
}

/// Any pattern, by the flat index of its entries begin..end, row·columns + column; neighbours of one
/// row (of one column when `turned`) are taken together.
#[no_mangle]
pub unsafe extern "C" fn sampled_index(
    begin: usize,
    end: usize,
    index: *const u32,
    columns: usize,
    turned: usize,
    a: *const f32,
    lda: usize,
    b: *const f32,
    ldb: usize,
    d: usize,
    values: *mut f32,
) {
    let columns = columns.max(1);
    let sides = if turned != 0 { Sides { a: b, lda: ldb, b: a, ldb: lda, d } } else { Sides { a, lda, b, ldb, d } };
    let mut words = [0u32; 16];
    let mut list = List::new(words.as_mut_ptr(), 8);
    let mut row = 0;
    for e in begin..end {
        let at = *index.add(e) as usize;
        let (i, j) = (at / columns, at % columns);
        let (i, j) = if turned != 0 { (j, i) } else { (i, j) };
        if list.count == 8 || list.count > 0 && i != row {
            eight(&sides, sides.a.add(row * sides.lda), &list.strip(sides.b, values, 0));
            list.count = 0;
        }
        if at as u32 == u32::MAX {
            *values.add(e) = 0.0;
        } else {
            row = i;
            list.add(j, e);
        }
    }
    eight(&sides, sides.a.add(row * sides.lda), &list.strip(sides.b, values, 0));
}

