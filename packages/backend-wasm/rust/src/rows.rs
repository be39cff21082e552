//! Groups of v rows that share their columns: `bcsr(v,1)`, and CSR as v = 1.
//!
//! ```text
//!   pos[g]..pos[g+1] ─ crd[q] ─► X row      x0   x1   x2
//!   values[q][v]        r0 splat           [acc][acc][acc]     S ≤ 2 rows × T vectors, S·T ≤ 12
//!                       r1 splat           [acc][acc][acc]     loads an entry: T + S + 1
//! ```
//!
//! Y[g·v + r, c] = Σ_q values[q][r] · X[crd[q], c], q in storage order. A loaded X vector serves S
//! rows, so the loop is bound by multiply-adds for S = 2, T = 6 (9 loads for 12) and by loads for
//! S = 1, where four entries share a load of values and one of coordinates (`quads`); wide.rs is for many
//! positions. A taller S
//! would hold too many splats: 15 registers are 12 sums, 2 values and x. Any even v goes as pairs of
//! rows, whose entries stay in L1 from pair to pair. Narrow tiles take several chains of entries and add them at the
//! end, because a multiply-add has four cycles of latency. Odd v and more than 65536 columns take a
//! plain form.
use crate::act::*;
use crate::simd::*;
use crate::tiles::*;

#[derive(Clone, Copy)]
struct Rows {
    begin: usize,
    end: usize,
    m: usize,
    v: usize,
    pos: *const u32,
    crd: Crd,
    values: *const f32,
    bias: *const f32,
    act: u32,
    y: *mut f32,
    ldy: usize,
}

/// Rows begin..end. pos u32[M+1], crd of crd_bytes 2 or 4.
#[no_mangle]
pub unsafe extern "C" fn csr(
    begin: usize,
    end: usize,
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
    out: usize,
    regs: usize,
) {
    rows(begin, end, end, 1, k, n, pos, crd, crd_bytes, values, x, ldx, panel, step, bias, act, y, ldy, out, regs)
}

/// Groups begin..end of ceil(M/v). pos u32[groups+1], values [entry][v].
#[no_mangle]
pub unsafe extern "C" fn rows(
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
    out: usize,
    regs: usize,
) {
    let positions = Positions { x, ldx, w: panel, step, n, out };
    let crd = Crd::new(crd, crd_bytes);
    let r = Rows { begin, end, m, v, pos, crd, values, bias, act, y, ldy };
    let quick = v % 2 == 0 && k <= 65536;
    let four = v == 1 && crd_bytes == 2 && k <= 65536;
    let most = match (quick, four) {
        (true, _) => quotient(regs, 2).clamp(1, 6),
        (_, true) => regs.clamp(1, 7),
        _ => 4,
    };
    for index in 0..positions.count(most) {
        let tile = positions.tile(index, most);
        macro_rules! go {
            ($s:literal $t:literal $u:literal) => {
                run::<$s, $t, $u, { together($u, $s * $t) }, true>(&r, &tile, ldx)
            };
            (slow $t:literal) => {
                run::<1, $t, 1, 1, false>(&r, &tile, ldx)
            };
        }
        if four {
            match tile.t {
                1 => quads::<1, 4>(&r, &tile, ldx),
                2 => quads::<2, 4>(&r, &tile, ldx),
                3 => quads::<3, 2>(&r, &tile, ldx),
                4 => quads::<4, 2>(&r, &tile, ldx),
                5 => quads::<5, 2>(&r, &tile, ldx),
                6 => quads::<6, 1>(&r, &tile, ldx),
                _ => quads::<7, 1>(&r, &tile, ldx),
            }
            continue;
        }
        let s = match quick {
            true if v % 4 == 0 && tile.t <= 2 => 4,
            true => 2,
            false => 0,
        };
        match (s, tile.t) {
            (2, 1) => go!(2 1 4),
            (2, 2) => go!(2 2 2),
            (2, 3) => go!(2 3 1),
            (2, 4) => go!(2 4 1),
            (2, 5) => go!(2 5 1),
            (2, _) => go!(2 6 1),
            (4, 1) => go!(4 1 2),
            (4, _) => go!(4 2 1),
            (_, 1) => go!(slow 1),
            (_, 2) => go!(slow 2),
            (_, 3) => go!(slow 3),
            (_, _) => go!(slow 4),
        }
    }
}

