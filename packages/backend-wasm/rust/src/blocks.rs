//! Rows of blocks, v × c each, from row-major numbers.
//!
//! Two passes over the same rows, so that the result is made in its own place: count the blocks of every group of v rows,
//! `sum_counts`, then fill.
//!
//! ```text
//!   c = 1, v = 4    x0 x1 x2 x3      four rows of four columns, turned: a block is a vector
//!                   bits 1 0 1 1     columns that hold a number, at the front: crd
//!                                    values: four stores, each over the last where its bit is 0
//! ```
use crate::front::{column_of, fronts, kept, next, store_columns};
use crate::simd::{add, either, load, splat, store, transpose, F};
use crate::tiles::Out;

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
