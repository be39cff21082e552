//! Compressed rows of an n:m:g. A chunk of a block is put down as a small matrix, with marks where something is
//! stored, and its rows are read in order.
//!
//! ```text
//!   columns of patterns   0 3 | 1 2     rows of the block   a . . b     marks  1 0 0 1
//!                         a b | c d                         . c d .            0 1 1 0
//! ```
use crate::front::*;
use crate::simd::{load, splat, store};
use crate::tiles::Out;
use crate::undense::Grouped;

/// pos[row + 1] = entries of each row inside [m, k]; blocks begin..end.
#[no_mangle]
pub unsafe extern "C" fn nmg_rows_count(
    begin: usize,
    end: usize,
    m: usize,
    k: usize,
    n: usize,
    block: usize,
    g: usize,
    patterns: usize,
    order: *const u8,
    crd: *const u8,
    values: *const f32,
    pos: *mut u32,
) {
    let from = Grouped { m, k, n, block, g, patterns, order, crd, values };
    for b in begin..end {
        let (rows, pos) = (from.rows(b), pos.add(b * block + 1));
        for r in 0..rows {
            *pos.add(r) = 0;
        }
        for chunk in 0..from.chunks() {
            let width = from.width(chunk);
            for p in 0..patterns {
                let mut inside = g as u32;
                if width < from.span() {
                    inside = 0;
                    let own = (crd as *const u16).add(from.first(chunk, b) + p * g);
                    for t in 0..g {
                        inside += ((*own.add(t) as usize) < width) as u32;
                    }
                }
                for i in 0..n {
                    let row = *order.add(p * n + i) as usize;
                    if row < rows {
                        *pos.add(row) += inside;
                    }
                }
            }
        }
    }
}

/// The entries of blocks begin..end at pos, in crd of 2 or 4 bytes. scratch: block · (1 + 2 · span) words, with the
/// span of a chunk rounded up to eights.
#[no_mangle]
pub unsafe extern "C" fn nmg_rows_fill(
    begin: usize,
    end: usize,
    m: usize,
    k: usize,
    n: usize,
    block: usize,
    g: usize,
    patterns: usize,
    order: *const u8,
    crd: *const u8,
    values: *const f32,
    pos: *const u32,
    crd_to: *mut u8,
    bytes: usize,
    to: *mut f32,
    scratch: *mut f32,
) {
    let from = Grouped { m, k, n, block, g, patterns, order, crd, values };
    let out = Rows { pos, crd: crd_to, values: to };
    if bytes == 2 {
        fill::<2>(begin, end, &from, &out, scratch);
    } else {
        fill::<4>(begin, end, &from, &out, scratch);
    }
}

struct Rows {
    pos: *const u32,
    crd: *mut u8,
    values: *mut f32,
}

