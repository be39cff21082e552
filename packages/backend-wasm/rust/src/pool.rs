//! Pooling over planes [C,H,W] → [C,OH,OW], and the mean of a plane.
//!
//! Windows are cut to the image: a maximum never sees padding, an average divides by the positions
//! inside (TensorFlow's rule). Four neighbouring outputs go together when the window lies inside
//! and the stride is 1 or 2.
use crate::simd::*;

macro_rules! pool {
    ($name:ident, $first:expr, $join:expr, $join_one:expr, $end:expr) => {
        #[no_mangle]
        pub unsafe extern "C" fn $name(
            begin: usize,
            end: usize,
            h: usize,
            w: usize,
            kh: usize,
            kw: usize,
            stride_y: usize,
            stride_x: usize,
            top: usize,
            left: usize,
            oh: usize,
            ow: usize,
            x: *const f32,
            y: *mut f32,
        ) {
            for c in begin..end {
                let plane = x.add(c * h * w);
                for i in 0..oh {
                    let from = (i * stride_y).max(top) - top;
                    let to = ((i * stride_y + kh).max(top) - top).min(h);
                    let mut j = 0;
                    while j < ow {
                        let out = y.add((c * oh + i) * ow + j);
                        let at = j * stride_x;
                        // The last float that four windows read together.
                        let reach = (at + 3 * stride_x + kw).max(left) - left + stride_x - 1;
                        if stride_x <= 2 && at >= left && j + 4 <= ow && reach <= w {
                            let mut acc = splat($first);
                            for yy in from..to {
                                for dx in 0..kw {
                                    let p = plane.add(yy * w + at - left + dx);
                                    let v = if stride_x == 1 { load(p) } else { even(load(p), load(p.add(4))) };
                                    acc = $join(acc, v);
                                }
                            }
                            let count = (to.max(from) - from) * kw;
                            store(out, $end(acc, splat(count as f32)));
                            j += 4;
                        } else {
                            let first = at.max(left) - left;
                            let last = ((at + kw).max(left) - left).min(w);
                            let mut acc: f32 = $first;
                            for yy in from..to {
                                for xx in first..last {
                                    acc = $join_one(acc, *plane.add(yy * w + xx));
                                }
                            }
                            let count = (to.max(from) - from) * (last.max(first) - first);
                            *out = lanes($end(splat(acc), splat(count as f32)))[0];
                            j += 1;
                        }
                    }
                }
            }
        }
    };
}
pool!(max_pool, f32::NEG_INFINITY, max, |a: f32, b: f32| if a.is_nan() || a > b { a } else { b }, |a, _| a);
pool!(avg_pool, 0.0, add, |a: f32, b: f32| a + b, div);

/// [C,n] → [C]: y[c] = scale · Σ x[c,·], channels begin..end (mean: scale = 1/n). Four chains.
#[no_mangle]
pub unsafe extern "C" fn sum_rows(begin: usize, end: usize, n: usize, x: *const f32, scale: f32, y: *mut f32) {
    for c in begin..end {
        let p = x.add(c * n);
        let mut acc = [splat(0.0); 4];
        let mut i = 0;
        while i + 16 <= n {
            for t in 0..4 {
                acc[t] = add(acc[t], load(p.add(i + 4 * t)));
            }
            i += 16;
        }
        while i + 4 <= n {
            acc[0] = add(acc[0], load(p.add(i)));
            i += 4;
        }
        let mut total = sum(add(add(acc[0], acc[1]), add(acc[2], acc[3])));
        while i < n {
            total += *p.add(i);
            i += 1;
        }
        *y.add(c) = total * scale;
    }
}

/// Bilinear resize, channels begin..end. align: corners meet corners, (H-1)/(OH-1); half: pixel
/// centres at .5; neither: H/OH from the corner.
#[no_mangle]
pub unsafe extern "C" fn resize(
    begin: usize,
    end: usize,
    h: usize,
    w: usize,
    oh: usize,
    ow: usize,
    align: usize,
    half: usize,
    x: *const f32,
    y: *mut f32,
) {
    // In double precision, so that a place that falls on a pixel is exactly there.
    let place = |i: usize, from: usize, to: usize| {
        let (top, bottom) = if align == 1 && to > 1 { (from - 1, to - 1) } else { (from, to) };
        let at = if half == 1 {
            (i as f64 + 0.5) * top as f64 / bottom as f64 - 0.5
        } else {
            (i * top) as f64 / bottom as f64
        };
        let low = at.max(0.0) as usize;
        let floor = if at < 0.0 { -1.0 } else { low as f64 };
        let high = if at > low as f64 { (low + 1).min(from - 1) } else { low };
        (low, high, (at - floor) as f32)
    };
    // A pixel with no share is not read, so that its NaN or infinity stays its own.
    let mix = |a: f32, b: f32, f: f32| if f == 0.0 { a } else { a * (1.0 - f) + b * f };
    for c in begin..end {
        let plane = x.add(c * h * w);
        for i in 0..oh {
            let (y0, y1, fy) = place(i, h, oh);
            let (r0, r1) = (plane.add(y0 * w), plane.add(y1 * w));
            for j in 0..ow {
                let (x0, x1, fx) = place(j, w, ow);
                let top = mix(*r0.add(x0), *r0.add(x1), fx);
                let low = mix(*r1.add(x0), *r1.add(x1), fx);
                *y.add((c * oh + i) * ow + j) = mix(top, low, fy);
            }
        }
    }
}
