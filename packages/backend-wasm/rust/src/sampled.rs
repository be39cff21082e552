//! The product of two dense matrices where a pattern has places: S = (A·Bᵀ) on pattern, for the
//! gradient of a sparse weight.
//!
//!   values[…](i, j) = Σ_d A[i, d] · B[j, d]          A [M,D], B [K,D]
//!
//! ```text
//!   pairs of rows           b0   b1   b2   b3        2 rows × 4 columns of dot products, each a sum
//!        a0  ─ 4 of D ─►  [acc][acc][acc][acc]       of four lanes: 6 loads for 8 multiply-adds, 11
//!        a1               [acc][acc][acc][acc]       registers; 16 shuffles add the lanes of a strip
//!
//!   single rows        a0 … a7  in registers         32 of D at a time; a column's sum waits in
//!        b of a column ─►  [acc][acc]                memory between: 9 loads, a store and 8
//!                                                    multiply-adds, 11 registers
//! ```
//!
//! Rows that cannot pair take eight columns at once: 9 loads for 8. Blocks, edges and storage of any
//! other kind first list their columns and places.
use crate::simd::*;
use crate::tiles::*;

/// A and B: rows of D numbers.
#[derive(Clone, Copy)]
struct Sides {
    a: *const f32,
    lda: usize,
    b: *const f32,
    ldb: usize,
    d: usize,
}

/// Columns of B, from `b` on, and where their sums go: column e to out[e·apart], or to out[which[e]]
/// where there is such a list; the next row's `below` further.
#[derive(Clone, Copy)]
struct Strip {
    b: *const f32,
    crd: Crd,
    count: usize,
    out: *mut f32,
    apart: usize,
    which: *const u32,
    below: usize,
}

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

impl Sides {
    /// All of `rows` rows with the columns of a strip.
    #[inline(always)]
    unsafe fn rows(&self, row: impl Fn(usize) -> *const f32, rows: usize, mut strip: Strip) {
        let mut s = 0;
        while s < rows {
            if s + 2 <= rows {
                pairs(self, [row(s), row(s + 1)], &strip);
            } else {
                eight(self, row(s), &strip);
            }
            strip.out = strip.out.add(2 * strip.below);
            s += 2;
        }
    }
}

impl Strip {
    /// E columns from e on, the last one repeated.
    #[inline(always)]
    unsafe fn columns<const E: usize>(&self, e: usize, ldb: usize) -> [*const f32; E] {
        core::array::from_fn(|i| self.b.add(self.crd.at((e + i).min(self.count - 1)) * ldb))
    }
    #[inline(always)]
    unsafe fn place(&self, e: usize) -> *mut f32 {
        self.out.add(if self.which.is_null() { e * self.apart } else { *self.which.add(e) as usize })
    }
}

/// Two rows, four columns at a time.
#[inline(never)]
unsafe fn pairs(sides: &Sides, a: [*const f32; 2], strip: &Strip) {
    let mut sums = [0.0f32; 8];
    let mut e = 0;
    while e < strip.count {
        if e + 2 >= strip.count {
            dots::<2, 2>(a, strip.columns(e, sides.ldb), sides.d, sums.as_mut_ptr());
        } else {
            dots::<2, 4>(a, strip.columns(e, sides.ldb), sides.d, sums.as_mut_ptr());
        }
        let sums = sums.as_ptr();
        for i in 0..(strip.count - e).min(4) {
            let to = strip.place(e + i);
            if strip.below == 1 {
                (to as *mut u64).write_unaligned((sums.add(2 * i) as *const u64).read_unaligned());
            } else {
                *to = *sums.add(2 * i);
                *to.add(strip.below) = *sums.add(2 * i + 1);
            }
        }
        e += 4;
    }
}

/// One row, eight columns at a time.
#[inline(never)]
unsafe fn eight(sides: &Sides, a: *const f32, strip: &Strip) {
    let mut sums = [0.0f32; 8];
    let mut e = 0;
    while e < strip.count {
        if e + 4 >= strip.count {
            dots::<1, 4>([a], strip.columns(e, sides.ldb), sides.d, sums.as_mut_ptr());
        } else {
            dots::<1, 8>([a], strip.columns(e, sides.ldb), sides.d, sums.as_mut_ptr());
        }
        let sums = sums.as_ptr();
        for i in 0..(strip.count - e).min(8) {
            *strip.place(e + i) = *sums.add(i);
        }
        e += 8;
    }
}

