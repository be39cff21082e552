//! Dot products of rows of A with rows of B, which a strip lists: what sampled products are made of.
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
//! Rows that cannot pair take eight columns at once: 9 loads for 8.
use crate::simd::*;
use crate::tiles::*;

/// A and B: rows of D numbers.
#[derive(Clone, Copy)]
pub struct Sides {
    pub a: *const f32,
    pub lda: usize,
    pub b: *const f32,
    pub ldb: usize,
    pub d: usize,
}

/// Columns of B, from `b` on, and where their sums go: column e to out[e·apart], or to out[which[e]]
/// where there is such a list; the next row's `below` further.
#[derive(Clone, Copy)]
pub struct Strip {
    pub b: *const f32,
    pub crd: Crd,
    pub count: usize,
    pub out: *mut f32,
    pub apart: usize,
    pub which: *const u32,
    pub below: usize,
}

impl Sides {
    /// All of `rows` rows with the columns of a strip.
    #[inline(always)]
    pub unsafe fn rows(&self, row: impl Fn(usize) -> *const f32, rows: usize, mut strip: Strip) {
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
pub unsafe fn eight(sides: &Sides, a: *const f32, strip: &Strip) {
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
pub unsafe fn alone(sides: &Sides, a: *const f32, crd: &Crd, count: usize, out: *mut f32, part: *mut f32) {
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
