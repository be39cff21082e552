//! One position: matrix × vector. Nothing is reused but x, so the stream of W sets the pace; what
//! matters is enough chains to keep loads in flight.
use crate::act::*;
use crate::simd::*;
use crate::tiles::Crd;

/// y[i] = act(Σ W[i,k]·x[k] + bias[i]), rows begin..end. Four rows by two chains a row.
#[no_mangle]
pub unsafe extern "C" fn dense_vec(
    begin: usize,
    end: usize,
    k: usize,
    w: *const f32,
    ldw: usize,
    x: *const f32,
    bias: *const f32,
    act: u32,
    y: *mut f32,
) {
    // Rows keep their place in groups of four counted from 0 only in speed: every row is summed
    // in the same order alone or among four.
    let mut i = begin;
    while i + 4 <= end {
        dots::<4>(i, k, w, ldw, x, bias, act, y);
        i += 4;
    }
    while i < end {
        dots::<1>(i, k, w, ldw, x, bias, act, y);
        i += 1;
    }
}

#[inline(always)]
unsafe fn dots<const R: usize>(
    i: usize,
    k: usize,
    w: *const f32,
    ldw: usize,
    x: *const f32,
    bias: *const f32,
    act: u32,
    y: *mut f32,
) {
    let row: [*const f32; R] = core::array::from_fn(|r| w.add((i + r) * ldw));
    let mut even = [splat(0.0); R];
    let mut odd = [splat(0.0); R];
    let mut j = 0;
    while j + 8 <= k {
        let (a, b) = (load(x.add(j)), load(x.add(j + 4)));
        for r in 0..R {
            even[r] = madd(load(row[r].add(j)), a, even[r]);
            odd[r] = madd(load(row[r].add(j + 4)), b, odd[r]);
        }
        j += 8;
    }
    for r in 0..R {
        let mut total = sum(add(even[r], odd[r]));
        for c in j..k {
            total += *row[r].add(c) * *x.add(c);
        }
        finish(i + r, total, bias, act, y);
    }
}

#[inline(always)]
pub unsafe fn finish(i: usize, total: f32, bias: *const f32, act: u32, y: *mut f32) {
    let b = if bias.is_null() { 0.0 } else { *bias.add(i) };
    *y.add(i) = activate_one(act, total + b);
}

/// y[i] = act(Σ values[q]·x[crd[q]] + bias[i]) over pos[i]..pos[i+1], rows begin..end.
///
/// Lanes over four entries: a load of values, one of coordinates and four of x for a multiply-add of
/// four, in two chains.
#[no_mangle]
pub unsafe extern "C" fn csr_vec(
    begin: usize,
    end: usize,
    pos: *const u32,
    crd: *const u8,
    crd_bytes: usize,
    values: *const f32,
    x: *const f32,
    bias: *const f32,
    act: u32,
    y: *mut f32,
) {
    let crd = Crd::new(crd, crd_bytes);
    for i in begin..end {
        let (mut q, stop) = (*pos.add(i) as usize, *pos.add(i + 1) as usize);
        let mut acc = [splat(0.0); 2];
        while q + 8 <= stop {
            for u in 0..2 {
                acc[u] = madd(load(values.add(q + 4 * u)), gather(x, crd.quad(q + 4 * u)), acc[u]);
            }
            q += 8;
        }
        if q + 4 <= stop {
            acc[0] = madd(load(values.add(q)), gather(x, crd.quad(q)), acc[0]);
            q += 4;
        }
        let mut total = sum(add(acc[0], acc[1]));
        while q < stop {
            total += *values.add(q) * *x.add(crd.at(q));
            q += 1;
        }
        finish(i, total, bias, act, y);
    }
}

/// bcsr(v,1), groups begin..end of ceil(M/v), lanes over the rows of a group: x is splat, the
/// values of four rows are one vector.
///
/// ```text
///   values[q]  r0 r1 r2 r3 | r4 r5 r6 r7 | …      acc[t] += values[q][4t..] · splat x[crd[q]]
/// ```
#[no_mangle]
pub unsafe extern "C" fn rows_vec(
    begin: usize,
    end: usize,
    m: usize,
    v: usize,
    pos: *const u32,
    crd: *const u8,
    crd_bytes: usize,
    values: *const f32,
    x: *const f32,
    bias: *const f32,
    act: u32,
    y: *mut f32,
) {
    let crd = Crd::new(crd, crd_bytes);
    for group in begin..end {
        let (from, stop) = (*pos.add(group) as usize, *pos.add(group + 1) as usize);
        let mut r = 0;
        while r + 16 <= v {
            lanes_of::<4, 2>(group * v + r, m, from, stop, &crd, values.add(r), v, x, bias, act, y);
            r += 16;
        }
        while r + 4 <= v {
            lanes_of::<1, 8>(group * v + r, m, from, stop, &crd, values.add(r), v, x, bias, act, y);
            r += 4;
        }
        while r < v {
            if group * v + r < m {
                let mut total = 0.0;
                for q in from..stop {
                    total += *values.add(q * v + r) * *x.add(crd.at(q));
                }
                finish(group * v + r, total, bias, act, y);
            }
            r += 1;
        }
    }
}

/// T vectors of rows, U chains each.
#[inline(always)]
unsafe fn lanes_of<const T: usize, const U: usize>(
    row: usize,
    m: usize,
    from: usize,
    stop: usize,
    crd: &Crd,
    values: *const f32,
    v: usize,
    x: *const f32,
    bias: *const f32,
    act: u32,
    y: *mut f32,
) {
    let mut acc = [[splat(0.0); T]; U];
    let mut q = from;
    while q + U <= stop {
        for u in 0..U {
            let xv = load_splat(x.add(crd.at(q + u)));
            for t in 0..T {
                acc[u][t] = madd(load(values.add((q + u) * v + 4 * t)), xv, acc[u][t]);
            }
        }
        q += U;
    }
    while q < stop {
        let xv = load_splat(x.add(crd.at(q)));
        for t in 0..T {
            acc[0][t] = madd(load(values.add(q * v + 4 * t)), xv, acc[0][t]);
        }
        q += 1;
    }
    for t in 0..T {
        let mut total = acc[0][t];
        for u in 1..U {
            total = add(total, acc[u][t]);
        }
        let each = lanes(total);
        for l in 0..4 {
            if row + 4 * t + l < m {
                finish(row + 4 * t + l, each[l], bias, act, y);
            }
        }
    }
}
