//! Looking places up, and finding them: gather, scatter-add, embedding, the largest of a line or a window.
//!
//! An index is a number of type `int` (0 float, 1 i32); one outside 0..extent names nothing.
use crate::tiles::remainder;

#[inline(always)]
unsafe fn place(indices: *const f32, int: u32, at: usize, extent: usize) -> Option<usize> {
    if int == 1 {
        let v = *(indices as *const i32).add(at);
        return if v >= 0 && (v as usize) < extent { Some(v as usize) } else { None };
    }
    let v = *indices.add(at);
    if v >= 0.0 && v < extent as f32 {
        Some(v as usize)
    } else {
        None
    }
}

/// y[o, j, i] = x[o, indices[o, j, i], i] for x [outer, extent, inner], j < count; outer begin..end.
#[no_mangle]
pub unsafe extern "C" fn take(
    begin: usize,
    end: usize,
    count: usize,
    extent: usize,
    inner: usize,
    x: *const f32,
    indices: *const f32,
    int: u32,
    missing: f32,
    y: *mut f32,
) {
    for o in begin..end {
        for at in o * count * inner..(o + 1) * count * inner {
            let i = remainder(at, inner);
            *y.add(at) = match place(indices, int, at, extent) {
                Some(e) => *x.add((o * extent + e) * inner + i),
                None => missing,
            };
        }
    }
}

/// y[o, indices[o, j, i], i] += updates[o, j, i]; outer begin..end.
#[no_mangle]
pub unsafe extern "C" fn scatter_add(
    begin: usize,
    end: usize,
    count: usize,
    extent: usize,
    inner: usize,
    indices: *const f32,
    int: u32,
    updates: *const f32,
    y: *mut f32,
) {
    for o in begin..end {
        for at in o * count * inner..(o + 1) * count * inner {
            if let Some(e) = place(indices, int, at, extent) {
                *y.add((o * extent + e) * inner + remainder(at, inner)) += *updates.add(at);
            }
        }
    }
}

/// y[j, ·] = table[indices[j], ·], or `missing`; indices begin..end.
#[no_mangle]
pub unsafe extern "C" fn take_rows(
    begin: usize,
    end: usize,
    rows: usize,
    width: usize,
    table: *const f32,
    indices: *const f32,
    int: u32,
    missing: f32,
    y: *mut f32,
) {
    for j in begin..end {
        let to = y.add(j * width);
        match place(indices, int, j, rows) {
            Some(row) => {
                for k in 0..width {
                    *to.add(k) = *table.add(row * width + k);
                }
            }
            None => {
                for k in 0..width {
                    *to.add(k) = missing;
                }
            }
        }
    }
}

/// Whether a comes before b in falling order, NaN first.
#[inline(always)]
fn before(a: f32, b: f32) -> bool {
    a > b || (a.is_nan() && !b.is_nan())
}

/// y[o, t, i] = where the t-th largest of x [outer, extent, inner] along the middle lies, t < k; of equals the
/// first. Outer begin..end.
#[no_mangle]
pub unsafe extern "C" fn top_indices(
    begin: usize,
    end: usize,
    extent: usize,
    inner: usize,
    k: usize,
    x: *const f32,
    y: *mut f32,
) {
    for o in begin..end {
        for i in 0..inner {
            let line = x.add(o * extent * inner + i);
            let mut last = extent;
            for t in 0..k {
                let mut best = extent;
                for e in 0..extent {
                    let v = *line.add(e * inner);
                    if last < extent {
                        // Only what comes after the one found before.
                        let u = *line.add(last * inner);
                        if before(v, u) || (!before(u, v) && e <= last) {
                            continue;
                        }
                    }
                    if best == extent || before(v, *line.add(best * inner)) {
                        best = e;
                    }
                }
                *y.add((o * k + t) * inner + i) = best as f32;
                last = best;
            }
        }
    }
}

/// Where in its plane the largest pixel of each window lies, of equals the first; channels begin..end.
#[no_mangle]
pub unsafe extern "C" fn pool_indices(
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
            for j in 0..ow {
                let first = (j * stride_x).max(left) - left;
                let last = ((j * stride_x + kw).max(left) - left).min(w);
                let mut best = from * w + first;
                for yy in from..to {
                    for xx in first..last {
                        if before(*plane.add(yy * w + xx), *plane.add(best)) {
                            best = yy * w + xx;
                        }
                    }
                }
                *y.add((c * oh + i) * ow + j) = best as f32;
            }
        }
    }
}
