//! CSR, rows in pairs: columns that both rows have serve two sums.
//!
//! ```text
//!   row p   ■ ■ · ■ · ■ · ■      mixed  a column of both, one of each   3 offsets | v, w, v, w
//!   row q   ■ · ■ ■ · · ■ ·      each   then one of each, two by two    4 offsets | v, w, v, w
//!                                both   or columns of both              offset    | v, w
//!                                rest   of the longer row               offset    | v
//!
//!   T = 6 vectors a row    multiply-adds   vectors loaded       registers
//!   mixed                       24         18 of x, 4 splat        15
//!   each                        24         24 of x, 1, shuffled    15
//!   both                        12          6 of x, 2 splat        15
//! ```
//!
//! A column of both rows costs fewer loads than multiply-adds, and those of other columns hide beside it: 24
//! multiply-adds take 12 cycles, and 22 loads 11. Pairs are of rows of like length, so that the rest is next to nothing.
//! Columns go in blocks whose part of a panel stays near; the sums of a row wait in memory between blocks. Panels have a
//! fixed stride, so that offsets, from where the block begins, are of 8 bytes, which an address takes for nothing, and no
//! coordinate is multiplied; X is cut into panels as even as possible, since a narrow last one runs at half the speed.
//!
//!   ends u32[blocks][pairs][8]   first value, first offset, ends of the values of the four lists, the longer row, the
//!                                other
//!
//! Values are read by fours: two past the last are read, and not used.
use crate::act::*;
use crate::even::{panel_of, MOST, STRIDE};
use crate::simd::*;
use crate::tiles::*;

#[derive(Clone, Copy)]
struct Twins {
    begin: usize,
    end: usize,
    m: usize,
    blocks: usize,
    /// Columns of a block.
    high: usize,
    ends: *const u32,
    offsets: *const u16,
    values: *const f32,
    bias: *const f32,
    act: u32,
    y: *mut f32,
    ldy: usize,
    sums: *mut f32,
}

/// Bytes that an offset counts.
const UNIT: usize = 8;

/// Pairs of panels, begin..end of ceil(N/24) · ceil(M/2), one panel after another, so that threads read panels of their
/// own; x from `pack_even`, or in panels of 24, as `panel` then says. sums: 24·(M + 1) floats a thread.
#[no_mangle]
pub unsafe extern "C" fn twins(
    begin: usize,
    end: usize,
    m: usize,
    k: usize,
    n: usize,
    blocks: usize,
    ends: *const u32,
    offsets: *const u16,
    values: *const f32,
    x: *const f32,
    panel: usize,
    bias: *const f32,
    act: u32,
    y: *mut f32,
    ldy: usize,
    out: usize,
    regs: usize,
    sums: *mut f32,
) {
    let (high, pairs) = (ceil(k, blocks), ceil(m, 2));
    let shared = begin > 0 || end < ceil(n, STRIDE) * pairs;
    let most = if regs >= 12 { MOST } else { 4 };
    let mut from = begin;
    while from < end {
        let index = quotient(from, pairs);
        let start = index * pairs;
        let (begin, end) = (from - start, (end - start).min(pairs));
        from = start + end;
        let a = Twins { begin, end, m, blocks, high, ends, offsets, values, bias, act, y, ldy, sums };
        let (first, vectors) = panel_of(index, n, panel);
        let x = x.add(index * k * STRIDE);
        if shared {
            pull(x, k * STRIDE);
        }
        // A panel is one tile, or two where fewer sums fit.
        let part = Positions { x, ldx: STRIDE, w: 4 * vectors, step: 1, n: (n - first).min(4 * vectors), out: 0 };
        for at in 0..part.count(most) {
            let mut tile = part.tile(at, most);
            tile.out += if panel > 0 { index * out } else { first };
            macro_rules! go {
                ($($t:literal: $u:literal;)*) => {
                    match tile.t {
                        $($t => run::<$t, $u>(&a, &tile),)*
                        _ => {}
                    }
                };
            }
            go!(1: 2; 2: 2; 3: 2; 4: 1; 5: 1; 6: 1;);
        }
    }
}

/// Reads n floats in order, so that what another thread packed comes ahead of its use: one by one, as columns ask for
/// rows, each would be waited for.
#[inline(never)]
unsafe fn pull(x: *const f32, n: usize) {
    let mut i = 0;
    while i < n {
        core::hint::black_box(*x.add(i));
        i += 16;
    }
}

