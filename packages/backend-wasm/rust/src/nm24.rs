//! Hardware's 2:4 along the inputs and one position: the two numbers of x that a block picks are moved by a shuffle.
//!
//! ```text
//!   codes   4 bits a block: c0 | c1 << 2, eight blocks a word     values [i][ceil(K/4)][2]
//!
//!   x  a b c d | e f g h     block 0 picks b d, block 1 e g:   [b d e g] = shuffle(x0, low) | shuffle(x1, high)
//! ```
//!
//! Four entries take a load of values and two of shuffles; x is loaded once for four rows, and codes once for 16 entries.
//! A byte for 4 entries, not one an entry, is what a matrix in DRAM waits for.
use crate::simd::*;
use crate::vector::finish;

/// Shuffles of each code: its two numbers low or high, zeros beside them.
struct Shuffles {
    low: [[u8; 16]; 16],
    high: [[u8; 16]; 16],
}

impl Shuffles {
    #[inline(always)]
    fn new() -> Shuffles {
        let mut all = Shuffles { low: [[0x80; 16]; 16], high: [[0x80; 16]; 16] };
        for code in 0..16 {
            for byte in 0..8 {
                let from = (if byte < 4 { code & 3 } else { code >> 2 }) * 4 + byte % 4;
                all.low[code][byte] = from as u8;
                all.high[code][8 + byte] = from as u8;
            }
        }
        all
    }
}

/// Rows begin..end; codes u32[rows][ceil(blocks/8)].
#[no_mangle]
pub unsafe extern "C" fn nm24_vec(
    begin: usize,
    end: usize,
    k: usize,
    codes: *const u32,
    values: *const f32,
    x: *const f32,
    bias: *const f32,
    act: u32,
    y: *mut f32,
) {
    let shuffles = Shuffles::new();
    let mut i = begin;
    while i + 4 <= end {
        rows::<4>(i, k, codes, values, x, &shuffles, bias, act, y);
        i += 4;
    }
    while i < end {
        rows::<1>(i, k, codes, values, x, &shuffles, bias, act, y);
        i += 1;
    }
}

#[inline(never)]
unsafe fn rows<const R: usize>(
    i: usize,
    k: usize,
    codes: *const u32,
    values: *const f32,
    x: *const f32,
    shuffles: &Shuffles,
    bias: *const f32,
    act: u32,
    y: *mut f32,
) {
    let blocks = (k + 3) / 4;
    let words = (blocks + 7) / 8;
    let mut value: [*const f32; R] = core::array::from_fn(|r| values.add((i + r) * blocks * 2));
    let mut acc = [splat(0.0); R];
    let (low, high) = (shuffles.low.as_ptr() as *const u8, shuffles.high.as_ptr() as *const u8);
    let full = k / 32;
    for word in 0..full {
        let mut code: [usize; R] = core::array::from_fn(|r| *codes.add((i + r) * words + word) as usize);
        let mut from = x.add(32 * word);
        let stop = from.add(32);
        // Eight columns a round: all 32 in straight code do not fit the registers.
        while core::hint::black_box(from) < stop {
            let (a, b) = (load(from), load(from.add(4)));
            for r in 0..R {
                let one = shuffle(a, load(low.add((code[r] & 15) << 4) as *const f32));
                let two = shuffle(b, load(high.add(code[r] & 240) as *const f32));
                acc[r] = madd(load(value[r]), or(one, two), acc[r]);
                (code[r], value[r]) = (code[r] >> 8, value[r].add(4));
            }
            from = from.add(8);
        }
    }
    for r in 0..R {
        let mut total = sum(acc[r]);
        for block in 8 * full..blocks {
            let code = *codes.add((i + r) * words + block / 8) >> (4 * (block % 8));
            for s in 0..2 {
                let column = 4 * block + (code >> (2 * s) & 3) as usize;
                if column < k {
                    total += *values.add(((i + r) * blocks + block) * 2 + s) * *x.add(column);
                }
            }
        }
        finish(i + r, total, bias, act, y);
    }
}
