//! The numbers of dense rows that are not zero, as compressed rows: counted, summed up, put in place.
//!
//! ```text
//!   x   0 5 0 7 | 0 0 0 9      four at a time: which are kept is a number of 0..16, and the table has
//!       . 1 . 3   . . . 3      for each the shuffle that brings them to the front
//!       5 7 _ _   9 _ _ _      stored whole; the next store overwrites what is not kept
//! ```
//!
//! No branch depends on where zeros are. A row's last store would reach into the next row, which
//! another thread may hold, and so its last three entries are stored one by one. −0 is zero, NaN is not.
use crate::front::*;
use crate::simd::load;

/// How many numbers of a row are not zero.
#[inline(always)]
unsafe fn count(row: *const f32, columns: usize) -> u32 {
    let whole = columns & !7;
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

#[inline(always)]
unsafe fn put<const BYTES: usize>(crd: *mut u8, at: usize, column: usize) {
    if BYTES == 2 {
        *(crd as *mut u16).add(at) = column as u16;
    } else {
        *(crd as *mut u32).add(at) = column as u32;
    }
}

#[inline(always)]
unsafe fn fill<const BYTES: usize>(
    begin: usize,
    end: usize,
    columns: usize,
    x: *const f32,
    pos: *const u32,
    crd: *mut u8,
    values: *mut f32,
) {
    let table = fronts();
    let mut wide = core::mem::MaybeUninit::<Eights>::uninit();
    let wide = eights(&mut wide);
    let whole = columns - columns % LANES;
    let limit = *pos.add(end) as usize;
    for i in begin..end {
        let row = x.add(i * columns);
        let mut at = *pos.add(i) as usize;
        let last = *pos.add(i + 1) as usize;
        let mut c = 0;
        // While whole stores stay inside what these rows have: past its own a row leaves what the next one covers.
        if BYTES == 2 {
            let mut column = eight_from(0);
            while c + 8 <= columns && at + 8 <= limit {
                let (a, b) = (load(row.add(c)), load(row.add(c + 4)));
                let bits = kept_eight(a, b);
                first(values.add(at), a, &table, bits & 15);
                first(values.add(at + (bits & 15).count_ones() as usize), b, &table, bits >> 4);
                store_eight(crd, at, column, wide, bits);
                at += bits.count_ones() as usize;
                column = next_eight(column);
                c += 8;
            }
        }
        let mut column = column_from(c);
        while c < whole && at + LANES <= limit {
            let v = load(row.add(c));
            let bits = kept(v);
            first(values.add(at), v, &table, bits);
            store_columns::<BYTES>(crd, at, column, &table, bits);
            at += bits.count_ones() as usize;
            column = next(column);
            c += LANES;
        }
        while c < columns && at < last {
            let v = *row.add(c);
            if v != 0.0 {
                *values.add(at) = v;
                put::<BYTES>(crd, at, c);
                at += 1;
            }
            c += 1;
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
        fill::<2>(begin, end, columns, x, pos, crd, values);
    } else {
        fill::<4>(begin, end, columns, x, pos, crd, values);
    }
}
