//! Wᵀ·G on the storage of W: row groups, spread over the outputs.
//!
//! ```text
//!   W  pos[g]..pos[g+1] ─ crd[q] ─►  row of Y      y0   y1        T vectors, in a small panel
//!      values[q][v]                 w0 splat ─ g00  g01
//!                                   w1 splat ─ g10  g11          S rows of G stay in registers
//!                                   …                            while their entries pass
//! ```
//!
//!   Y[crd[q], c] += Σ_s values[q][s] · G[g·v + s, c]
//!
//! An entry loads T vectors of Y and S splats, stores T vectors and does S·T multiply-adds: 6 loads,
//! 8 multiply-adds, 2 stores for S = 4, T = 2; 6, 8 and 4 for S = 2, T = 4. S·T rows, T sums and a
//! splat: 11 and 13 registers. With S = 1 a store a multiply-add bounds it at half; `compress`
//! and `csr` are quicker there. The sums live in a panel [K][T] that fits L1, whose rows never meet
//! in the cache's sets, and leave it once.
use crate::act::*;
use crate::simd::*;
use crate::tiles::*;

/// Y[K,N] = act(Wᵀ·X + bias) for X [M,N], vectors of positions begin..end of ceil(N/4): a tile
/// belongs to the range that has its first. scratch: K · 24 floats.
#[no_mangle]
pub unsafe extern "C" fn rows_t(
    begin: usize,
    end: usize,
    m: usize,
    v: usize,
    k: usize,
    n: usize,
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
    scratch: *mut f32,
) {
    let positions = Positions { x, ldx, w: panel, step, n, out: panel };
    let a = Turned { m, v, k, pos, crd: Crd::new(crd, crd_bytes), values, ldx, scratch };
    let mut s = 4;
    while s > 1 && remainder(v, s) != 0 {
        s -= 1;
    }
    let most = if k > 65536 { 1 } else { widest(s) };
    for index in 0..positions.count(most) {
        let tile = positions.tile(index, most);
        if tile.at / 4 < begin || tile.at / 4 >= end {
            continue;
        }
        macro_rules! go {
            ($($s:literal: $($t:literal)*;)*) => {
                match (if k > 65536 { 0 } else { s }, tile.t) {
                    $($(($s, $t) => run::<$s, $t, true>(&a, &tile),)*)*
                    _ => run::<1, 1, false>(&a, &tile),
                }
            };
        }
        go!(1: 1 2 3 4; 2: 1 2 3 4 5 6; 3: 1 2 3; 4: 1 2;);
        lift(scratch, 0, k, &tile, bias, act, y, ldy);
    }
}

/// A multiply and an add of its own want a register more.
const FUSED: bool = cfg!(target_feature = "relaxed-simd");

/// Vectors of a tile of `rows` rows: rows and the fewer of splats and sums, and one more, in 15
/// registers. One row is bound by stores, however wide.
pub fn widest(rows: usize) -> usize {
    let mut t = if rows == 1 { 4 } else { 6 };
    while t > 1 && rows * t + rows.min(t) + 1 > 14 + FUSED as usize {
        t -= 1;
    }
    if rows > 4 {
        1
    } else {
        t
    }
}

struct Turned {
    m: usize,
    v: usize,
    k: usize,
    pos: *const u32,
    crd: Crd,
    values: *const f32,
    ldx: usize,
    scratch: *mut f32,
}

#[inline(never)]
unsafe fn run<const S: usize, const T: usize, const QUICK: bool>(a: &Turned, tile: &Tile) {
    let Turned { m, v, k, pos, crd, values, ldx, scratch } = *a;
    clear(scratch, k * T);
    for group in 0..ceil(m, v) {
        let (from, stop) = (*pos.add(group) as usize, *pos.add(group + 1) as usize);
        let mut part = 0;
        while part < v && group * v + part < m {
            let g: [[F; T]; S] = core::array::from_fn(|s| {
                let row = group * v + part + s;
                core::array::from_fn(|t| if row < m { load(tile.x.add(row * ldx + 4 * t)) } else { splat(0.0) })
            });
            let mut value = values.add(from * v + part);
            let end = values.add(stop * v + part);
            let mut at = crd.from(from);
            while value < end {
                spread(&g, value, scratch.add(at.read::<QUICK>() * 4 * T));
                at = at.next();
                value = value.add(v);
            }
            part += S;
        }
    }
}

/// y[t] += Σ_s values[s] · g[s][t], with the fewer of splats and sums held.
#[inline(always)]
pub unsafe fn spread<const S: usize, const T: usize>(g: &[[F; T]; S], values: *const f32, y: *mut f32) {
    if S < T {
        let v: [F; S] = core::array::from_fn(|s| load_splat(values.add(s)));
        for t in 0..T {
            let mut sum = load(y.add(4 * t));
            for s in 0..S {
                sum = madd(v[s], g[s][t], sum);
            }
            store(y.add(4 * t), sum);
        }
    } else {
        let mut sums: [F; T] = core::array::from_fn(|t| load(y.add(4 * t)));
        for s in 0..S {
            let v = load_splat(values.add(s));
            for t in 0..T {
                sums[t] = madd(v, g[s][t], sums[t]);
            }
        }
        for t in 0..T {
            store(y.add(4 * t), sums[t]);
        }
    }
}

/// `vectors` vectors of zeros.
#[inline(always)]
pub unsafe fn clear(y: *mut f32, vectors: usize) {
    for i in 0..vectors {
        store(y.add(4 * i), splat(0.0));
    }
}

/// Sums of `rows` rows leave the panel for Y[row + i], bias added last.
#[inline(never)]
pub unsafe fn lift(
    sums: *const f32,
    row: usize,
    rows: usize,
    tile: &Tile,
    bias: *const f32,
    act: u32,
    y: *mut f32,
    ldy: usize,
) {
    for i in row..row + rows {
        let from = sums.add((i - row) * 4 * tile.t);
        let to = y.add(i * ldy + tile.out);
        if tile.cols >= 4 * tile.t && act == 0 && bias.is_null() {
            for t in 0..tile.t {
                store(to.add(4 * t), load(from.add(4 * t)));
            }
            continue;
        }
        let b = bias_of(bias, i);
        for t in 0..tile.t {
            let v = activate(act, add(load(from.add(4 * t)), b));
            if tile.cols >= 4 * t + 4 {
                store(to.add(4 * t), v);
            } else if tile.cols > 4 * t {
                store_some(to.add(4 * t), v, tile.cols - 4 * t);
            }
        }
    }
}
