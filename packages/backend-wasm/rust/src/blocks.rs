//! Rows of blocks, v × c each, from row-major numbers.
//!
//! Two passes over the same rows, so that the result is made in its own place: count the blocks of every group of v rows,
//! `sum_counts`, then fill. Bits are kept between the two.
//!
//! ```text
//!   c = 1, v = 4    0 a 0 0 0 0 d 0 …    the bits of four rows together, 64 columns at a time
//!                   0 b 0 0 0 0 0 0      a bit each for columns that hold a number: crd
//!                   …                    values: what the rows have there
//! ```
use crate::listed::{by_eights, eights, kept_word, one_by_one, rest, words_of};
use crate::simd::{add, either, gather, load, splat, store};
use crate::tiles::Out;

/// Rows of row-major numbers, a block high or fewer.
#[derive(Clone, Copy)]
struct Numbers {
    x: *const f32,
    rows: usize,
    k: usize,
}

impl Numbers {
    /// Columns j..j + 64, or those that there are, where some row has a number.
    #[inline(always)]
    unsafe fn bits(&self, j: usize) -> u64 {
        if j + 64 > self.k {
            return rest(self.k - j, |i| self.any(j + i, 1));
        }
        let row = |r: usize, i: usize| load(self.x.add(r * self.k + j + i));
        if self.rows == 4 {
            // Bits of zeros are those of a zero, whatever their signs; any other bit makes another number.
            return kept_word(|i| either(either(row(0, i), row(1, i)), either(row(2, i), row(3, i))));
        }
        let mut bits = 0;
        for r in 0..self.rows {
            bits |= kept_word(|i| row(r, i));
        }
        bits
    }
    #[inline(always)]
    unsafe fn any(&self, j: usize, width: usize) -> bool {
        let mut any = false;
        for r in 0..self.rows {
            for i in 0..width {
                any |= *self.x.add(r * self.k + j + i) != 0.0;
            }
        }
        any
    }
}

/// pos[group + 1] = blocks of x [m, k] that hold a number other than zero, and where c = 1 a bit for each in
/// words[group][ceil(k / 64)]; groups begin..end.
#[no_mangle]
pub unsafe extern "C" fn blocks_count(
    begin: usize,
    end: usize,
    v: usize,
    c: usize,
    m: usize,
    k: usize,
    x: *const f32,
    pos: *mut u32,
    words: *mut u64,
) {
    for group in begin..end {
        let from = Numbers { x: x.add(group * v * k), rows: v.min(m - group * v), k };
        let words = words.add(group * words_of(k));
        let (mut j, mut count) = (0, 0);
        while j < k && c == 1 {
            let bits = from.bits(j);
            *words.add(j / 64) = bits;
            count += bits.count_ones();
            j += 64;
        }
        while j < k {
            count += from.any(j, c.min(k - j)) as u32;
            j += c.max(1);
        }
        *pos.add(group + 1) = count;
    }
}

/// Blocks of groups begin..end at pos. No −0 is stored.
#[no_mangle]
pub unsafe extern "C" fn blocks_fill(
    begin: usize,
    end: usize,
    v: usize,
    c: usize,
    m: usize,
    k: usize,
    x: *const f32,
    pos: *const u32,
    crd: *mut u8,
    bytes: usize,
    values: *mut f32,
    words: *const u64,
) {
    let (out, limit) = (Out { p: crd, bytes }, *pos.add(end) as usize);
    for group in begin..end {
        let from = Numbers { x: x.add(group * v * k), rows: v.min(m - group * v), k };
        let at = *pos.add(group) as usize;
        let words = words.add(group * words_of(k));
        if c == 1 && v == 4 && from.rows == 4 {
            columns::<true>(k, words, at, limit, &out, |q, j| {
                let four = gather(from.x.add(j), [0, k, 2 * k, 3 * k]);
                store(values.add(q * 4), add(four, splat(0.0)));
            });
            continue;
        }
        let block = |q: usize, j: usize, width: usize| {
            let to = values.add(q * v * c);
            for i in 0..v * c {
                *to.add(i) = 0.0;
            }
            for r in 0..from.rows {
                for i in 0..width {
                    *to.add(r * c + i) = *from.x.add(r * k + j + i) + 0.0;
                }
            }
        };
        if c == 1 {
            columns::<false>(k, words, at, limit, &out, |q, j| block(q, j, 1));
            continue;
        }
        let (mut at, last) = (at, *pos.add(group + 1) as usize);
        let (mut j, mut b) = (0, 0);
        while j < k && at < last {
            let width = c.min(k - j);
            if from.any(j, width) {
                out.put(at, b);
                block(at, j, width);
                at += 1;
            }
            j += c.max(1);
            b += 1;
        }
    }
}

/// Lists the columns that words name from `at` on, and gives each with its place to `block`; by eights where that is
/// asked for, while they stay below `limit`, the end of what these groups have.
#[inline(always)]
unsafe fn columns<const EIGHTS: bool>(
    k: usize,
    words: *const u64,
    mut at: usize,
    limit: usize,
    out: &Out,
    mut block: impl FnMut(usize, usize),
) {
    let mut j = 0;
    while j < k {
        let bits = *words.add(j / 64);
        let put = |q: usize, bit: usize| {
            out.put(at + q, j + bit);
            block(at + q, j + bit);
        };
        // Past what a word has there is a number of a later word, and so one to read.
        if EIGHTS && j + 64 <= k && at + eights(bits) <= limit {
            by_eights(bits, put);
        } else {
            one_by_one(bits, put);
        }
        at += bits.count_ones() as usize;
        j += 64;
    }
}
