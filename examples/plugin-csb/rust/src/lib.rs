//! Y[M, N] = W[M, K] · X[K, N] + bias[M], clamped to low..high, for W in compressed sparse blocks.
//!
//! ```text
//!            block (bi, bj): size rows of Y, size rows of X
//!   for each entry (r, c, v) of it:     Y[bi·size + r, ..] += v · X[bj·size + c, ..]
//! ```
//!
//! What a block touches stays in the cache, in any order of its entries. Computes rows of blocks begin..end.
#![no_std]
use core::arch::wasm32::*;

/// y += v · x, over n numbers.
#[inline(always)]
unsafe fn add(n: usize, v: f32, x: *const f32, y: *mut f32) {
    let vs = f32x4_splat(v);
    let mut j = 0;
    while j + 4 <= n {
        let sum = f32x4_add(
            v128_load(y.add(j) as *const v128),
            f32x4_mul(vs, v128_load(x.add(j) as *const v128)),
        );
        v128_store(y.add(j) as *mut v128, sum);
        j += 4;
    }
    while j < n {
        *y.add(j) += v * *x.add(j);
        j += 1;
    }
}

#[no_mangle]
pub unsafe extern "C" fn matmul(
    begin: usize,
    end: usize,
    m: usize,
    n: usize,
    size: usize,
    blocks: *const u32,
    block: *const u32,
    entries: *const u32,
    row: *const u8,
    column: *const u8,
    values: *const f32,
    x: *const f32,
    bias: *const f32,
    low: f32,
    high: f32,
    y: *mut f32,
) {
    for bi in begin..end {
        let (first, last) = (bi * size, m.min((bi + 1) * size));
        for i in first..last {
            let start = if bias.is_null() { 0.0 } else { *bias.add(i) };
            for j in i * n..(i + 1) * n {
                *y.add(j) = start;
            }
        }
        for b in *blocks.add(bi) as usize..*blocks.add(bi + 1) as usize {
            let corner = *block.add(b) as usize * size;
            for e in *entries.add(b) as usize..*entries.add(b + 1) as usize {
                let (i, k) = (first + *row.add(e) as usize, corner + *column.add(e) as usize);
                add(n, *values.add(e), x.add(k * n), y.add(i * n));
            }
        }
        // Compared so that NaN stays NaN.
        for j in first * n..last * n {
            let sum = *y.add(j);
            let sum = if sum < low { low } else { sum };
            *y.add(j) = if sum > high { high } else { sum };
        }
    }
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    unreachable()
}
