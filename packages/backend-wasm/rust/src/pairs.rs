//! Two matrices of compressed rows: their product, and what is computed of each pair of numbers. Linear in the
//! entries that meet, beside the rows of a dense result, which are cleared first.
//!
//! ```text
//!   product   y[i, ·] = Σ over entries k of row i of a:  a(i, k) · row k of b        (Gustavson, 1978)
//!   pair      y[i, j] = a(i, j) ∘ b(i, j), along the two lists of row i
//!   into      the same, where the result's own list of row i has places
//! ```
use crate::elementwise::fill;
use crate::tiles::Crd;

/// Compressed rows.
#[derive(Clone, Copy)]
struct Rows {
    pos: *const u32,
    crd: Crd,
    values: *const f32,
}

impl Rows {
    #[inline(always)]
    unsafe fn new(pos: *const u32, crd: *const u8, bytes: usize, values: *const f32) -> Rows {
        Rows { pos, crd: Crd::new(crd, bytes), values }
    }
    #[inline(always)]
    unsafe fn row(&self, i: usize) -> (usize, usize) {
        (*self.pos.add(i) as usize, *self.pos.add(i + 1) as usize)
    }
}

/// y[j] += a · b(j) for the entries of row k of b.
#[inline(always)]
unsafe fn add_row(b: Rows, k: usize, a: f32, y: *mut f32) {
    let (mut q, end) = b.row(k);
    // Columns of a row differ, so that four go at a time.
    while q + 4 <= end {
        let j = [b.crd.at(q), b.crd.at(q + 1), b.crd.at(q + 2), b.crd.at(q + 3)];
        let v = b.values.add(q);
        let sums = [
            *y.add(j[0]) + a * *v,
            *y.add(j[1]) + a * *v.add(1),
            *y.add(j[2]) + a * *v.add(2),
            *y.add(j[3]) + a * *v.add(3),
        ];
        for l in 0..4 {
            *y.add(j[l]) = sums[l];
        }
        q += 4;
    }
    while q < end {
        *y.add(b.crd.at(q)) += a * *b.values.add(q);
        q += 1;
    }
}

/// Y [M, n] = A [M, K] · B [K, n], both compressed rows; rows begin..end.
#[no_mangle]
pub unsafe extern "C" fn pair_product(
    begin: usize,
    end: usize,
    n: usize,
    pos_a: *const u32,
    crd_a: *const u8,
    bytes_a: usize,
    values_a: *const f32,
    pos_b: *const u32,
    crd_b: *const u8,
    bytes_b: usize,
    values_b: *const f32,
    y: *mut f32,
) {
    let a = Rows::new(pos_a, crd_a, bytes_a, values_a);
    let b = Rows::new(pos_b, crd_b, bytes_b, values_b);
    for i in begin..end {
        let row = y.add(i * n);
        fill(0, n, 0.0, row);
        let (first, last) = a.row(i);
        for q in first..last {
            add_row(b, a.crd.at(q), *a.values.add(q), row);
        }
    }
}

/// The same where compressed rows have places; rows begin..end. Scratch: n floats a thread.
#[no_mangle]
pub unsafe extern "C" fn pair_product_into(
    begin: usize,
    end: usize,
    pos_a: *const u32,
    crd_a: *const u8,
    bytes_a: usize,
    values_a: *const f32,
    pos_b: *const u32,
    crd_b: *const u8,
    bytes_b: usize,
    values_b: *const f32,
    pos: *const u32,
    crd: *const u8,
    bytes: usize,
    values: *mut f32,
    scratch: *mut f32,
) {
    let a = Rows::new(pos_a, crd_a, bytes_a, values_a);
    let b = Rows::new(pos_b, crd_b, bytes_b, values_b);
    let to = Rows::new(pos, crd, bytes, values);
    for i in begin..end {
        // Sums without a place are made too, and never read.
        let (first, last) = to.row(i);
        for q in first..last {
            *scratch.add(to.crd.at(q)) = 0.0;
        }
        let (from, until) = a.row(i);
        for q in from..until {
            add_row(b, a.crd.at(q), *a.values.add(q), scratch);
        }
        for q in first..last {
            *values.add(q) = *scratch.add(to.crd.at(q));
        }
    }
}

/// a ∘ b: 0 the sum, 1 the difference, 2 the product.
#[inline(always)]
fn joined(kind: u32, a: f32, b: f32) -> f32 {
    match kind {
        0 => a + b,
        1 => a - b,
        _ => a * b,
    }
}

/// Visits the columns of row i that a or b have, in order, with a ∘ b; what is not stored is zero.
#[inline(always)]
unsafe fn merge(kind: u32, a: Rows, b: Rows, i: usize, mut visit: impl FnMut(usize, f32)) {
    let ((mut p, end_a), (mut q, end_b)) = (a.row(i), b.row(i));
    while p < end_a || q < end_b {
        let j = if p < end_a { a.crd.at(p) } else { usize::MAX };
        let k = if q < end_b { b.crd.at(q) } else { usize::MAX };
        let x = if j <= k { *a.values.add(p) } else { 0.0 };
        let y = if k <= j { *b.values.add(q) } else { 0.0 };
        visit(j.min(k), joined(kind, x, y));
        p += (j <= k) as usize;
        q += (k <= j) as usize;
    }
}

/// Y [M, n] = A ∘ B of compressed rows; kind 0 sum, 1 difference, 2 product. Rows begin..end.
#[no_mangle]
pub unsafe extern "C" fn pair_join(
    begin: usize,
    end: usize,
    n: usize,
    kind: u32,
    pos_a: *const u32,
    crd_a: *const u8,
    bytes_a: usize,
    values_a: *const f32,
    pos_b: *const u32,
    crd_b: *const u8,
    bytes_b: usize,
    values_b: *const f32,
    y: *mut f32,
) {
    let a = Rows::new(pos_a, crd_a, bytes_a, values_a);
    let b = Rows::new(pos_b, crd_b, bytes_b, values_b);
    for i in begin..end {
        let row = y.add(i * n);
        fill(0, n, 0.0, row);
        merge(kind, a, b, i, |j, v| *row.add(j) = v);
    }
}

/// The same where compressed rows have places; rows begin..end.
#[no_mangle]
pub unsafe extern "C" fn pair_join_into(
    begin: usize,
    end: usize,
    kind: u32,
    pos_a: *const u32,
    crd_a: *const u8,
    bytes_a: usize,
    values_a: *const f32,
    pos_b: *const u32,
    crd_b: *const u8,
    bytes_b: usize,
    values_b: *const f32,
    pos: *const u32,
    crd: *const u8,
    bytes: usize,
    values: *mut f32,
) {
    let a = Rows::new(pos_a, crd_a, bytes_a, values_a);
    let b = Rows::new(pos_b, crd_b, bytes_b, values_b);
    let to = Rows::new(pos, crd, bytes, values);
    for i in begin..end {
        let (mut t, last) = to.row(i);
        for q in t..last {
            *values.add(q) = 0.0;
        }
        merge(kind, a, b, i, |j, v| {
            while t < last && to.crd.at(t) < j {
                t += 1;
            }
            if t < last && to.crd.at(t) == j {
                *values.add(t) = v;
            }
        });
    }
}
