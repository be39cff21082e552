//! Hardware's 2:4 along the inputs and one position: the numbers of x that two rows pick of a block are moved by a shuffle.
//!
//! ```text
//!   codes   a byte: what two rows pick of a block          values [group][block][4 pairs][2 rows][2]
//!
//!   x  a b c d     row 0 picks b d, row 1 a c:   [b d a c] = shuffle(x, shuffles[code]), times four values
//! ```
//!
//! Eight rows go together, so that x is loaded once for sixteen entries. Four entries take loads of values, of a code and
//! of a shuffle: 7 instructions, where a number of x at a time has 13. A byte for 4 entries, not one an entry, is what a
//! matrix in DRAM waits for.
use crate::simd::*;
use crate::tiles::ceil;
use crate::vector::finish;

/// Groups of eight rows begin..end of ceil(M/8). shuffles [256][16] bytes; codes u8 [group][ceil(K/4)][4].
#[no_mangle]
pub unsafe extern "C" fn nm24_vec(
    begin: usize,
    end: usize,
    m: usize,
    k: usize,
    shuffles: *const u8,
    codes: *const u8,
    values: *const f32,
    x: *const f32,
    bias: *const f32,
    act: u32,
    y: *mut f32,
) {
    let blocks = ceil(k, 4);
    for group in begin..end {
        let (mut code, mut value) = (codes.add(group * blocks * 4), values.add(group * blocks * 16));
        let mut acc = [splat(0.0); 4];
        let mut from = x;
        let stop = x.add(k - k % 4);
        while from < stop {
            add_block(&mut acc, load(from), shuffles, code, value);
            (from, code, value) = (from.add(4), code.add(4), value.add(16));
        }
        if k % 4 != 0 {
            let mut last = [0.0; 4];
            for l in 0..k % 4 {
                last[l] = *from.add(l);
            }
            add_block(&mut acc, load(last.as_ptr()), shuffles, code, value);
        }
        for pair in 0..4 {
            let [a, b, c, d] = lanes(acc[pair]);
            for (row, total) in [(8 * group + 2 * pair, a + b), (8 * group + 2 * pair + 1, c + d)] {
                if row < m {
                    finish(row, total, bias, act, y);
                }
            }
        }
    }
}

/// One block of eight rows.
#[inline(always)]
unsafe fn add_block(acc: &mut [F; 4], x: F, shuffles: *const u8, code: *const u8, value: *const f32) {
    for pair in 0..4 {
        let by = load(shuffles.add(16 * *code.add(pair) as usize) as *const f32);
        acc[pair] = madd(load(value.add(4 * pair)), shuffle(x, by), acc[pair]);
    }
}
