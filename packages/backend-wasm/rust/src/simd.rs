//! Four floats. On wasm32 one `v128`; elsewhere an array, so that the kernels' logic is tested on
//! the host.
//!
//! `madd` is the one place that chooses between a fused and an unfused multiply-add. `upper` and
//! `lower` keep a NaN of their first operand. They are compare and select, because the compiler may
//! turn a pseudo-maximum into a relaxed one, which may lose the NaN.

#[cfg(not(target_arch = "wasm32"))]
#[path = "simd/host.rs"]
mod four;
#[cfg(target_arch = "wasm32")]
#[path = "simd/wasm.rs"]
mod four;

pub use four::*;

#[inline(always)]
pub fn sum(v: F) -> f32 {
    let [a, b, c, d] = lanes(v);
    (a + b) + (c + d)
}

/// Four rows become four columns.
#[inline(always)]
pub fn transpose(r: [F; 4]) -> [F; 4] {
    let (a, b) = (low(r[0], r[1]), high(r[0], r[1]));
    let (c, d) = (low(r[2], r[3]), high(r[2], r[3]));
    [low_halves(a, c), high_halves(a, c), low_halves(b, d), high_halves(b, d)]
}

/// The first `n < 4` lanes.
#[inline(always)]
pub unsafe fn store_some(p: *mut f32, v: F, n: usize) {
    let l = lanes(v);
    if n > 0 {
        *p = l[0];
    }
    if n > 1 {
        *p.add(1) = l[1];
    }
    if n > 2 {
        *p.add(2) = l[2];
    }
}
