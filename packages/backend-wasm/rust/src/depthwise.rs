//! Depthwise convolution on planes [C,H,W] → [C,OH,OW].
//!
//! ```text
//!   scratch: the plane with its zero border            tile: R ≤ 8 output rows × 1 vector
//!   (stride 2: even columns | odd columns)
//!
//!     for each shift dx:   w[0..3][dx] as splats
//!       row 0   x ──► acc0·w0
//!       row 1   x ──► acc0·w1  acc1·w0                 every loaded vector feeds three sums:
//!       row 2   x ──► acc0·w2  acc1·w1  acc2·w0        R + 2 loads for 3R multiply-adds
//!       …                                              8 sums, 3 weights, 3 rows: 14 registers
//! ```
//!
//! The compiler gathers the taps of one sum, so a window's height of rows is live at a time. Five
//! would not fit: k = 5 goes over the shifts twice, rows 0..3 of the window and then 3..5.
//!
//!   Y[c,i,j] = act(bias[c] + Σ_dx Σ_dy Wt[c,dy,dx] · X[c, i·s + dy - top, j·s + dx - left])
//!
//! The last vector of a row starts at OW - 4 and the last band at OH - R; both repeat a few sums, to
//! the same bits, so no store is partial unless OW < 4. 7, 14 and 28 rows go as sevens, 112 as
//! eights.
use crate::act::*;
use crate::simd::*;
use crate::tiles::{ceil, quotient};

/// Floats of scratch for `depthwise` (one thread).
#[no_mangle]
pub extern "C" fn depthwise_scratch(k: usize, stride: usize, oh: usize, ow: usize) -> usize {
    let b = Border::new(k, stride, oh, ow);
    b.rows * b.row * b.copies
}

/// The bordered copy: `row` floats a row; with stride 2 a row is two halves of `half` floats.
struct Border {
    rows: usize,
    row: usize,
    half: usize,
    /// Small planes keep two: the next is written before this one is read, or its loads would wait
    /// for stores that they straddle.
    copies: usize,
}

impl Border {
    fn new(k: usize, stride: usize, oh: usize, ow: usize) -> Border {
        let wide = ow.max(4);
        let rows = stride * oh.saturating_sub(1) + k;
        if stride == 1 {
            let row = (wide - 1 + k + 3) & !3;
            Border { rows, row, half: row, copies: if ow + k <= 12 { 2 } else { 1 } }
        } else {
            let half = (wide + k / 2 + 3) & !3;
            Border { rows, row: 2 * half, half, copies: 1 }
        }
    }
}

/// Channels begin..end; k 3 or 5, stride 1 or 2.
#[no_mangle]
pub unsafe extern "C" fn depthwise(
    begin: usize,
    end: usize,
    h: usize,
    w: usize,
    k: usize,
    stride: usize,
    top: usize,
    left: usize,
    oh: usize,
    ow: usize,
    x: *const f32,
    weights: *const f32,
    bias: *const f32,
    act: u32,
    y: *mut f32,
    scratch: *mut f32,
) {
    if oh == 0 || ow == 0 {
        return;
    }
    let b = Border::new(k, stride, oh, ow);
    let mut i = 0;
    while i < b.rows * b.row * b.copies {
        store(scratch.add(i), splat(0.0));
        i += 4;
    }
    // The number of shifts, hidden from the optimiser: unrolled, its weights would fill the registers.
    let shifts = core::hint::black_box(k);
    // Bands of 8 or 7 rows, whichever repeats fewer; the last one ends with the plane.
    let high = match oh {
        0..=3 => 1,
        4..=6 => 4,
        _ if ceil(oh, 7) * 7 < ceil(oh, 8) * 8 => 7,
        _ if oh == 7 => 7,
        _ => 8,
    };
    let early = b.copies - 1;
    for c in begin..end + early {
        if c < end {
            let to = scratch.add((c & early) * b.rows * b.row);
            bordered(&b, h, w, stride, top, left, x.add(c * h * w), to);
        }
        if c < begin + early {
            continue;
        }
        let c = c - early;
        let scratch = scratch.add((c & early) * b.rows * b.row);
        let (wc, yc, start) = (weights.add(c * k * k), y.add(c * oh * ow), bias_of(bias, c));
        let mut row = 0;
        while row < oh {
            let at = row.min(oh - high);
            let from = scratch.add(at * stride * b.row);
            let to = yc.add(at * ow);
            macro_rules! go {
                ($($k:literal $s:literal: $($r:literal)*;)*) => {
                    match (k, stride, high) {
                        $($(($k, $s, $r) => run::<$k, $s, $r>(shifts, from, b.row, b.half, wc, start, act, to, ow),)*)*
                        _ => {}
                    }
                };
            }
            go!(3 1: 1 4 7 8; 3 2: 1 4 7 8; 5 1: 1 4 7 8; 5 2: 1 4 7 8;);
            row += high;
        }
    }
}

/// The inside of the bordered copy; its border stays the zero it was.
#[inline(always)]
unsafe fn bordered(b: &Border, h: usize, w: usize, stride: usize, top: usize, left: usize, x: *const f32, to: *mut f32) {
    let mut row = top;
    let last = (top + h).min(b.rows);
    let mut from = x;
    if stride == 1 {
        let n = w.min(b.row - left);
        while row < last {
            copy_row(from, to.add(row * b.row + left), n);
            from = from.add(w);
            row += 1;
        }
    } else {
        let n = w.min(2 * b.half - left);
        // Column j lies at j + left of the bordered row: parity picks the half.
        let (first, second) = (left & 1, (left + 1) & 1);
        while row < last {
            let line = to.add(row * b.row);
            let even_to = line.add(first * b.half + left / 2);
            let odd_to = line.add(second * b.half + (left + 1) / 2);
            part_row(from, even_to, odd_to, n);
            from = from.add(w);
            row += 1;
        }
    }
}