/// out[e·S + s] = Σ_d a[s][d] · b[e][d]; S·E a multiple of 4.
#[inline(always)]
unsafe fn dots<const S: usize, const E: usize>(a: [*const f32; S], b: [*const f32; E], d: usize, out: *mut f32) {
    let (mut pa, mut pb) = (a, b);
    let mut acc = [[splat(0.0); S]; E];
    for _ in 0..d / 4 {
        let av: [F; S] = core::array::from_fn(|s| load(pa[s]));
        for e in 0..E {
            let bv = load(pb[e]);
            for s in 0..S {
                acc[e][s] = madd(av[s], bv, acc[e][s]);
            }
            pb[e] = pb[e].add(4);
        }
        for s in 0..S {
            pa[s] = pa[s].add(4);
        }
    }
    let mut i = 0;
    while i < S * E {
        let c = transpose(core::array::from_fn(|l| acc[(i + l) / S][(i + l) % S]));
        store(out.add(i), add(add(c[0], c[1]), add(c[2], c[3])));
        i += 4;
    }
    if d % 4 != 0 {
        for e in 0..E {
            for s in 0..S {
                for l in 0..d % 4 {
                    *out.add(e * S + s) += *pa[s].add(l) * *pb[e].add(l);
                }
            }
        }
    }
}

/// Vectors of a row in registers.
const MOST: usize = 8;

/// One row of A with `count` columns, whose sums go side by side. part: 4·count floats.
#[inline(never)]
unsafe fn alone(sides: &Sides, a: *const f32, crd: &Crd, count: usize, out: *mut f32, part: *mut f32) {
    let Sides { b, ldb, d, .. } = *sides;
    let vectors = d / 4;
    let passes = ceil(vectors, MOST);
    let mut at = 0;
    for pass in 0..passes {
        let t = quotient(vectors, passes) + (pass < remainder(vectors, passes)) as usize;
        macro_rules! go {
            ($($t:literal)*) => {
                match t {
                    $($t => pass_of::<$t>(a.add(at), b.add(at), ldb, crd, count, part, pass > 0),)*
                    _ => {}
                }
            };
        }
        go!(1 2 3 4 5 6 7 8);
        at += 4 * t;
    }
    let mut e = 0;
    while passes > 0 && e + 4 <= count {
        let c = transpose(core::array::from_fn(|l| load(part.add(4 * (e + l)))));
        store(out.add(e), add(add(c[0], c[1]), add(c[2], c[3])));
        e += 4;
    }
    for e in e..count {
        *out.add(e) = if passes > 0 { sum(load(part.add(4 * e))) } else { 0.0 };
    }
    if d % 4 != 0 {
        for e in 0..count {
            let column = b.add(crd.at(e) * ldb);
            for i in at..d {
                *out.add(e) += *a.add(i) * *column.add(i);
            }
        }
    }
}

/// part[e] (+)= T vectors of the row times those of column e, in two chains.
#[inline(never)]
unsafe fn pass_of<const T: usize>(
    a: *const f32,
    b: *const f32,
    ldb: usize,
    crd: &Crd,
    count: usize,
    part: *mut f32,
    more: bool,
) {
    let row: [F; T] = core::array::from_fn(|t| load(a.add(4 * t)));
    let mut at = crd.from(0);
    let mut part = part;
    let end = part.add(4 * count);
    while part < end {
        let column = b.add(at.read::<false>() * ldb);
        let mut even = if more { load(part) } else { splat(0.0) };
        let mut odd = even;
        for t in 0..T {
            if t == 1 {
                odd = mul(row[t], load(column.add(4 * t)));
            } else if t % 2 == 0 {
                even = madd(row[t], load(column.add(4 * t)), even);
            } else {
                odd = madd(row[t], load(column.add(4 * t)), odd);
            }
        }
        store(part, if T == 1 { even } else { add(even, odd) });
        part = part.add(4);
        at = at.next();
    }
}
