//! Dense times dense.
//!
//! ```text
//!               x0        x1            12 accumulators (6 rows × 2 vectors), or 8 (4 × 2) for
//!   w0 splat  [acc 00]  [acc 01]        engines that spill beyond ten
//!   ...                                 8 loads feed 12 multiply-adds; one x and one splat live
//!   w5 splat  [acc 50]  [acc 51]        beside the accumulators: 15 registers
//! ```
//!
//! Y[i,c] = Σ_k W[i,k]·X[k,c], k in storage order. The rows of W that a tile uses stay in L1 while
//! the panels pass from L2, so positions are taken in groups that fit there.
use crate::act::*;
use crate::simd::*;
use crate::tiles::*;

/// Bytes of X that a group of tiles may cover.
const GROUP: usize = 384 * 1024;

#[derive(Clone, Copy)]
struct Product {
    k: usize,
    w: *const f32,
    ldw: usize,
    ldx: usize,
    bias: *const f32,
    act: u32,
    y: *mut f32,
    ldy: usize,
}

/// Rows begin..end of Y. `regs`: accumulators to use, 12 or 8.
#[no_mangle]
pub unsafe extern "C" fn dense(
    begin: usize,
    end: usize,
    k: usize,
    n: usize,
    w: *const f32,
    ldw: usize,
    x: *const f32,
    ldx: usize,
    panel: usize,
    step: usize,
    bias: *const f32,
    act: u32,
    y: *mut f32,
    ldy: usize,
    out: usize,
    regs: usize,
) {
    let positions = Positions { x, ldx, w: panel, step, n, out };
    let p = Product { k, w, ldw, ldx, bias, act, y, ldy };
    let high = if regs >= 12 { 6 } else { 4 };
    let count = positions.count(2);
    let group = 1 + quotient(GROUP, 32 * (k + 1));
    let mut first = 0;
    while first < count {
        let last = (first + group).min(count);
        let mut i = begin;
        while i < end {
            let r = (end - i).min(high);
            for index in first..last {
                let tile = positions.tile(index, 2);
                if tile.t == 2 {
                    rows::<2>(&p, r, i, &tile);
                } else {
                    rows::<1>(&p, r, i, &tile);
                }
            }
            i += r;
        }
        first = last;
    }
}

#[inline(always)]
unsafe fn rows<const T: usize>(p: &Product, r: usize, i: usize, tile: &Tile) {
    let (w, y) = (p.w.add(i * p.ldw), p.y.add(i * p.ldy + tile.out));
    let bias = if p.bias.is_null() { p.bias } else { p.bias.add(i) };
    macro_rules! go {
        ($r:literal) => {
            run::<$r, T>(p.k, w, p.ldw, tile.x, p.ldx, bias, p.act, y, p.ldy, tile.cols)
        };
    }
    match r {
        1 => go!(1),
        2 => go!(2),
        3 => go!(3),
        4 => go!(4),
        5 => go!(5),
        _ => go!(6),
    }
}

#[inline(never)]
unsafe fn run<const R: usize, const T: usize>(
    k: usize,
    w: *const f32,
    ldw: usize,
    x: *const f32,
    ldx: usize,
    bias: *const f32,
    act: u32,
    y: *mut f32,
    ldy: usize,
    cols: usize,
) {
    let mut acc: [[F; T]; R] = core::array::from_fn(|r| [bias_of(bias, r); T]);
    let mut at: [*const f32; R] = core::array::from_fn(|r| w.add(r * ldw));
    let mut x = x;
    for _ in 0..k {
        let xv: [F; T] = core::array::from_fn(|t| load(x.add(4 * t)));
        for r in 0..R {
            let wv = load_splat(at[r]);
            for t in 0..T {
                acc[r][t] = madd(wv, xv[t], acc[r][t]);
            }
            at[r] = at[r].add(1);
        }
        x = x.add(ldx);
    }
    store_tile(y, ldy, acc, cols, act);
}