#[inline(always)]
unsafe fn fill<const BYTES: usize>(begin: usize, end: usize, from: &Grouped, out: &Rows, scratch: *mut f32) {
    let table = fronts();
    let mut wide = core::mem::MaybeUninit::<Eights>::uninit();
    let wide = eights(&mut wide);
    let ld = (from.span() + 7) & !7;
    let (numbers, marks) = (scratch, scratch.add(from.block * ld));
    let ends = marks.add(from.block * ld) as *mut u32;
    for b in begin..end {
        let rows = from.rows(b);
        for r in 0..rows {
            *ends.add(r) = *out.pos.add(b * from.block + r);
        }
        for chunk in 0..from.chunks() {
            if BYTES == 2 && from.block <= 8 && rows == from.block && from.width(chunk) == from.span() {
                from.put(chunk, b, numbers, ld);
                let covers = marks as *mut u8;
                cover(from, chunk, b, covers);
                for r in 0..rows {
                    let last = *out.pos.add(b * from.block + r + 1) as usize;
                    let end = eights_of(from, chunk, r, covers, numbers.add(r * ld), *ends.add(r) as usize, last, out, &table, wide);
                    *ends.add(r) = end as u32;
                }
                continue;
            }
            let mut i = 0;
            while i < from.block * ld {
                store(marks.add(i), splat(0.0));
                i += 4;
            }
            from.put(chunk, b, numbers, ld);
            mark(from, chunk, b, marks, ld);
            let width = from.width(chunk);
            for r in 0..rows {
                let last = *out.pos.add(b * from.block + r + 1) as usize;
                let mut at = *ends.add(r) as usize;
                let (v, kept_at) = (numbers.add(r * ld), marks.add(r * ld));
                let mut column = column_from(chunk * from.span());
                let mut j = 0;
                // While a whole store stays inside the row's own entries.
                while j < width && at + 4 <= last {
                    let bits = kept(load(kept_at.add(j)));
                    first(out.values.add(at), load(v.add(j)), &table, bits);
                    store_columns::<BYTES>(out.crd, at, column, &table, bits);
                    at += bits.count_ones() as usize;
                    column = next(column);
                    j += 4;
                }
                while j < width && at < last {
                    if *kept_at.add(j) != 0.0 {
                        *out.values.add(at) = *v.add(j);
                        let c = chunk * from.span() + j;
                        Out { p: out.crd, bytes: BYTES }.put(at, c);
                        at += 1;
                    }
                    j += 1;
                }
                *ends.add(r) = at as u32;
            }
        }
    }
}

/// 1 wherever (chunk, block) stores something.
#[inline(always)]
unsafe fn mark(from: &Grouped, chunk: usize, b: usize, marks: *mut f32, ld: usize) {
    let (rows, width) = (from.rows(b), from.width(chunk));
    let mut e = from.first(chunk, b);
    for p in 0..from.patterns {
        let stop = e + from.g;
        while e < stop {
            let column = *(from.crd as *const u16).add(e) as usize;
            for i in 0..from.n {
                let row = *from.order.add(p * from.n + i) as usize;
                if row < rows && column < width {
                    *marks.add(row * ld + column) = 1.0;
                }
            }
            e += 1;
        }
    }
}

/// For each column of a whole (chunk, block) of at most 8 rows, the rows that its pattern keeps.
#[inline(always)]
unsafe fn cover(from: &Grouped, chunk: usize, b: usize, covers: *mut u8) {
    let mut e = from.first(chunk, b);
    for p in 0..from.patterns {
        let mut rows = 0;
        for i in 0..from.n {
            rows |= 1u8 << (*from.order.add(p * from.n + i) & 7);
        }
        let stop = e + from.g;
        while e < stop {
            *covers.add(*(from.crd as *const u16).add(e) as usize) = rows;
            e += 1;
        }
    }
}

/// A row of a whole chunk, eight columns at a time; where it ends.
#[inline(always)]
unsafe fn eights_of(
    from: &Grouped,
    chunk: usize,
    r: usize,
    covers: *const u8,
    v: *const f32,
    mut at: usize,
    last: usize,
    out: &Rows,
    table: &Table,
    wide: Wide,
) -> usize {
    let mut column = eight_from(chunk * from.span());
    let mut j = 0;
    while j + 8 <= from.span() && at + 8 <= last {
        let bits = bit_of_eight(covers.add(j), r);
        first(out.values.add(at), load(v.add(j)), table, bits & 15);
        first(out.values.add(at + (bits & 15).count_ones() as usize), load(v.add(j + 4)), table, bits >> 4);
        store_eight(out.crd, at, column, wide, bits);
        at += bits.count_ones() as usize;
        column = next_eight(column);
        j += 8;
    }
    while j < from.span() && at < last {
        if *covers.add(j) >> r & 1 == 1 {
            *out.values.add(at) = *v.add(j);
            *(out.crd as *mut u16).add(at) = (chunk * from.span() + j) as u16;
            at += 1;
        }
        j += 1;
    }
    at
}
