//! CSR, rows in pairs: columns that both rows have serve two sums.
//!
//! ```text
//!   row 2p    ■ ■ · ■ · ■ · ■        both   columns of both rows       offset | v, w
//!   row 2p+1  ■ · ■ ■ · · ■ ·        each   one of either, two by two  offset, offset | v, w
//!                                    rest   of the longer row          offset | v
//!
//!   both: T loads of x for 2·T sums, T = 6: 12 multiply-adds, 9 loads; 15 registers
//!   each: 12 multiply-adds, 16 loads; 14 registers
//! ```
//!
//! At half density a quarter of the columns are in both rows: 24 multiply-adds, which take 12 cycles, wait for 25 loads,
//! 12.5 cycles; csr alone has 28 loads. Columns go in blocks whose part of a panel stays in L1; the sums of a row wait in
//! memory between blocks. Panels have a fixed stride, so that offsets, from where the block begins, are bytes
//! and no coordinate is multiplied; X is cut
//! into panels as even as possible, since a narrow last one runs at half the speed.
//!
//!   ends u32[blocks][pairs][4] and one more:   first value of a pair, 2 · its first offset + 1 where its second row is
//!                                              the longer, end of the values of both, of each; then the next pair's
use crate::act::*;
use crate::pack::columns;
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

/// Vectors of a panel at most.
const MOST: usize = 6;
/// Floats from one row of a panel to the next.
const STRIDE: usize = 4 * MOST;

/// Positions n in panels as even as possible: where panel `index` begins, and its vectors.
#[inline(always)]
fn panel_of(index: usize, n: usize) -> (usize, usize) {
    let vectors = ceil(n, 4);
    let panels = ceil(vectors, MOST);
    let (base, extra) = (quotient(vectors, panels), remainder(vectors, panels));
    (4 * (index * base + index.min(extra)), base + (index < extra) as usize)
}

/// X [K, N] (row stride ldx; [N, K] when `turned`) → panels [ceil(N/24)][K][24], begin..end of them.
#[no_mangle]
pub unsafe extern "C" fn pack_even(
    begin: usize,
    end: usize,
    k: usize,
    n: usize,
    turned: usize,
    x: *const f32,
    ldx: usize,
    y: *mut f32,
) {
    for index in begin..end {
        let (at, vectors) = panel_of(index, n);
        let to = y.add(index * k * STRIDE);
        for c in 0..vectors {
            let valid = (n - at - 4 * c).min(4);
            let (from, to) = (at + 4 * c, to.add(4 * c));
            if turned != 0 {
                columns(x.add(from * ldx), ldx, valid, k, to, STRIDE);
            } else {
                rows(x.add(from), ldx, valid, k, to);
            }
        }
    }
}

/// k rows of `valid` ≤ 4 floats, the rest zero.
#[inline(always)]
unsafe fn rows(x: *const f32, ldx: usize, valid: usize, k: usize, y: *mut f32) {
    for i in 0..k {
        let (from, to) = (x.add(i * ldx), y.add(i * STRIDE));
        if valid == 4 {
            store(to, load(from));
        } else {
            for l in 0..4 {
                *to.add(l) = if l < valid { *from.add(l) } else { 0.0 };
            }
        }
    }
}

/// Pairs begin..end of ceil(M/2); x from `pack_even`. sums: 24·(M + 1) floats; threads may share them.
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
    bias: *const f32,
    act: u32,
    y: *mut f32,
    ldy: usize,
    regs: usize,
    sums: *mut f32,
) {
    let a = Twins { begin, end, m, blocks, high: ceil(k, blocks), ends, offsets, values, bias, act, y, ldy, sums };
    let most = if regs >= 12 { MOST } else { 4 };
    for index in 0..ceil(n, STRIDE) {
        let (first, vectors) = panel_of(index, n);
        let x = x.add(index * k * STRIDE);
        // A panel is one tile, or two where fewer sums fit.
        let panel = Positions { x, ldx: STRIDE, w: 4 * vectors, step: 1, n: (n - first).min(4 * vectors) };
        for part in 0..panel.count(most) {
            let mut tile = panel.tile(part, most);
            tile.at += first;
            macro_rules! go {
                ($($t:literal)*) => {
                    match tile.t {
                        $($t => run::<$t>(&a, &tile),)*
                        _ => {}
                    }
                };
            }
            go!(1 2 3 4 5 6);
        }
    }
}

#[inline(never)]
unsafe fn run<const T: usize>(a: &Twins, tile: &Tile) {
    let Twins { begin, end, m, blocks, high, ends, offsets, values, bias, act, y, ldy, sums } = *a;
    for block in 0..blocks {
        let x = tile.x.add(block * high * STRIDE) as *const u8;
        for pair in begin..end {
            let bounds = ends.add(4 * (block * ceil(m, 2) + pair));
            let swap = (*bounds.add(1) & 1) as usize;
            let (longer, other) = (2 * pair + swap, 2 * pair + 1 - swap);
            let (wait, waits) = (sums.add(STRIDE * longer), sums.add(STRIDE * other));
            let (mut p, mut q) = if block > 0 {
                (take(wait), take(waits))
            } else {
                ([start(bias, longer, m); T], [start(bias, other, m); T])
            };
            let mut offset = offsets.add((*bounds.add(1) >> 1) as usize);
            let mut value = values.add(*bounds as usize);
            let stop = values.add(*bounds.add(2) as usize);
            while value < stop {
                let from = x.add(*offset as usize) as *const f32;
                let (v, w) = (load_splat(value), load_splat(value.add(1)));
                for t in 0..T {
                    let x = load(from.add(4 * t));
                    p[t] = madd(v, x, p[t]);
                    q[t] = madd(w, x, q[t]);
                }
                (offset, value) = (offset.add(1), value.add(2));
            }
            let stop = values.add(*bounds.add(3) as usize);
            while value < stop {
                add_row(&mut p, value, x.add(*offset as usize));
                add_row(&mut q, value.add(1), x.add(*offset.add(1) as usize));
                (offset, value) = (offset.add(2), value.add(2));
            }
            let stop = values.add(*bounds.add(4) as usize);
            while value < stop {
                add_row(&mut p, value, x.add(*offset as usize));
                (offset, value) = (offset.add(1), value.add(1));
            }
            if block + 1 < blocks {
                put(wait, &p);
                put(waits, &q);
            } else {
                if longer < m {
                    store_tile(y.add(longer * ldy + tile.at), 0, [p], tile.cols, act);
                }
                if other < m {
                    store_tile(y.add(other * ldy + tile.at), 0, [q], tile.cols, act);
                }
            }
        }
    }
}

#[inline(always)]
unsafe fn add_row<const T: usize>(acc: &mut [F; T], value: *const f32, x: *const u8) {
    let v = load_splat(value);
    for t in 0..T {
        acc[t] = madd(v, load((x as *const f32).add(4 * t)), acc[t]);
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
