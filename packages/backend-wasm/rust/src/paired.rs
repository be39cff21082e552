//! 1:m:g, two blocks at a time.
//!
//! ```text
//!   block a   keeps row p of m for a column        all columns of K with the pair (p, q) together:
//!   block b   keeps row q of m for it              a loaded X vector serves a row of each block
//!
//!   pos [pair of blocks][p][q or m-1-q]  crd [column]  values [column][2]
//! ```
//!
//!   Y[a·m + p, c] += values[e][0] · X[crd[e], c],   Y[b·m + q, c] += values[e][1] · X[crd[e], c]
//!
//! As row groups of two: 12 sums, 9 loads for 12 multiply-adds. Row p stays in registers through its
//! m pairs; row q is put down and taken up between pairs, which run back and forth. With K/m² columns
//! a pair that is one row in some 48 columns for 1:4 at K = 768, and in 12 for 1:8.
use crate::act::*;
use crate::rows::entry;
use crate::simd::*;
use crate::tiles::*;

#[derive(Clone, Copy)]
struct Paired {
    rows: usize,
    m: usize,
    pos: *const u32,
    crd: Crd,
    values: *const f32,
    bias: *const f32,
    act: u32,
    y: *mut f32,
    ldy: usize,
    sums: *mut f32,
}

/// Pairs of blocks begin..end of ceil(ceil(M/m)/2). scratch: m · 24
/// floats.
#[no_mangle]
pub unsafe extern "C" fn paired(
    begin: usize,
    end: usize,
    rows: usize,
    n: usize,
    m: usize,
    pos: *const u32,
    crd: *const u8,
    crd_bytes: usize,
    values: *const f32,
    x: *const f32,
    ldx: usize,
    panel: usize,
    step: usize,
    bias: *const f32,
    act: u32,
    y: *mut f32,
    ldy: usize,
    regs: usize,
    scratch: *mut f32,
) {
    let positions = Positions { x, ldx, w: panel, step, n };
    let a = Paired { rows, m, pos, crd: Crd::new(crd, crd_bytes), values, bias, act, y, ldy, sums: scratch };
    let most = if regs >= 12 { 6 } else { 4 };
    for index in 0..positions.count(most) {
        let tile = positions.tile(index, most);
        for pair in begin..end {
            match tile.t {
                1 => run::<1>(&a, pair, &tile, ldx),
                2 => run::<2>(&a, pair, &tile, ldx),
                3 => run::<3>(&a, pair, &tile, ldx),
                4 => run::<4>(&a, pair, &tile, ldx),
                5 => run::<5>(&a, pair, &tile, ldx),
                _ => run::<6>(&a, pair, &tile, ldx),
            }
        }
    }
}

#[inline(never)]
unsafe fn run<const T: usize>(a: &Paired, pair: usize, tile: &Tile, ldx: usize) {
    let Paired { rows, m, pos, crd, values, bias, act, y, ldy, sums } = *a;
    let first = 2 * pair * m;
    let start = |row: usize| if row < rows { bias_of(bias, row) } else { splat(0.0) };
    for q in 0..m {
        let b = start(first + m + q);
        for t in 0..T {
            store(sums.add(4 * (q * T + t)), b);
        }
    }
    let mut at_pos = pos.add(pair * m * m);
    for p in 0..m {
        let mut acc = [[start(first + p); T]; 2];
        for i in 0..m {
            let q = if p % 2 == 0 { i } else { m - 1 - i };
            let other = sums.add(4 * q * T);
            acc[1] = core::array::from_fn(|t| load(other.add(4 * t)));
            let (from, stop) = (*at_pos as usize, *at_pos.add(1) as usize);
            let mut at = crd.from(from);
            let (mut value, end) = (values.add(2 * from), values.add(2 * stop));
            let ldx = core::hint::black_box(ldx);
            while value < end {
                entry(&mut acc, value, tile.x.add(at.read::<false>() * ldx));
                at = at.next();
                value = value.add(2);
            }
            for t in 0..T {
                store(other.add(4 * t), acc[1][t]);
            }
            at_pos = at_pos.add(1);
        }
        if first + p < rows {
            store_tile(y.add((first + p) * ldy + tile.at), 0, [acc[0]], tile.cols, act);
        }
    }
    for q in 0..m {
        if first + m + q < rows {
            let row = [core::array::from_fn::<F, T, _>(|t| load(sums.add(4 * (q * T + t))))];
            store_tile(y.add((first + m + q) * ldy + tile.at), 0, row, tile.cols, act);
        }
    }
}