/// Sums of both rows in U chains of T vectors. A list may end in the middle of a round: the branch for that also keeps
/// the order of the source, for LLVM would put multiply-adds of one sum side by side.
#[inline(never)]
unsafe fn run<const T: usize, const U: usize>(a: &Twins, tile: &Tile) {
    let Twins { begin, end, m, blocks, high, ends, offsets, values, bias, act, y, ldy, sums } = *a;
    for block in 0..blocks {
        let x = tile.x.add(block * high * STRIDE) as *const u8;
        for pair in begin..end {
            let bounds = ends.add(8 * (block * ceil(m, 2) + pair));
            let bound = |i: usize| *bounds.add(i) as usize;
            let (longer, other) = (bound(6), bound(7));
            // By pairs, not by rows: threads would write to one line of the cache.
            let swap = (longer > other) as usize;
            let (wait, waits) = (sums.add(STRIDE * (2 * pair + swap)), sums.add(STRIDE * (2 * pair + 1 - swap)));
            let (mut p, mut q) = ([[splat(0.0); T]; U], [[splat(0.0); T]; U]);
            if block > 0 {
                (p[0], q[0]) = (take(wait), take(waits));
            } else {
                (p[0], q[0]) = ([start(bias, longer, m); T], [start(bias, other, m); T]);
            }
            let mut value = values.add(bound(0));
            let mut offset = offsets.add(bound(1));
            let stop = values.add(bound(2));
            while value < stop {
                add_both(&mut p[0], &mut q[0], value, row(x, offset));
                if value.add(2) == stop {
                    (offset, value) = (offset.add(1), stop);
                    break;
                }
                add_row(&mut p[U - 1], load_splat(value.add(2)), row(x, offset.add(1)));
                add_row(&mut q[U - 1], load_splat(value.add(3)), row(x, offset.add(2)));
                (offset, value) = (offset.add(3), value.add(4));
            }
            let stop = values.add(bound(3));
            while value < stop {
                let v = load(value);
                add_row(&mut p[0], splat_lane(v, 0), row(x, offset));
                add_row(&mut q[0], splat_lane(v, 1), row(x, offset.add(1)));
                if value.add(2) == stop {
                    (offset, value) = (offset.add(2), stop);
                    break;
                }
                add_row(&mut p[U - 1], splat_lane(v, 2), row(x, offset.add(2)));
                add_row(&mut q[U - 1], splat_lane(v, 3), row(x, offset.add(3)));
                (offset, value) = (offset.add(4), value.add(4));
            }
            let stop = values.add(bound(4));
            while value < stop {
                add_both(&mut p[0], &mut q[0], value, row(x, offset));
                (offset, value) = (offset.add(1), value.add(2));
            }
            let stop = values.add(bound(5));
            while value < stop {
                add_row(&mut p[0], load_splat(value), row(x, offset));
                (offset, value) = (offset.add(1), value.add(1));
            }
            for t in 0..T {
                if U > 1 {
                    (p[0][t], q[0][t]) = (add(p[0][t], p[1][t]), add(q[0][t], q[1][t]));
                }
            }
            if block + 1 < blocks {
                put(wait, &p[0]);
                put(waits, &q[0]);
            } else {
                if longer < m {
                    store_tile(y.add(longer * ldy + tile.out), 0, [p[0]], tile.cols, act);
                }
                if other < m {
                    store_tile(y.add(other * ldy + tile.out), 0, [q[0]], tile.cols, act);
                }
            }
        }
    }
}

#[inline(always)]
unsafe fn row(x: *const u8, offset: *const u16) -> *const f32 {
    x.add(UNIT * *offset as usize) as *const f32
}
/// A column of both rows.
#[inline(always)]
unsafe fn add_both<const T: usize>(p: &mut [F; T], q: &mut [F; T], value: *const f32, x: *const f32) {
    let (v, w) = (load_splat(value), load_splat(value.add(1)));
    for t in 0..T {
        let x = load(x.add(4 * t));
        p[t] = madd(v, x, p[t]);
        q[t] = madd(w, x, q[t]);
    }
}
#[inline(always)]
unsafe fn add_row<const T: usize>(acc: &mut [F; T], v: F, x: *const f32) {
    for t in 0..T {
        acc[t] = madd(v, load(x.add(4 * t)), acc[t]);
    }
}
/// The bias of a row that may be past the last.
#[inline(always)]
unsafe fn start(bias: *const f32, row: usize, m: usize) -> F {
    if row < m {
        bias_of(bias, row)
    } else {
        splat(0.0)
    }
}
#[inline(always)]
unsafe fn put<const T: usize>(p: *mut f32, v: &[F; T]) {
    for t in 0..T {
        store(p.add(4 * t), v[t]);
    }
}
#[inline(always)]
unsafe fn take<const T: usize>(p: *const f32) -> [F; T] {
    core::array::from_fn(|t| load(p.add(4 * t)))
}