/// n floats, the even columns to one row and the odd ones to another.
#[inline(never)]
unsafe fn part_row(from: *const f32, even_to: *mut f32, odd_to: *mut f32, n: usize) {
    if n < 8 {
        for j in 0..n {
            *(if j & 1 == 0 { even_to } else { odd_to }).add(j / 2) = *from.add(j);
        }
        return;
    }
    let mut j = 0;
    while j + 8 <= n {
        let (p, q) = (load(from.add(j)), load(from.add(j + 4)));
        store(even_to.add(j / 2), even(p, q));
        store(odd_to.add(j / 2), odd(p, q));
        j += 8;
    }
    if j < n {
        // The last eight again, from a column of either parity.
        let at = n - 8;
        let (p, q) = (load(from.add(at)), load(from.add(at + 4)));
        let (a, b) = if at & 1 == 0 { (even_to, odd_to) } else { (odd_to, even_to.add(1)) };
        store(a.add(at / 2), even(p, q));
        store(b.add(at / 2), odd(p, q));
    }
}

/// n floats; a last vector that overlaps the one before it instead of a scalar tail.
#[inline(always)]
unsafe fn copy_row(from: *const f32, to: *mut f32, n: usize) {
    if n < 4 {
        for j in 0..n {
            *to.add(j) = *from.add(j);
        }
        return;
    }
    let mut j = 0;
    while j + 4 <= n {
        store(to.add(j), load(from.add(j)));
        j += 4;
    }
    if j < n {
        store(to.add(n - 4), load(from.add(n - 4)));
    }
}

/// One band of R output rows. `shifts` is K, said at run time so that the loop stays a loop.
#[inline(never)]
unsafe fn run<const K: usize, const S: usize, const R: usize>(
    shifts: usize,
    x: *const f32,
    row: usize,
    half: usize,
    weights: *const f32,
    start: F,
    act: u32,
    y: *mut f32,
    ow: usize,
) {
    let mut j = 0;
    while j < ow {
        let at = if ow >= 4 { j.min(ow - 4) } else { 0 };
        let mut acc = [start; R];
        for dx in 0..shifts {
            let from = if S == 1 { x.add(at + dx) } else { x.add((dx & 1) * half + at + dx / 2) };
            taps::<S, R, 3>(&mut acc, weights.add(dx), K, from, row);
        }
        if K == 5 {
            for dx in 0..shifts {
                let from = if S == 1 { x.add(at + dx) } else { x.add((dx & 1) * half + at + dx / 2) };
                taps::<S, R, 2>(&mut acc, weights.add(3 * K + dx), K, from.add(3 * row), row);
            }
        }
        store_tile(y.add(at), ow, acc.map(|v| [v]), ow, act);
        j += 4;
    }
}

/// acc[r] += Σ_dy w[dy] · x[S·r + dy] over H of the window's rows.
#[inline(always)]
unsafe fn taps<const S: usize, const R: usize, const H: usize>(
    acc: &mut [F; R],
    weights: *const f32,
    k: usize,
    x: *const f32,
    row: usize,
) {
    let w: [F; H] = core::array::from_fn(|dy| load_splat(weights.add(dy * k)));
    let mut from = x;
    for i in 0..S * (R - 1) + H {
        let xv = load(from);
        from = from.add(row);
        for dy in 0..H {
            if i >= dy && (i - dy) % S == 0 && (i - dy) / S < R {
                acc[(i - dy) / S] = madd(xv, w[dy], acc[(i - dy) / S]);
            }
        }
    }
}

/// Any kernel, stride, dilation and channel multiplier: output channels begin..end read input
/// channel c / multiplier. Correct before fast.
#[no_mangle]
pub unsafe extern "C" fn depthwise_any(
    begin: usize,
    end: usize,
    multiplier: usize,
    h: usize,
    w: usize,
    kh: usize,
    kw: usize,
    stride_y: usize,
    stride_x: usize,
    dilation_y: usize,
    dilation_x: usize,
    top: usize,
    left: usize,
    oh: usize,
    ow: usize,
    x: *const f32,
    weights: *const f32,
    bias: *const f32,
    act: u32,
    y: *mut f32,
) {
    for c in begin..end {
        let plane = x.add(quotient(c, multiplier) * h * w);
        let b = if bias.is_null() { 0.0 } else { *bias.add(c) };
        for i in 0..oh {
            for j in 0..ow {
                let mut total = b;
                for dy in 0..kh {
                    let yy = (i * stride_y + dy * dilation_y).wrapping_sub(top);
                    if yy < h {
                        for dx in 0..kw {
                            let xx = (j * stride_x + dx * dilation_x).wrapping_sub(left);
                            if xx < w {
                                total += *weights.add((c * kh + dy) * kw + dx) * *plane.add(yy * w + xx);
                            }
                        }
                    }
                }
                *y.add((c * oh + i) * ow + j) = activate_one(act, total);
            }
        }
    }
}
