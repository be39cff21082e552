//! im2col: the windows of a convolution as columns, so that `dense` multiplies them.
//!
//! ```text
//!   row (c, ky, kx) of the result:  X[c, oy·sy + ky·dy - top, ox·sx + kx·dx - left]  over (oy, ox)
//! ```
//!
//! The result is [C·kh·kw, OH·OW], row-major (w = OH·OW, step = 0) or in zero-padded panels of w
//! (step = C·kh·kw·w, ldy = w). Outside the image a window reads zero.
use crate::simd::*;
use crate::tiles::{quotient, remainder};

/// Input channels begin..end.
#[no_mangle]
pub unsafe extern "C" fn im2col(
    begin: usize,
    end: usize,
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
    y: *mut f32,
    ldy: usize,
    panel: usize,
    step: usize,
) {
    for row in begin * kh * kw..end * kh * kw {
        let (kx, rest) = (remainder(row, kw), quotient(row, kw));
        let (ky, c) = (remainder(rest, kh), quotient(rest, kh));
        let mut to = Cursor { to: y.add(row * ldy), left: panel, panel, jump: step.wrapping_sub(panel) };
        for oy in 0..oh {
            let yy = (oy * stride_y + ky * dilation_y).wrapping_sub(top);
            if yy >= h {
                for _ in 0..ow {
                    to.put(0.0);
                }
                continue;
            }
            let from = x.add((c * h + yy) * w);
            // The first output whose column is not before the image.
            let shift = kx * dilation_x;
            let mut ox = 0;
            while ox < ow && ox * stride_x + shift < left {
                to.put(0.0);
                ox += 1;
            }
            if stride_x <= 2 {
                let mut at = (ox * stride_x + shift).max(left) - left;
                if step == 0 {
                    let start = ox;
                    while ox + 4 <= ow && at + 4 * stride_x <= w {
                        store(to.to.add(ox - start), take(from.add(at), stride_x));
                        ox += 4;
                        at += 4 * stride_x;
                    }
                    to.step(ox - start);
                }
                while ox + 4 <= ow && at + 4 * stride_x <= w {
                    if to.left >= 4 {
                        to.put_four(take(from.add(at), stride_x));
                        ox += 4;
                        at += 4 * stride_x;
                    } else {
                        to.put(*from.add(at));
                        ox += 1;
                        at += stride_x;
                    }
                }
            }
            while ox < ow {
                let at = (ox * stride_x + shift).wrapping_sub(left);
                to.put(if at < w { *from.add(at) } else { 0.0 });
                ox += 1;
            }
        }
        if step != 0 {
            while to.left < panel {
                to.put(0.0);
            }
        }
    }
}

/// Four floats, each or every other one.
#[inline(always)]
unsafe fn take(p: *const f32, stride: usize) -> F {
    if stride == 1 {
        load(p)
    } else {
        even(load(p), load(p.add(4)))
    }
}

/// Where the next position goes; panels jump when one is full.
struct Cursor {
    to: *mut f32,
    left: usize,
    panel: usize,
    jump: usize,
}

impl Cursor {
    #[inline(always)]
    unsafe fn put_four(&mut self, v: F) {
        store(self.to, v);
        self.step(4);
    }
    #[inline(always)]
    unsafe fn put(&mut self, v: f32) {
        *self.to = v;
        self.step(1);
    }
    /// Past n positions of this panel; past its end to the next.
    #[inline(always)]
    unsafe fn step(&mut self, n: usize) {
        self.to = self.to.add(n);
        self.left -= n;
        if self.left == 0 {
            self.to = self.to.wrapping_add(self.jump);
            self.left = self.panel;
        }
    }
}
