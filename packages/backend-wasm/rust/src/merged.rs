//! n:m:g with constant values, each pattern's columns together through all of K.
//!
//! ```text
//!   block of rows, patterns of n of them     pos [block][pattern]   crd [column]   values [column][n]
//!
//!   Y[block·R + order[p][s], c] += values[e][s] · X[crd[e], c]      e in pos[block, p]..
//! ```
//!
//! While a pattern runs, the sums of its n rows stay in registers, as in `nmg`; but it runs through
//! K/C columns at once, not g, so that g does not matter and nothing is padded. 1:m:g goes two
//! blocks at a time, as m² patterns of two rows of 2m: a loaded X vector serves a row of each. With
//! n = 2, T = 6 that is 9 loads for 12 multiply-adds, and for every pattern one or two rows put down
//! and taken up: every 128 columns for 2:4 at K = 768, every 48 for 1:4, every 12 for 1:8.
use crate::act::*;
use crate::nmg::widest;
use crate::rows::entry;
use crate::simd::*;
use crate::tiles::*;

#[derive(Clone, Copy)]
struct Merged {
    begin: usize,
    end: usize,
    m: usize,
    block: usize,
    patterns: usize,
    order: *const u8,
    pos: *const u32,
    crd: Crd,
    values: *const f32,
    bias: *const f32,
    act: u32,
    y: *mut f32,
    ldy: usize,
    sums: *mut f32,
}

/// Blocks begin..end of ceil(M/block), n in 2..=6. scratch: block · 24 floats.
#[no_mangle]
pub unsafe extern "C" fn merged(
    begin: usize,
    end: usize,
    m: usize,
    positions: usize,
    n: usize,
    block: usize,
    patterns: usize,
    order: *const u8,
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
    out: usize,
    regs: usize,
    scratch: *mut f32,
) {
    let positions = Positions { x, ldx, w: panel, step, n: positions, out };
    let crd = Crd::new(crd, crd_bytes);
    let a = Merged { begin, end, m, block, patterns, order, pos, crd, values, bias, act, y, ldy, sums: scratch };
    let most = widest(n).min(quotient(regs, n)).max(1);
    for index in 0..positions.count(most) {
        let tile = positions.tile(index, most);
        macro_rules! go {
            ($($n:literal: $($t:literal)*;)*) => {
                match (n, tile.t) {
                    $($(($n, $t) => run::<$n, $t>(&a, &tile, ldx),)*)*
                    _ => {}
                }
            };
        }
        go!(2: 1 2 3 4 5 6; 3: 1 2 3; 4: 1 2; 5: 1 2; 6: 1 2;);
    }
}

#[inline(never)]
unsafe fn run<const N: usize, const T: usize>(a: &Merged, tile: &Tile, ldx: usize) {
    let Merged { begin, end, m, block, patterns, order, pos, crd, values, bias, act, y, ldy, sums, .. } = *a;
    for b in begin..end {
        let first = b * block;
        for r in 0..block {
            let start = if first + r < m { bias_of(bias, first + r) } else { splat(0.0) };
            put(sums.add(4 * r * T), &[start; T]);
        }
        let mut row: [*mut f32; N] = core::array::from_fn(|s| sums.add(4 * T * *order.add(s) as usize));
        let mut acc: [[F; T]; N] = core::array::from_fn(|s| take(row[s]));
        for p in 0..patterns {
            let next: [*mut f32; N] = core::array::from_fn(|s| sums.add(4 * T * *order.add(p * N + s) as usize));
            // All puts before all takes: a row may move from one slot to another.
            for s in 0..N {
                if next[s] != row[s] {
                    put(row[s], &acc[s]);
                }
            }
            for s in 0..N {
                if next[s] != row[s] {
                    acc[s] = take(next[s]);
                    row[s] = next[s];
                }
            }
            let (from, stop) = (*pos.add(b * patterns + p) as usize, *pos.add(b * patterns + p + 1) as usize);
            let (mut at, mut value, end) = (crd.from(from), values.add(N * from), values.add(N * stop));
            let ldx = core::hint::black_box(ldx);
            while value < end {
                entry(&mut acc, value, tile.x.add(at.read::<false>() * ldx));
                at = at.next();
                value = value.add(N);
            }
        }
        for s in 0..N {
            put(row[s], &acc[s]);
        }
        for r in 0..block.min(m - first) {
            store_tile(y.add((first + r) * ldy + tile.out), 0, [take::<T>(sums.add(4 * r * T))], tile.cols, act);
        }
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
