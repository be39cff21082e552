//! n:m:g with the block along the inputs: outputs of a group share a pattern. Also Wᵀ·G for blocks
//! along the outputs, where M and K change places.
//!
//! ```text
//!   chunk = C·g outputs                    a pattern's n rows of X stay in registers while its g
//!   block = m inputs                       outputs pass through a panel [C·g][T] of sums in L1
//!
//!   Y[chunk·C·g + crd[…][t], c] += Σ_s values[…][t][s] · X[block·m + order[p][s], c]
//! ```
//!
//! An output takes T loads of sums, n splats, n·T multiply-adds, T stores, and its share of the
//! pattern's one or n·T new rows: n = 2, T = 4 does 8 multiply-adds for 6 loads and 4 stores.
use crate::simd::*;
use crate::spread::*;
use crate::tiles::*;

struct Grouped {
    k: usize,
    n: usize,
    block: usize,
    g: usize,
    patterns: usize,
    order: *const u8,
    crd: Crd,
    values: *const f32,
    ldx: usize,
    sums: *mut f32,
}

/// Chunks begin..end of ceil(M/(C·g)). scratch: C·g · 24 floats.
#[no_mangle]
pub unsafe extern "C" fn nmg_in(
    begin: usize,
    end: usize,
    m: usize,
    k: usize,
    positions: usize,
    n: usize,
    block: usize,
    g: usize,
    patterns: usize,
    order: *const u8,
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
    scratch: *mut f32,
) {
    let positions = Positions { x, ldx, w: panel, step, n: positions, out };
    let a = Grouped { k, n, block, g, patterns, order, crd: Crd::new(crd, crd_bytes), values, ldx, sums: scratch };
    let span = patterns * g;
    let most = if span > 65536 { 1 } else { widest(n) };
    for index in 0..positions.count(most) {
        let tile = positions.tile(index, most);
        for chunk in begin..end {
            macro_rules! go {
                ($($n:literal: $($t:literal)*;)*) => {
                    match (if span <= 65536 { n } else { 0 }, tile.t) {
                        $($(($n, $t) => run::<$n, $t>(&a, chunk, &tile),)*)*
                        _ => any(&a, chunk, &tile),
                    }
                };
            }
            go!(1: 1 2 3 4; 2: 1 2 3 4 5 6; 3: 1 2 3; 4: 1 2; 5: 1; 6: 1;);
            let rows = span.min(m - chunk * span);
            lift(scratch, chunk * span, rows, &tile, bias, act, y, ldy);
        }
    }
}

impl Grouped {
    /// T vectors of row `order[i]` of a block of X, zero past K.
    #[inline(always)]
    unsafe fn row<const T: usize>(&self, x: *const f32, block: usize, i: usize) -> [F; T] {
        let at = block * self.block + *self.order.add(i) as usize;
        core::array::from_fn(|t| if at < self.k { load(x.add(at * self.ldx + 4 * t)) } else { splat(0.0) })
    }
}

#[inline(never)]
unsafe fn run<const N: usize, const T: usize>(a: &Grouped, chunk: usize, tile: &Tile) {
    let Grouped { k, block, g, patterns, order, crd, values, sums, ldx, .. } = *a;
    let (span, blocks) = (patterns * g, ceil(k, block));
    clear(sums, span * T);
    let first = chunk * blocks * span;
    let (mut at, mut value) = (crd.from(first), values.add(first * N));
    for b in 0..blocks {
        let whole = (b + 1) * block <= k;
        let x = tile.x.add(b * block * ldx);
        for p in 0..patterns {
            let from = order.add(p * N);
            let rows: [[F; T]; N] = if whole {
                core::array::from_fn(|s| {
                    let row = x.add(*from.add(s) as usize * ldx);
                    core::array::from_fn(|t| load(row.add(4 * t)))
                })
            } else {
                core::array::from_fn(|s| a.row(tile.x, b, p * N + s))
            };
            let end = value.add(g * N);
            while value < end {
                spread(&rows, value, sums.add(at.read::<true>() * 4 * T));
                value = value.add(N);
                at = at.next();
            }
        }
    }
}

/// Any n, entry by entry.
#[inline(never)]
unsafe fn any(a: &Grouped, chunk: usize, tile: &Tile) {
    let Grouped { k, n, block, g, patterns, crd, values, sums, .. } = *a;
    let (span, blocks) = (patterns * g, ceil(k, block));
    clear(sums, span);
    for e in 0..blocks * span {
        let q = chunk * blocks * span + e;
        let to = sums.add(4 * crd.at(q));
        for s in 0..n {
            let rows: [[F; 1]; 1] = [a.row(tile.x, quotient(e, span), quotient(remainder(e, span), g) * n + s)];
            spread(&rows, values.add(q * n + s), to);
        }
    }
}
