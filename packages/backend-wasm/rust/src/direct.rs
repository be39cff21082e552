//! Convolutions without im2col: dense, whose rows of X are windows of a bordered copy of the image.
//!
//! ```text
//!   bordered row, stride 2     x0 x2 x4 …  | x1 x3 x5 …        a phase of `half` floats each
//!
//!   Y[o, oy, ox] = Σ_k W[o, k] · B[oy · step + offset[k] + ox]   k = (c, ky, kx)
//! ```
//!
//! With the phases apart, ox steps by one whatever the stride, so a window's place is one offset and
//! the tile is dense's: 6 rows × 2 vectors, 8 loads and an offset for 12 multiply-adds. Few output
//! channels take wider tiles, 1 × 8 and 2 × 4. Against im2col nothing of size K·OH·OW is written,
//! which is what thin convolutions spend their time on.
use crate::act::*;
use crate::simd::*;
use crate::tiles::*;

/// The bordered copy of planes begin..end, image at (top, left): [C][high][stride][half], phase p of
/// a row is every stride-th float from p on.
#[no_mangle]
pub unsafe extern "C" fn border(
    begin: usize,
    end: usize,
    h: usize,
    w: usize,
    top: usize,
    left: usize,
    high: usize,
    half: usize,
    stride: usize,
    x: *const f32,
    y: *mut f32,
) {
    for row in begin * high..end * high {
        let (c, i) = (quotient(row, high), remainder(row, high));
        let from = i.wrapping_sub(top);
        for p in 0..stride {
            let to = y.add((row * stride + p) * half);
            // Phase p has the image from j on, for n floats.
            let j = ceil(left.saturating_sub(p), stride).min(half);
            let first = j * stride + p - left;
            let n = if from < h && first < w { ceil(w - first, stride).min(half - j) } else { 0 };
            let image = x.add((c * h + from.min(h)) * w + first);
            let mut l = 0;
            while l < j {
                *to.add(l) = 0.0;
                l += 1;
            }
            if stride == 1 {
                while l + 4 <= j + n {
                    store(to.add(l), load(image.add(l - j)));
                    l += 4;
                }
            } else if stride == 2 {
                while l + 4 <= j + n && first + 2 * (l - j) + 8 <= w {
                    let at = image.add(2 * (l - j));
                    store(to.add(l), even(load(at), load(at.add(4))));
                    l += 4;
                }
            }
            while l < j + n {
                *to.add(l) = *image.add((l - j) * stride);
                l += 1;
            }
            while l < half {
                *to.add(l) = 0.0;
                l += 1;
            }
        }
    }
}

/// offset[k] of windows (c, ky, kx), one unit 0..1.
#[no_mangle]
pub unsafe extern "C" fn window_offsets(
    begin: usize,
    end: usize,
    channels: usize,
    kh: usize,
    kw: usize,
    stride: usize,
    dilation_y: usize,
    dilation_x: usize,
    high: usize,
    half: usize,
    offsets: *mut u32,
) {
    if begin >= end {
        return;
    }
    let row = stride * half;
    for k in 0..channels * kh * kw {
        let (kx, rest) = (remainder(k, kw), quotient(k, kw));
        let (ky, c) = (remainder(rest, kh), quotient(rest, kh));
        let at = kx * dilation_x;
        let column = remainder(at, stride) * half + quotient(at, stride);
        *offsets.add(k) = ((c * high + ky * dilation_y) * row + column) as u32;
    }
}

#[derive(Clone, Copy)]
struct Windows {
    k: usize,
    offsets: *const u32,
    w: *const f32,
    bias: *const f32,
    act: u32,
    plane: usize,
}

/// Output rows begin..end of `high`, of all `o` channels; x is the bordered copy, `step` floats from
/// one output row to the next, with 32 floats behind it that may be read.
#[no_mangle]
pub unsafe extern "C" fn direct(
    begin: usize,
    end: usize,
    o: usize,
    k: usize,
    high: usize,
    wide: usize,
    offsets: *const u32,
    step: usize,
    x: *const f32,
    w: *const f32,
    bias: *const f32,
    act: u32,
    y: *mut f32,
    regs: usize,
) {
    let a = Windows { k, offsets, w, bias, act, plane: high * wide };
    let most = if o == 1 {
        8
    } else if o == 2 {
        4
    } else {
        2
    };
    let tallest = if regs >= 12 { 6 } else { 4 };
    for oy in begin..end {
        let positions = Positions { x: x.add(oy * step), ldx: 0, w: wide, step: 1, n: wide, out: wide };
        let mut i = 0;
        while i < o {
            let r = (o - i).min(tallest);
            for index in 0..positions.count(most) {
                let tile = positions.tile(index, most);
                let to = y.add(i * a.plane + oy * wide + tile.at);
                macro_rules! go {
                    ($($r:literal: $($t:literal)*;)*) => {
                        match (r, tile.t) {
                            $($(($r, $t) => run::<$r, $t>(&a, i, &tile, to),)*)*
                            _ => {}
                        }
                    };
                }
                go!(1: 1 2 3 4 5 6 7 8; 2: 1 2 3 4; 3: 1 2; 4: 1 2; 5: 1 2; 6: 1 2;);
            }
            i += r;
        }
    }
}

#[inline(never)]
unsafe fn run<const R: usize, const T: usize>(a: &Windows, i: usize, tile: &Tile, y: *mut f32) {
    let Windows { k, offsets, w, bias, act, plane } = *a;
    let mut acc: [[F; T]; R] =
        core::array::from_fn(|r| [bias_of(bias, i + r); T]);
    let mut at: [*const f32; R] = core::array::from_fn(|r| w.add((i + r) * k));
    let x = tile.x;
    let (mut offset, end) = (offsets, offsets.add(k));
    while offset < end {
        let from = x.add(*offset as usize);
        if R < T {
            let wv: [F; R] = core::array::from_fn(|r| load_splat(at[r]));
            for t in 0..T {
                let xv = load(from.add(4 * t));
                for r in 0..R {
                    acc[r][t] = madd(wv[r], xv, acc[r][t]);
                }
            }
        } else {
            let xv: [F; T] = core::array::from_fn(|t| load(from.add(4 * t)));
            for r in 0..R {
                let wv = load_splat(at[r]);
                for t in 0..T {
                    acc[r][t] = madd(wv, xv[t], acc[r][t]);
                }
            }
        }
        for r in 0..R {
            at[r] = at[r].add(1);
        }
        offset = offset.add(1);
    }
    store_tile(y, plane, acc, tile.cols, act);
}
