//! What happens at the store: the activation, and rows that end before their last vector does.
use crate::simd::*;

/// 0 none, 1 relu, 2 relu6. A branch, not a pair of bounds: bounds would live in registers that the
/// loop before the store wants.
#[inline(always)]
pub fn activate(act: u32, v: F) -> F {
    match act {
        0 => v,
        1 => upper(v, splat(0.0)),
        _ => lower(upper(v, splat(0.0)), splat(6.0)),
    }
}

#[inline(always)]
pub fn activate_one(act: u32, x: f32) -> f32 {
    if act >= 1 && x < 0.0 {
        0.0
    } else if act >= 2 && x > 6.0 {
        6.0
    } else {
        x
    }
}

/// act, then the first `cols` floats of R rows of T vectors.
#[inline(always)]
pub unsafe fn store_tile<const T: usize, const R: usize>(
    y: *mut f32,
    ldy: usize,
    mut acc: [[F; T]; R],
    cols: usize,
    act: u32,
) {
    if act != 0 {
        for r in 0..R {
            for t in 0..T {
                acc[r][t] = upper(acc[r][t], splat(0.0));
            }
        }
        if act == 2 {
            for r in 0..R {
                for t in 0..T {
                    acc[r][t] = lower(acc[r][t], splat(6.0));
                }
            }
        }
    }
    if cols >= 4 * T {
        for r in 0..R {
            for t in 0..T {
                store(y.add(r * ldy + 4 * t), acc[r][t]);
            }
        }
    } else {
        for r in 0..R {
            let row = acc[r];
            store_part(y.add(r * ldy), row.as_ptr(), cols);
        }
    }
}

/// The rare end of a panel, out of line to keep the kernels small.
#[inline(never)]
unsafe fn store_part(y: *mut f32, v: *const F, cols: usize) {
    let v = v as *const f32;
    for c in 0..cols {
        *y.add(c) = *v.add(c);
    }
}

/// bias[i], or 0 when there is none.
#[inline(always)]
pub unsafe fn bias_of(bias: *const f32, i: usize) -> F {
    if bias.is_null() {
        splat(0.0)
    } else {
        load_splat(bias.add(i))
    }
}
