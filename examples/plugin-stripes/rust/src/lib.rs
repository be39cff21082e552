//! Y[M, N] = W[M, K] · X[K, N] + bias[M], clamped to low..high, for W in stripes.
//!
//! ```text
//!   stripe s is the columns crd[s]·width ..       values[s][i][t] = W[i, crd[s]·width + t]
//!
//!                                    X[c, j ..]   x0   x1
//!   splat values[s][i    ][t]                    [acc][acc]
//!   splat values[s][i + 1][t]                    [acc][acc]        c = crd[s]·width + t
//!   splat values[s][i + 2][t]                    [acc][acc]
//!   splat values[s][i + 3][t]                    [acc][acc]
//! ```
//!
//! All rows share their columns, so a loaded X vector serves R rows. Computes rows begin..end.
#![no_std]
use core::arch::wasm32::*;

#[derive(Clone, Copy)]
struct Product {
    m: usize,
    k: usize,
    n: usize,
    width: usize,
    count: usize,
    crd: *const u32,
    values: *const f32,
    x: *const f32,
    bias: *const f32,
    low: f32,
    high: f32,
    y: *mut f32,
}

impl Product {
    /// R rows from i.
    unsafe fn rows<const R: usize>(&self, i: usize) {
        let mut j = 0;
        while j + 8 <= self.n {
            self.tile::<R, 2>(i, j);
            j += 8;
        }
        if j + 4 <= self.n {
            self.tile::<R, 1>(i, j);
            j += 4;
        }
        while j < self.n {
            self.column::<R>(i, j);
            j += 1;
        }
    }

    /// R rows and 4·V columns of Y.
    #[inline(always)]
    unsafe fn tile<const R: usize, const V: usize>(&self, i: usize, j: usize) {
        let mut acc = [[f32x4_splat(0.0); V]; R];
        for r in 0..R {
            acc[r] = [f32x4_splat(self.start(i + r)); V];
        }
        for s in 0..self.count {
            let (first, values, width) = self.stripe(s, i);
            for t in 0..width {
                let x = self.x.add((first + t) * self.n + j);
                for v in 0..V {
                    let x = v128_load(x.add(4 * v) as *const v128);
                    for r in 0..R {
                        let w = v128_load32_splat(values.add(r * self.width + t) as *const u32);
                        acc[r][v] = f32x4_add(acc[r][v], f32x4_mul(w, x));
                    }
                }
            }
        }
        for r in 0..R {
            for v in 0..V {
                let low = f32x4_max(acc[r][v], f32x4_splat(self.low));
                let y = self.y.add((i + r) * self.n + j + 4 * v);
                v128_store(y as *mut v128, f32x4_min(low, f32x4_splat(self.high)));
            }
        }
    }

    /// R rows and one column of Y.
    #[inline(always)]
    unsafe fn column<const R: usize>(&self, i: usize, j: usize) {
        for r in 0..R {
            let mut sum = self.start(i + r);
            for s in 0..self.count {
                let (first, values, width) = self.stripe(s, i + r);
                for t in 0..width {
                    sum += *values.add(t) * *self.x.add((first + t) * self.n + j);
                }
            }
            // Compared so that NaN stays NaN.
            let sum = if sum < self.low { self.low } else { sum };
            *self.y.add((i + r) * self.n + j) = if sum > self.high { self.high } else { sum };
        }
    }

    /// Its first column, its values from row i on, and how many of its columns are inside the matrix.
    #[inline(always)]
    unsafe fn stripe(&self, s: usize, i: usize) -> (usize, *const f32, usize) {
        let first = *self.crd.add(s) as usize * self.width;
        let values = self.values.add((s * self.m + i) * self.width);
        (first, values, self.width.min(self.k - first))
    }

    #[inline(always)]
    unsafe fn start(&self, i: usize) -> f32 {
        if self.bias.is_null() { 0.0 } else { *self.bias.add(i) }
    }
}

#[no_mangle]
pub unsafe extern "C" fn matmul(
    begin: usize,
    end: usize,
    m: usize,
    k: usize,
    n: usize,
    width: usize,
    count: usize,
    crd: *const u32,
    values: *const f32,
    x: *const f32,
    bias: *const f32,
    low: f32,
    high: f32,
    y: *mut f32,
) {
    let product = Product { m, k, n, width, count, crd, values, x, bias, low, high, y };
    let mut i = begin;
    while i + 4 <= end {
        product.rows::<4>(i);
        i += 4;
    }
    while i < end {
        product.rows::<1>(i);
        i += 1;
    }
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    unreachable()
}
