//! Rows of blocks, v × c each, from row-major numbers, from single entries, and back to single entries.
//!
//! Each change is two passes over the same rows, so that the result is made in its own place: count the blocks of
//! every group of v rows, `sum_counts`, then fill.
//!
//! ```text
//!   c = 1, v = 4    x0 x1 x2 x3      four rows of four columns, turned: a block is a vector
//!                   bits 1 0 1 1     columns that hold a number, at the front: crd
//!                                    values: four stores, each over the last where its bit is 0
//! ```
use crate::front::{column_of, fronts, kept, next, store_columns};
use crate::simd::{add, either, load, splat, store, transpose, F};
use crate::tiles::{quotient, Crd};

/// A list of coordinates that is written.
#[derive(Clone, Copy)]
struct Out {
    p: *mut u8,
    bytes: usize,
}

impl Out {
    #[inline(always)]
    unsafe fn put(&self, at: usize, c: usize) {
        if self.bytes == 2 {
            *(self.p as *mut u16).add(at) = c as u16;
        } else {
            *(self.p as *mut u32).add(at) = c as u32;
        }
    }
    /// `n` coordinates from another list.
    #[inline(always)]
    unsafe fn copy(&self, at: usize, from: *const u8, bytes: usize, q: usize, n: usize) {
        if bytes != self.bytes {
            let from = Crd::new(from, bytes);
            for i in 0..n {
                self.put(at + i, from.at(q + i));
            }
            return;
        }
        let (from, to, all) = (from.add(q * bytes), self.p.add(at * bytes), n * bytes);
        let mut i = 0;
        while i + 16 <= all {
            store(to.add(i) as *mut f32, load(from.add(i) as *const f32));
            i += 16;
        }
        while i < all {
            *(to.add(i) as *mut u16) = *(from.add(i) as *const u16);
            i += 2;
        }
    }
}

/// v rows of row-major numbers.
#[derive(Clone, Copy)]
struct Numbers {
    x: *const f32,
    rows: usize,
    k: usize,
}

