//! CSR for many positions: each coordinate is multiplied once, and a mark ends a row.
//!
//! ```text
//!   offsets[pos[i] + i ..]   bytes to the rows of X that row i reads, then 2³² − 1
//!
//!   offset ─► X row      x0   x1   …  x11         loads an entry: T of x, its value, its offset
//!   value splat         [acc][acc] … [acc]        T sums, a value and x: 14 registers
//! ```
//!
//! Y[i, c] = Σ_q values[q] · X[crd[q], c], q in storage order. A multiplication of each coordinate by the stride of X
//! stands in the way of one multiply-add in eight, whoever does it; here it is done once for all tiles. The mark is
//! what a loop's count and its remainder would be, and the branch on it keeps the entries' order: without one, the
//! multiply-adds of one sum would stand side by side. Narrow tiles take several chains of entries and add them at the
//! end, because a multiply-add has four cycles of latency.
use crate::act::*;
use crate::simd::*;
use crate::tiles::*;

/// Ends a row.
const END: u32 = u32::MAX;

/// Entries whose coordinates are multiplied together.
const EIGHT: usize = 8;

#[cfg(target_arch = "wasm32")]
#[inline(always)]
unsafe fn eight(crd: *const u8, stride: usize, to: *mut u32) {
    use core::arch::wasm32::*;
    let (c, by) = (v128_load(crd as *const v128), u32x4_splat(stride as u32));
    v128_store(to as *mut v128, u32x4_mul(u32x4_extend_low_u16x8(c), by));
    v128_store(to.add(4) as *mut v128, u32x4_mul(u32x4_extend_high_u16x8(c), by));
}

#[cfg(not(target_arch = "wasm32"))]
unsafe fn eight(crd: *const u8, stride: usize, to: *mut u32) {
    for e in 0..EIGHT {
        *to.add(e) = (*(crd as *const u16).add(e) as usize * stride) as u32;
    }
}

/// Offsets of rows begin..end: u32[pos[M] + M]; crd·ldx·4 below 2³¹.
#[no_mangle]
pub unsafe extern "C" fn csr_offsets(
    begin: usize,
    end: usize,
    pos: *const u32,
    crd: *const u8,
    crd_bytes: usize,
    ldx: usize,
    offsets: *mut u32,
) {
    let (columns, stride) = (Crd::new(crd, crd_bytes), 4 * ldx);
    for row in begin..end {
        let (mut q, stop) = (*pos.add(row) as usize, *pos.add(row + 1) as usize);
        let to = offsets.add(row);
        while crd_bytes == 2 && q + EIGHT <= stop {
            eight(crd.add(2 * q), stride, to.add(q));
            q += EIGHT;
        }
        while q < stop {
            *to.add(q) = (columns.at(q) * stride) as u32;
            q += 1;
        }
        *to.add(stop) = END;
    }
}

#[derive(Clone, Copy)]
struct Rows {
    begin: usize,
    end: usize,
    pos: *const u32,
    offsets: *const u32,
    values: *const f32,
    bias: *const f32,
    act: u32,
    y: *mut f32,
    ldy: usize,
}

/// Rows begin..end; offsets from `csr_offsets` with the same ldx. `regs`: sums to use, 12 or 8.
#[no_mangle]
pub unsafe extern "C" fn csr_wide(
    begin: usize,
    end: usize,
    n: usize,
    pos: *const u32,
    offsets: *const u32,
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
    let r = Rows { begin, end, pos, offsets, values, bias, act, y, ldy };
    let most = if regs >= 12 { 12 } else { 8 };
    for index in 0..positions.count(most) {
        let tile = positions.tile(index, most);
        macro_rules! go {
            ($($t:literal)*) => {
                match tile.t {
                    $($t => run::<$t, { chains($t) }>(&r, &tile),)*
                    _ => run::<12, 1>(&r, &tile),
                }
            };
        }
        go!(1 2 3 4 5 6 7 8 9 10 11);
    }
}

/// Chains of entries for T vectors; unfused, a product takes a register more.
const fn chains(t: usize) -> usize {
    match t {
        1 | 2 => 4,
        3 | 4 => 2,
        5 | 6 if cfg!(target_feature = "relaxed-simd") => 2,
        _ => 1,
    }
}

/// Entries a round.
const ROUND: usize = 4;

#[inline(never)]
unsafe fn run<const T: usize, const U: usize>(r: &Rows, tile: &Tile) {
    let Rows { begin, end, pos, offsets, values, bias, act, y, ldy } = *r;
    let x = tile.x as *const u8;
    for row in begin..end {
        let from = *pos.add(row) as usize;
        let mut acc = [[splat(0.0); T]; U];
        acc[0] = [bias_of(bias, row); T];
        let mut value = values.add(from);
        let mut offset = offsets.add(from + row);
        'row: loop {
            for e in 0..ROUND {
                let at = *offset.add(e);
                if at == END {
                    break 'row;
                }
                let v = load_splat(value.add(e));
                let from = x.add(at as usize) as *const f32;
                for t in 0..T {
                    acc[e % U][t] = madd(v, load(from.add(4 * t)), acc[e % U][t]);
                }
            }
            offset = offset.add(ROUND);
            value = value.add(ROUND);
        }
        for u in 1..U {
            for t in 0..T {
                acc[0][t] = add(acc[0][t], acc[u][t]);
            }
        }
        store_tile(y.add(row * ldy + tile.out), ldy, [acc[0]], tile.cols, act);
    }
}