/// Rows of csr with coordinates of two bytes, four entries a round: one load of values and one of
/// coordinates for all four, which leaves the loads to X. T sums in U chains, four values, a splat
/// and x: T·U + 3 registers.
#[inline(never)]
unsafe fn quads<const T: usize, const U: usize>(r: &Rows, tile: &Tile, ldx: usize) {
    let Rows { begin, end, pos, crd, values, bias, act, y, ldy, .. } = *r;
    let Tile { out, cols, x, .. } = *tile;
    for row in begin..end {
        let (from, stop) = (*pos.add(row) as usize, *pos.add(row + 1) as usize);
        let mut acc = [[[splat(0.0); T]; 1]; U];
        acc[0][0] = [bias_of(bias, row); T];
        let mut value = values.add(from);
        let mut at_crd = crd.from(from);
        let ldx = core::hint::black_box(ldx);
        let (fours, end) = (value.add((stop - from) / 4 * 4), values.add(stop));
        while value < fours {
            let (four, columns) = (load(value), at_crd.four());
            for e in 0..4 {
                let v = splat_lane(four, e);
                let from = x.add((columns >> (16 * e) & 0xffff) as usize * ldx);
                for t in 0..T {
                    acc[e % U][0][t] = madd(v, load(from.add(4 * t)), acc[e % U][0][t]);
                }
            }
            at_crd = at_crd.skip_four();
            value = value.add(4);
        }
        while value < end {
            entry(&mut acc[0], value, x.add(at_crd.read::<true>() * ldx));
            at_crd = at_crd.next();
            value = value.add(1);
        }
        for u in 1..U {
            for t in 0..T {
                acc[0][0][t] = add(acc[0][0][t], acc[u][0][t]);
            }
        }
        store_tile(y.add(row * ldy + out), ldy, acc[0], cols, act);
    }
}

/// Entries a round: two where the sums leave room for it, which they never do unfused.
const fn together(chains: usize, sums: usize) -> usize {
    if chains == 1 && sums <= 8 && cfg!(target_feature = "relaxed-simd") {
        2
    } else {
        chains
    }
}

#[inline(never)]
unsafe fn run<const S: usize, const T: usize, const U: usize, const E: usize, const QUICK: bool>(r: &Rows, tile: &Tile, ldx: usize) {
    let Rows { begin, end, m, v, pos, crd, values, bias, act, y, ldy } = *r;
    let Tile { out, cols, x, .. } = *tile;
    for group in begin..end {
        let (from, stop) = (*pos.add(group) as usize, *pos.add(group + 1) as usize);
        let mut part = 0;
        while part < v {
            let row = group * v + part;
            let mut acc = [[[splat(0.0); T]; S]; U];
            for s in 0..S {
                if row + s < m {
                    acc[0][s] = [bias_of(bias, row + s); T];
                }
            }
            // Two pointers and an end: every scalar that lives in the loop is one less to reload.
            let step = v;
            let mut value = values.add(from * v + part);
            let end = values.add(stop * v + part);
            let mut at_crd = crd.from(from);
            // A fresh value, so that the engine keeps it in a register through the loop.
            let ldx = core::hint::black_box(ldx);
            let several = values.add((from + (stop - from) / E * E) * v + part);
            while value < several {
                for e in 0..E {
                    entry(&mut acc[e % U], value, x.add(at_crd.read::<QUICK>() * ldx));
                    at_crd = at_crd.next();
                    value = value.add(step);
                }
            }
            if E > 1 {
                while value < end {
                    entry(&mut acc[0], value, x.add(at_crd.read::<QUICK>() * ldx));
                    at_crd = at_crd.next();
                    value = value.add(step);
                }
            }
            for u in 1..U {
                for s in 0..S {
                    for t in 0..T {
                        acc[0][s][t] = add(acc[0][s][t], acc[u][s][t]);
                    }
                }
            }
            let to = y.add(row * ldy + out);
            if row + S <= m {
                store_tile(to, ldy, acc[0], cols, act);
            } else {
                for s in 0..S - 1 {
                    if row + s < m {
                        let last = acc[0][s];
                        store_last(to.add(s * ldy), last.as_ptr(), T, cols, act);
                    }
                }
            }
            part += S;
        }
    }
}

/// acc[s][t] += values[s] · x[t]
#[inline(always)]
pub unsafe fn entry<const S: usize, const T: usize>(acc: &mut [[F; T]; S], value: *const f32, x: *const f32) {
    if S == 1 {
        let v = load_splat(value);
        for t in 0..T {
            acc[0][t] = madd(v, load(x.add(4 * t)), acc[0][t]);
        }
    } else if S <= T {
        let v: [F; S] = core::array::from_fn(|s| load_splat(value.add(s)));
        for t in 0..T {
            let xv = load(x.add(4 * t));
            for s in 0..S {
                acc[s][t] = madd(v[s], xv, acc[s][t]);
            }
        }
    } else {
        let xv: [F; T] = core::array::from_fn(|t| load(x.add(4 * t)));
        for s in 0..S {
            let v = load_splat(value.add(s));
            for t in 0..T {
                acc[s][t] = madd(v, xv[t], acc[s][t]);
            }
        }
    }
}

/// A row of the last group, when M ends inside it.
#[inline(never)]
unsafe fn store_last(y: *mut f32, v: *const F, vectors: usize, cols: usize, act: u32) {
    for t in 0..vectors {
        if cols > 4 * t {
            store_tile(y.add(4 * t), 0, [[*v.add(t)]], cols - 4 * t, act);
        }
    }
}
