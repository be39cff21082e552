//! Rows brought to one sum or one size: softmax, layer and root-mean-square norm.
use crate::exp::*;
use crate::reduce::largest;
use crate::simd::*;
use crate::tiles::quotient;
use crate::unary::log4;

/// y = e^(x − max) / Σ, or with `log` its logarithm; rows begin..end of [rows, n], n > 0. y may be x.
#[no_mangle]
pub unsafe extern "C" fn softmax_rows(begin: usize, end: usize, n: usize, x: *const f32, log: u32, y: *mut f32) {
    for r in begin..end {
        let (from, to) = (x.add(r * n), y.add(r * n));
        let most = splat(largest(n, from));
        let total = fold(n, from, |v| exp4(sub(v, most)));
        if log == 1 {
            let shift = log4(splat(total));
            each(n, from, to, |v| sub(sub(v, most), shift));
        } else {
            let total = splat(total);
            each(n, from, to, |v| div(exp4(sub(v, most)), total));
        }
    }
}

/// y = (x − μ) / √(σ² + ε) · gain + bias, rows begin..end of [rows, n]. Without `centred`, μ = 0. Gain and bias
/// may be null.
#[no_mangle]
pub unsafe extern "C" fn norm_rows(
    begin: usize,
    end: usize,
    n: usize,
    x: *const f32,
    gain: *const f32,
    bias: *const f32,
    epsilon: f32,
    centred: u32,
    y: *mut f32,
) {
    for r in begin..end {
        let (from, to) = (x.add(r * n), y.add(r * n));
        let count = n as f32;
        let mean = splat(if centred == 1 { fold(n, from, |v| v) / count } else { 0.0 });
        let variance = fold(n, from, |v| {
            let d = sub(v, mean);
            mul(d, d)
        }) / count;
        let inverse = div(splat(1.0), sqrt(splat(variance + epsilon)));
        let mut i = 0;
        while i < n {
            let left = n - i;
            let g = part(gain, i, left, 1.0);
            let b = part(bias, i, left, 0.0);
            let v = add(mul(mul(sub(part(from, i, left, 0.0), mean), inverse), g), b);
            if left >= 4 {
                store(to.add(i), v);
            } else {
                store_some(to.add(i), v, left);
            }
            i += 4;
        }
    }
}

/// Four numbers from i on, or what is left of them; `other` where there is nothing.
#[inline(always)]
unsafe fn part(p: *const f32, i: usize, left: usize, other: f32) -> F {
    if p.is_null() {
        return splat(other);
    }
    if left >= 4 {
        return load(p.add(i));
    }
    crate::elementwise::load_some(p.add(i), left)
}

/// Σ f(x), in four chains.
#[inline(always)]
unsafe fn fold(n: usize, x: *const f32, f: impl Fn(F) -> F) -> f32 {
    let (mut acc, mut rest) = (splat(0.0), 0.0);
    let mut i = 0;
    while i < n {
        let left = n - i;
        let v = f(part(x, i, left, 0.0));
        if left >= 4 {
            acc = add(acc, v);
        } else {
            let l = lanes(v);
            rest = l[0];
            if left > 1 {
                rest += l[1];
            }
            if left > 2 {
                rest += l[2];
            }
        }
        i += 4;
    }
    sum(acc) + rest
}

/// y = f(x). The function stands here once, where a loop and its tail would have two of it.
#[inline(always)]
pub unsafe fn each(n: usize, x: *const f32, y: *mut f32, f: impl Fn(F) -> F) {
    let mut i = 0;
    while i < n {
        let left = n - i;
        let v = f(part(x, i, left, 0.0));
        if left >= 4 {
            store(y.add(i), v);
        } else {
            store_some(y.add(i), v, left);
        }
        i += 4;
    }
}

/// Softmax over the stored entries of each row of [rows, n], through their flat index, so for any layout. Scratch:
/// two floats a row.
#[no_mangle]
pub unsafe extern "C" fn softmax_entries(
    count: usize,
    rows: usize,
    n: usize,
    index: *const u32,
    values: *const f32,
    scratch: *mut f32,
    y: *mut f32,
) {
    let (most, total) = (scratch, scratch.add(rows));
    for r in 0..rows {
        *most.add(r) = f32::NEG_INFINITY;
        *total.add(r) = 0.0;
    }
    for q in 0..count {
        let at = *index.add(q) as usize;
        if at != u32::MAX as usize {
            let p = most.add(quotient(at, n));
            *p = lanes(max(splat(*p), splat(*values.add(q))))[0];
        }
    }
    for q in 0..count {
        let at = *index.add(q) as usize;
        if at == u32::MAX as usize {
            *y.add(q) = 0.0;
        } else {
            let e = lanes(exp4(splat(*values.add(q) - *most.add(quotient(at, n)))))[0];
            *total.add(quotient(at, n)) += e;
            *y.add(q) = e;
        }
    }
    for q in 0..count {
        let at = *index.add(q) as usize;
        if at != u32::MAX as usize {
            *y.add(q) /= *total.add(quotient(at, n));
        }
    }
}
