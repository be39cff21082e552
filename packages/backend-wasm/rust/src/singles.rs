//! Single entries from rows of blocks: count, `sum_counts`, then fill. Every place of a block inside the matrix is one.
use crate::simd::{load, store, transpose};
use crate::tiles::{Crd, Out};

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
