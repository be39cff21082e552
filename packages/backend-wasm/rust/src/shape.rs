//! Moving planes about: padding, depth to space.
use crate::simd::*;

/// [C,H,W] → [C,OH,OW] with the image at (top, left) and `value` around it; channels begin..end.
#[no_mangle]
pub unsafe extern "C" fn pad(
    begin: usize,
    end: usize,
    h: usize,
    w: usize,
    top: usize,
    left: usize,
    oh: usize,
    ow: usize,
    value: f32,
    x: *const f32,
    y: *mut f32,
) {
    for c in begin..end {
        for i in 0..oh {
            let to = y.add((c * oh + i) * ow);
            let from = i.wrapping_sub(top);
            if from >= h {
                line(to, 0, ow, value);
            } else {
                let wide = w.min(ow - left);
                line(to, 0, left, value);
                let (p, q) = (x.add((c * h + from) * w), to.add(left));
                let mut j = 0;
                while j + 4 <= wide {
                    store(q.add(j), load(p.add(j)));
                    j += 4;
                }
                while j < wide {
                    *q.add(j) = *p.add(j);
                    j += 1;
                }
                line(to, left + wide, ow, value);
            }
        }
    }
}

#[inline(always)]
unsafe fn line(y: *mut f32, from: usize, to: usize, value: f32) {
    for j in from..to {
        *y.add(j) = value;
    }
}

/// TensorFlow's depth to space (DCR) on planes: [b·b·C,H,W] → [C,H·b,W·b], output channels
/// begin..end of C.
///
///   Y[c, h·b + dy, w·b + dx] = X[(dy·b + dx)·C + c, h, w]
#[no_mangle]
pub unsafe extern "C" fn depth_to_space(
    begin: usize,
    end: usize,
    channels: usize,
    h: usize,
    w: usize,
    b: usize,
    x: *const f32,
    y: *mut f32,
) {
    for c in begin..end {
        for i in 0..h {
            for dy in 0..b {
                for dx in 0..b {
                    let from = x.add((((dy * b + dx) * channels + c) * h + i) * w);
                    let to = y.add(((c * h + i) * b + dy) * w * b + dx);
                    for j in 0..w {
                        *to.add(j * b) = *from.add(j);
                    }
                }
            }
        }
    }
}
