//! The numbers of dense rows that are not zero, as compressed rows: counted, summed up, put in place.
//!
//! ```text
//!   x      0 5 0 7 0 0 0 9 …     64 at a time, a bit each: compared, narrowed, gathered
//!   words  0 1 0 1 0 0 0 1 …     kept from counting to filling: a number and its column for each bit that is set
//! ```
//!
//! Eight are stored before the next look at how many are left; what is too much, those of the next word cover. The next row
//! may be another thread's, and so the last ones of a range are stored one by one; those of more than 65536 columns
//! always. −0 is zero, NaN is not.
use crate::listed::{by_eights, eights, kept_word, one_by_one, rest, words_of};
use crate::simd::load;
use crate::tiles::Out;

/// pos[i + 1] = numbers of row i of x [·, columns] that are not zero, and a bit for each in words[i][ceil(columns / 64)];
/// rows begin..end.
#[no_mangle]
pub unsafe extern "C" fn nonzero_count(
    begin: usize,
    end: usize,
    columns: usize,
    x: *const f32,
    pos: *mut u32,
    words: *mut u64,
) {
    for i in begin..end {
        let (row, words) = (x.add(i * columns), words.add(i * words_of(columns)));
        let (mut c, mut n) = (0, 0);
        while c < columns {
            let from = row.add(c);
            let bits = if c + 64 <= columns {
                kept_word(|j| load(from.add(j)))
            } else {
                rest(columns - c, |j| *from.add(j) != 0.0)
            };
            *words.add(c / 64) = bits;
            n += bits.count_ones();
            c += 64;
        }
        *pos.add(i + 1) = n;
    }
}

/// Counts pos[1..=rows] become places: pos[0] = 0, pos[i + 1] = pos[i] + count. One unit, 0..1.
#[no_mangle]
pub unsafe extern "C" fn sum_counts(begin: usize, end: usize, rows: usize, pos: *mut u32) {
    if begin >= end {
        return;
    }
    let mut total = 0;
    *pos = 0;
    for i in 1..rows + 1 {
        total += *pos.add(i);
        *pos.add(i) = total;
    }
}

#[inline(always)]
unsafe fn fill<const EIGHTS: bool>(
    begin: usize,
    end: usize,
    columns: usize,
    x: *const f32,
    pos: *const u32,
    out: Out,
    values: *mut f32,
    words: *const u64,
) {
    let limit = *pos.add(end) as usize;
    for i in begin..end {
        let (row, words) = (x.add(i * columns), words.add(i * words_of(columns)));
        let (mut at, mut c) = (*pos.add(i) as usize, 0);
        while c < columns {
            let (from, bits) = (row.add(c), *words.add(c / 64));
            let put = |q: usize, j: usize| {
                *values.add(at + q) = *from.add(j);
                out.put(at + q, c + j);
            };
            // Past what a word has there is a number of a later word, and so one to read.
            if EIGHTS && c + 64 <= columns && at + eights(bits) <= limit {
                by_eights(bits, put);
            } else {
                one_by_one(bits, put);
            }
            at += bits.count_ones() as usize;
            c += 64;
        }
    }
}

/// The entries of rows begin..end of x [·, columns] at pos, which `nonzero_count` and `sum_counts` made, with words.
/// crd of 2 or 4 bytes. Nothing is written where pos[rows] is beyond `capacity`.
#[no_mangle]
pub unsafe extern "C" fn nonzero_fill(
    begin: usize,
    end: usize,
    rows: usize,
    columns: usize,
    x: *const f32,
    pos: *const u32,
    crd: *mut u8,
    bytes: usize,
    values: *mut f32,
    capacity: usize,
    words: *const u64,
) {
    if *pos.add(rows) as usize > capacity {
        return;
    }
    if bytes == 2 {
        fill::<true>(begin, end, columns, x, pos, Out { p: crd, bytes: 2 }, values, words);
    } else {
        fill::<false>(begin, end, columns, x, pos, Out { p: crd, bytes }, values, words);
    }
}
