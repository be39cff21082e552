//! The numbers of dense rows that are not zero, as compressed rows: counted, summed up, put in place.
//!
//! ```text
//!   x     0 5 0 7 0 0 0 9 …     a word of 64 at a time, a bit each: compared, narrowed, gathered
//!   bits  0 1 0 1 0 0 0 1 …     a number and its column for each bit that is set
//! ```
//!
//! Eight are stored before the next look at how many are left; what is too much, the next word's cover. The next row
//! may be another thread's, and so the last ones of a range are stored one by one; those of more than 65536 columns
//! always. −0 is zero, NaN is not.
use crate::listed::{by_eights, count_kept, eights, kept_word, one_by_one};
use crate::simd::load;
use crate::tiles::Out;

/// How many numbers of a row are not zero.
#[inline(always)]
unsafe fn count(row: *const f32, columns: usize) -> u32 {
    let whole = columns & !15;
    let mut n = count_kept(row, whole);
    for c in whole..columns {
        n += (*row.add(c) != 0.0) as u32;
    }
    n
}

/// pos[i + 1] = numbers of row i of x [·, columns] that are not zero; rows begin..end.
#[no_mangle]
pub unsafe extern "C" fn nonzero_count(begin: usize, end: usize, columns: usize, x: *const f32, pos: *mut u32) {
    for i in begin..end {
        *pos.add(i + 1) = count(x.add(i * columns), columns);
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

/// Which of `count` < 64 numbers are not zero.
#[inline(always)]
pub unsafe fn rest(count: usize, mut is: impl FnMut(usize) -> bool) -> u64 {
    let mut bits = 0;
    for j in 0..count {
        bits |= (is(j) as u64) << j;
    }
    bits
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
) {
    let limit = *pos.add(end) as usize;
    for i in begin..end {
        let row = x.add(i * columns);
        let (mut at, mut c) = (*pos.add(i) as usize, 0);
        while c < columns {
            let whole = c + 64 <= columns;
            let from = row.add(c);
            let bits = if whole {
                kept_word(|j| load(from.add(j)))
            } else {
                rest(columns - c, |j| *from.add(j) != 0.0)
            };
            let put = |q: usize, j: usize| {
                *values.add(at + q) = *from.add(j);
                out.put(at + q, c + j);
            };
            // Past what a word has there is a number of a later word, and so one to read.
            if EIGHTS && whole && at + eights(bits) <= limit {
                by_eights(bits, put);
            } else {
                one_by_one(bits, put);
            }
            at += bits.count_ones() as usize;
            c += 64;
        }
    }
}

/// The entries of rows begin..end of x [·, columns] at pos, which `nonzero_count` and `sum_counts` made.
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
) {
    if *pos.add(rows) as usize > capacity {
        return;
    }
    if bytes == 2 {
        fill::<true>(begin, end, columns, x, pos, Out { p: crd, bytes: 2 }, values);
    } else {
        fill::<false>(begin, end, columns, x, pos, Out { p: crd, bytes }, values);
    }
}
