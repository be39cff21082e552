//! Compressed rows of an n:m:g. A chunk of a block is put down as a small matrix, with marks where something is
//! stored, and its rows are read in order, 64 marks at a time.
//!
//! ```text
//!   columns of patterns   0 3 | 1 2     rows of the block   a . . b     marks  1 0 0 1
//!                         a b | c d                         . c d .            0 1 1 0
//! ```
use crate::grouped::{Grouped, Tile};
use crate::listed::{bit_word, by_eights, eights, one_by_one};
use crate::tiles::{quotient, Out};

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
        let whole = quotient(k, from.span());
        for p in 0..patterns {
            // All columns of whole chunks, and those of the last that are inside.
            let mut inside = whole * g;
            if whole < from.chunks() {
                for t in 0..g {
                    inside += (from.column(from.first(whole, b) + p * g + t) < from.width(whole)) as usize;
                }
            }
            for i in 0..n {
                let row = from.row(p, i);
                if row < rows {
                    *pos.add(row) += inside as u32;
                }
            }
        }
    }
}

/// Floats that a row of a chunk takes: whole words of marks.
#[inline(always)]
fn stride(span: usize) -> usize {
    (span + 63) & !63
}

/// The entries of blocks begin..end at pos, in crd of 2 or 4 bytes. scratch: block · (1 + ld) + 64 words and block · ld
/// bytes, where ld is the span of a chunk rounded up to 64s.
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
    let out = Rows { pos, crd: Out { p: crd_to, bytes }, values: to };
    if bytes == 2 {
        let out = Rows { crd: Out { p: crd_to, bytes: 2 }, ..out };
        fill::<true>(begin, end, &from, &out, scratch);
    } else {
        fill::<false>(begin, end, &from, &out, scratch);
    }
}

#[derive(Clone, Copy)]
struct Rows {
    pos: *const u32,
    crd: Out,
    values: *mut f32,
}

#[inline(always)]
unsafe fn fill<const EIGHTS: bool>(begin: usize, end: usize, from: &Grouped, out: &Rows, scratch: *mut f32) {
    let mut tile = Tile::new();
    let tiles = EIGHTS && from.block <= 8 && tile.suits(from);
    let ld = stride(from.span());
    let numbers = scratch;
    let ends = scratch.add(from.block * ld + 64) as *mut u32;
    let marks = ends.add(from.block) as *mut u8;
    for b in begin..end {
        for r in 0..from.rows(b) {
            *ends.add(r) = *out.pos.add(b * from.block + r);
        }
        for chunk in 0..from.chunks() {
            let whole = tiles && from.whole(chunk, b);
            if whole {
                tile.put(from, chunk, b);
                cover(from, chunk, b, marks);
            } else {
                for i in 0..from.block * ld {
                    *marks.add(i) = 0;
                }
                from.put(chunk, b, numbers, ld);
                from.each(chunk, b, |row, column, _| *marks.add(row * ld + column) = 1);
            }
            for r in 0..from.rows(b) {
                let last = *out.pos.add(b * from.block + r + 1) as usize;
                let at = *ends.add(r) as usize;
                let first = chunk * from.span();
                *ends.add(r) = if whole {
                    list::<4, true>(|j| bit_word(marks.add(j), r), tile.row(from, r), first, from.span(), at, last, out)
                } else {
                    let marks = marks.add(r * ld);
                    list::<1, false>(|j| bit_word(marks.add(j), 0), numbers.add(r * ld), first, from.span(), at, last, out)
                } as u32;
            }
        }
    }
}

/// Stores what is marked of `span` columns, the first of which is `first`, from `at` on; where that ends. v: the numbers
/// of a row, APART each. `last`: where the row's own entries end.
#[inline(always)]
unsafe fn list<const APART: usize, const EIGHTS: bool>(
    word: impl Fn(usize) -> u64,
    v: *const f32,
    first: usize,
    span: usize,
    mut at: usize,
    last: usize,
    out: &Rows,
) -> usize {
    let mut j = 0;
    while j < span {
        let (bits, v) = (word(j), v.add(j * APART));
        let put = |q: usize, bit: usize| {
            *out.values.add(at + q) = *v.add(bit * APART);
            out.crd.put(at + q, first + j + bit);
        };
        if EIGHTS && at + eights(bits) <= last {
            by_eights(bits, put);
        } else {
            one_by_one(bits, put);
        }
        at += bits.count_ones() as usize;
        j += 64;
    }
    at
}

/// For each column of a whole (chunk, block) of at most 8 rows, the rows that its pattern keeps; none for those that
/// fill the last word.
#[inline(always)]
unsafe fn cover(from: &Grouped, chunk: usize, b: usize, covers: *mut u8) {
    let mut e = from.first(chunk, b);
    for p in 0..from.patterns {
        let mut rows = 0;
        for i in 0..from.n {
            rows |= 1u8 << (from.row(p, i) & 7);
        }
        let stop = e + from.g;
        while e < stop {
            *covers.add(from.column(e)) = rows;
            e += 1;
        }
    }
    for j in from.span()..stride(from.span()) {
        *covers.add(j) = 0;
    }
}
