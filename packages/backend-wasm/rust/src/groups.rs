//! Rows of blocks, v × c each, from single entries: count, `sum_counts`, then fill.
//!
//! ```text
//!   rows of a group   1 . 4 .     merged by column: a block where any row has one
//!                     . . 4 6     blocks  1 4 6 (c = 1); rows that list the same columns are copied whole
//! ```
use crate::simd::{load, store, transpose};
use crate::tiles::{quotient, Crd, Out};

/// Whether each of `rows` rows from `first` on has `count` entries.
#[inline(always)]
unsafe fn even(pos: *const u32, first: usize, rows: usize, count: usize) -> bool {
    let mut differs = 0;
    for r in first..first + rows {
        differs |= (*pos.add(r + 1) - *pos.add(r)) as usize ^ count;
    }
    differs == 0
}

/// Whether each of `rows` rows from `first` on lists the same columns.
#[inline(always)]
unsafe fn alike(pos: *const u32, crd: *const u8, bytes: usize, first: usize, rows: usize) -> bool {
    let from = *pos.add(first) as usize;
    let count = *pos.add(first + 1) as usize - from;
    if !even(pos, first, rows, count) {
        return false;
    }
    let list = crd.add(from * bytes);
    for r in 1..rows {
        let own = *pos.add(first + r) as usize;
        let other = crd.add(own * bytes);
        let all = count * bytes;
        let (mut i, mut differs) = (0, 0);
        while i + 8 <= all {
            differs |= (list.add(i) as *const u64).read_unaligned() ^ (other.add(i) as *const u64).read_unaligned();
            i += 8;
        }
        while i < all {
            differs |= (*(list.add(i) as *const u16) ^ *(other.add(i) as *const u16)) as u64;
            i += 2;
        }
        if differs != 0 {
            return false;
        }
    }
    true
}

/// The most rows of a block: what a layout allows.
const MOST: usize = 1024;

/// Visits the blocks of single entries by merging the rows of a group: a block's column, and then each of its entries
/// with row, column in the block, and place. Costs v a block and one an entry.
#[inline(always)]
unsafe fn merge(
    pos: *const u32,
    crd: Crd,
    first: usize,
    rows: usize,
    c: usize,
    mut block: impl FnMut(usize),
    mut entry: impl FnMut(usize, usize, usize),
) {
    let mut cursors = core::mem::MaybeUninit::<[u32; MOST]>::uninit();
    let at = cursors.as_mut_ptr() as *mut u32;
    for r in 0..rows {
        *at.add(r) = *pos.add(first + r);
    }
    loop {
        let mut least = usize::MAX;
        for r in 0..rows {
            if *at.add(r) < *pos.add(first + r + 1) {
                least = least.min(crd.at(*at.add(r) as usize));
            }
        }
        if least == usize::MAX {
            return;
        }
        let b = quotient(least, c);
        block(b);
        for r in 0..rows {
            let (mut q, end) = (*at.add(r), *pos.add(first + r + 1));
            while q < end {
                let j = crd.at(q as usize) - b * c;
                if j >= c {
                    break;
                }
                entry(r, j, q as usize);
                q += 1;
            }
            *at.add(r) = q;
        }
    }
}

/// pos_to[group + 1] = blocks that hold one of the single entries; groups begin..end. v ≤ 1024.
#[no_mangle]
pub unsafe extern "C" fn group_count(
    begin: usize,
    end: usize,
    v: usize,
    c: usize,
    m: usize,
    pos: *const u32,
    crd: *const u8,
    bytes: usize,
    pos_to: *mut u32,
) {
    for group in begin..end {
        let (first, rows) = (group * v, v.min(m - group * v));
        let mut count = 0;
        if c == 1 && alike(pos, crd, bytes, first, rows) {
            count = *pos.add(first + 1) - *pos.add(first);
        } else {
            merge(pos, Crd::new(crd, bytes), first, rows, c, |_| count += 1, |_, _, _| {});
        }
        *pos_to.add(group + 1) = count;
    }
}

/// Blocks of groups begin..end at pos_to.
#[no_mangle]
pub unsafe extern "C" fn group_fill(
    begin: usize,
    end: usize,
    v: usize,
    c: usize,
    m: usize,
    pos: *const u32,
    crd: *const u8,
    bytes: usize,
    values: *const f32,
    pos_to: *const u32,
    crd_to: *mut u8,
    bytes_to: usize,
    to: *mut f32,
) {
    let out = Out { p: crd_to, bytes: bytes_to };
    for group in begin..end {
        let (first, rows) = (group * v, v.min(m - group * v));
        let (from, at) = (*pos.add(first) as usize, *pos_to.add(group) as usize);
        let count = *pos.add(first + 1) as usize - from;
        let listed = *pos_to.add(group + 1) as usize - at;
        // As many blocks as each row has entries: they list the same columns.
        if c == 1 && rows == v && even(pos, first, rows, listed) {
            out.copy(at, crd, bytes, from, count);
            let to = to.add(at * v);
            let from = values.add(from);
            let mut q = 0;
            if v == 4 {
                while q + 4 <= count {
                    let r = core::array::from_fn(|r| load(from.add(r * count + q)));
                    let t = transpose(r);
                    for l in 0..4 {
                        store(to.add(4 * (q + l)), t[l]);
                    }
                    q += 4;
                }
            }
            while q < count {
                for r in 0..v {
                    *to.add(q * v + r) = *from.add(r * count + q);
                }
                q += 1;
            }
            continue;
        }
        let mut at = at;
        let block = core::cell::Cell::new(to);
        let start = |b: usize| {
            out.put(at, b);
            block.set(to.add(at * v * c));
            for i in 0..v * c {
                *block.get().add(i) = 0.0;
            }
            at += 1;
        };
        let entry = |r: usize, j: usize, q: usize| *block.get().add(r * c + j) = *values.add(q);
        merge(pos, Crd::new(crd, bytes), first, rows, c, start, entry);
    }
}