impl Numbers {
    #[inline(always)]
    unsafe fn bits(&self, j: usize) -> u32 {
        // Bits of zeros are those of a zero, whatever their signs; any other bit makes another number.
        let mut bits = splat(0.0);
        for r in 0..self.rows {
            bits = either(bits, load(self.x.add(r * self.k + j)));
        }
        kept(bits)
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

/// pos[group + 1] = blocks of x [m, k] that hold a number other than zero; groups begin..end.
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
) {
    for group in begin..end {
        let from = Numbers { x: x.add(group * v * k), rows: v.min(m - group * v), k };
        let (mut j, mut count) = (0, 0);
        if c == 1 && from.rows == 4 {
            let from = Numbers { rows: 4, ..from };
            while j + 4 <= k {
                count += from.bits(j).count_ones();
                j += 4;
            }
        } else if c == 1 {
            while j + 4 <= k {
                count += from.bits(j).count_ones();
                j += 4;
            }
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
) {
    let limit = *pos.add(end) as usize;
    for group in begin..end {
        let from = Numbers { x: x.add(group * v * k), rows: v.min(m - group * v), k };
        let (at, last) = (*pos.add(group) as usize, *pos.add(group + 1) as usize);
        let (mut at, mut j) = match (v == 4 && from.rows == 4 && c == 1, bytes) {
            (true, 2) => fours::<2>(&from, at, limit, crd, values),
            (true, _) => fours::<4>(&from, at, limit, crd, values),
            _ => (at, 0),
        };
        let out = Out { p: crd, bytes };
        let mut b = j;
        while j < k && at < last {
            let width = c.min(k - j);
            if from.any(j, width) {
                out.put(at, b);
                let to = values.add(at * v * c);
                for i in 0..v * c {
                    *to.add(i) = 0.0;
                }
                for r in 0..from.rows {
                    for i in 0..width {
                        *to.add(r * c + i) = *from.x.add(r * k + j + i) + 0.0;
                    }
                }
                at += 1;
            }
            j += c.max(1);
            b += 1;
        }
    }
}

/// Blocks of four rows and a column, while whole stores stay below `limit`, the end of what these groups have: past
/// its own a group leaves what the next one covers. How far it came.
#[inline(always)]
unsafe fn fours<const BYTES: usize>(
    from: &Numbers,
    mut at: usize,
    limit: usize,
    crd: *mut u8,
    values: *mut f32,
) -> (usize, usize) {
    let table = fronts();
    let zero = splat(0.0);
    let mut column = column_of();
    let mut j = 0;
    while j + 4 <= from.k && at + 4 <= limit {
        let r: [F; 4] = core::array::from_fn(|r| load(from.x.add(r * from.k + j)));
        let bits = kept(either(either(r[0], r[1]), either(r[2], r[3])));
        store_columns::<BYTES>(crd, at, column, &table, bits);
        let t = transpose(r);
        for l in 0..4 {
            store(values.add(at * 4), add(t[l], zero));
            at += (bits >> l & 1) as usize;
        }
        column = next(column);
        j += 4;
    }
    (at, j)
}

/// Whether each of `rows` rows from `first` on lists the same columns.
#[inline(always)]
unsafe fn alike(pos: *const u32, crd: *const u8, bytes: usize, first: usize, rows: usize) -> bool {
    let from = *pos.add(first) as usize;
    let count = *pos.add(first + 1) as usize - from;
    let list = crd.add(from * bytes);
    for r in 1..rows {
        let own = *pos.add(first + r) as usize;
        if *pos.add(first + r + 1) as usize - own != count {
            return false;
        }
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
        if c == 1 && rows == v && count == listed && alike(pos, crd, bytes, first, rows) {
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

/// pos_to[row + 1] = entries of each row, every place of a block inside [m, k]; groups begin..end.
#[no_mangle]
pub unsafe extern "C" fn single_count(
    begin: usize,
    end: usize,
    v: usize,
    c: usize,
    m: usize,
    k: usize,
    pos: *const u32,
    crd: *const u8,
    bytes: usize,
    pos_to: *mut u32,
) {
    for group in begin..end {
        let (from, stop) = (*pos.add(group) as usize, *pos.add(group + 1) as usize);
        let mut count = (stop - from) * c;
        if stop > from {
            let end = (Crd::new(crd, bytes).at(stop - 1) + 1) * c;
            count -= end.saturating_sub(k); // of the last block
        }
        for row in group * v..m.min(group * v + v) {
            *pos_to.add(row + 1) = count as u32;
        }
    }
}

/// The entries of groups begin..end at pos_to.
#[no_mangle]
pub unsafe extern "C" fn single_fill(
    begin: usize,
    end: usize,
    v: usize,
    c: usize,
    m: usize,
    k: usize,
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
        let (from, stop) = (*pos.add(group) as usize, *pos.add(group + 1) as usize);
        let start = *pos_to.add(first) as usize;
        if c == 1 {
            let count = stop - from;
            let (values, to) = (values.add(from * v), to.add(start));
            let mut q = 0;
            if rows == 4 && v == 4 {
                while q + 4 <= count {
                    let t = transpose(core::array::from_fn(|l| load(values.add(4 * (q + l)))));
                    for r in 0..4 {
                        store(to.add(r * count + q), t[r]);
                    }
                    q += 4;
                }
            }
            for r in 0..rows {
                out.copy(start + r * count, crd, bytes, from, count);
                for q in q..count {
                    *to.add(r * count + q) = *values.add(q * v + r);
                }
            }
            continue;
        }
        let list = Crd::new(crd, bytes);
        let mut e = start;
        for r in 0..rows {
            for q in from..stop {
                let j = list.at(q) * c;
                for i in 0..c.min(k - j) {
                    out.put(e, j + i);
                    *to.add(e) = *values.add((q * v + r) * c + i);
                    e += 1;
                }
            }
        }
    }
}
