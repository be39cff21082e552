//! col2im: the columns of a transposed convolution added up into an image, which is im2col the other way.
//!
//! ```text
//!   Y[c, oy·sy + ky·dy - top, ox·sx + kx·dx - left] += columns[(c, ky, kx), (oy, ox)]
//! ```

/// Output channels begin..end of Y [C, H, W], each from its bias (or 0) on.
#[no_mangle]
pub unsafe extern "C" fn col2im(
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
    columns: *const f32,
    bias: *const f32,
    y: *mut f32,
) {
    for c in begin..end {
        let plane = y.add(c * h * w);
        let start = if bias.is_null() { 0.0 } else { *bias.add(c) };
        for at in 0..h * w {
            *plane.add(at) = start;
        }
        for ky in 0..kh {
            for kx in 0..kw {
                let mut from = columns.add(((c * kh + ky) * kw + kx) * oh * ow);
                for oy in 0..oh {
                    let yy = (oy * stride_y + ky * dilation_y).wrapping_sub(top);
                    if yy < h {
                        let row = plane.add(yy * w);
                        for ox in 0..ow {
                            let xx = (ox * stride_x + kx * dilation_x).wrapping_sub(left);
                            if xx < w {
                                *row.add(xx) += *from.add(ox);
                            }
                        }
                    }
                    from = from.add(ow);
                }
            }
        }
    }
}
