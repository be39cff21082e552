//! What the machine can do: the yardstick for every other kernel.
use crate::simd::*;

/// 12 independent chains of multiply-adds: n · 96 floating-point operations.
#[no_mangle]
pub extern "C" fn peak(n: usize, a: f32, b: f32) -> f32 {
    let (a, b) = (splat(a), splat(b));
    let mut acc: [F; 12] = core::array::from_fn(|i| splat(i as f32));
    for _ in 0..n {
        for c in acc.iter_mut() {
            *c = madd(*c, a, b);
        }
    }
    let mut total = acc[0];
    for i in 1..12 {
        total = add(total, acc[i]);
    }
    sum(total)
}

/// Reads `floats` (a multiple of 32) n times: n · floats · 4 bytes.
#[no_mangle]
pub unsafe extern "C" fn load_peak(n: usize, p: *const f32, floats: usize) -> f32 {
    let mut acc = [splat(0.0); 8];
    for _ in 0..n {
        let mut i = 0;
        while i + 32 <= floats {
            for t in 0..8 {
                acc[t] = add(acc[t], load(p.add(i + 4 * t)));
            }
            i += 32;
        }
    }
    let mut total = acc[0];
    for i in 1..8 {
        total = add(total, acc[i]);
    }
    sum(total)
}
