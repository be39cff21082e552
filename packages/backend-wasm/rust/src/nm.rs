//! Plain n:m: n of every m neighbours, each row on its own, coordinates of one byte.
//!
//! Along the inputs: levels (i: dense, j/m: dense, j%m: fixed(n)), so an entry e of row i is
//! X row (e/n)·m + crd[e]. Along the outputs the block is m rows of one column j. Storage is CSR's
//! speed at best; the grouped form is the fast one.
use crate::act::*;
use crate::simd::*;
use crate::tiles::*;
use crate::vector::finish;

/// Along the inputs, rows begin..end: values [i][ceil(K/m)][n], crd u8 likewise.
///
///   Y[i,c] = Σ_b Σ_s values[i][b][s] · X[b·m + crd[i][b][s], c]
#[no_mangle]
pub unsafe extern "C" fn nm(
    begin: usize,
    end: usize,
    k: usize,
    positions: usize,
    n: usize,
    m: usize,
    crd: *const u8,
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
) {
    let positions = Positions { x, ldx, w: panel, step, n: positions, out };
    let blocks = ceil(k, m);
    for index in 0..positions.count(8) {
        let tile = positions.tile(index, 8);
        for i in begin..end {
            let e = i * blocks * n;
            let to = y.add(i * ldy + tile.out);
            macro_rules! go {
                ($($t:literal)*) => {
                    match tile.t {
                        $($t => run::<$t>(k, n, m, crd.add(e), values.add(e), tile.x, ldx, bias_of(bias, i), act, to, tile.cols),)*
                        _ => {}
                    }
                };
            }
            go!(1 2 3 4 5 6 7 8);
        }
    }
}

#[inline(never)]
unsafe fn run<const T: usize>(
    k: usize,
    n: usize,
    m: usize,
    crd: *const u8,
    values: *const f32,
    x: *const f32,
    ldx: usize,
    bias: F,
    act: u32,
    y: *mut f32,
    cols: usize,
) {
    let mut acc = [bias; T];
    let (mut block, mut e) = (0, 0);
    while block < k {
        for _ in 0..n {
            let column = block + *crd.add(e) as usize;
            if column < k {
                let v = load_splat(values.add(e));
                let from = x.add(column * ldx);
                for t in 0..T {
                    acc[t] = madd(v, load(from.add(4 * t)), acc[t]);
                }
            }
            e += 1;
        }
        block += m;
    }
    store_tile(y, 0, [acc], cols, act);
}

/// Along the inputs and one position, rows begin..end. Where n divides four, lanes over four entries:
/// a load of values, one of coordinates and four of x for a multiply-add of four.
#[no_mangle]
pub unsafe extern "C" fn nm_vec(
    begin: usize,
    end: usize,
    k: usize,
    n: usize,
    m: usize,
    crd: *const u8,
    values: *const f32,
    x: *const f32,
    bias: *const f32,
    act: u32,
    y: *mut f32,
) {
    let (blocks, whole) = (ceil(k, m), quotient(k, m));
    for i in begin..end {
        let (crd, values) = (crd.add(i * blocks * n), values.add(i * blocks * n));
        let (mut block, mut total) = match n {
            1 => quads::<1>(whole, m, crd, values, x),
            2 => quads::<2>(whole, m, crd, values, x),
            4 => quads::<4>(whole, m, crd, values, x),
            _ => (0, 0.0),
        };
        while block < blocks {
            for e in block * n..block * n + n {
                let column = block * m + *crd.add(e) as usize;
                if column < k {
                    total += *values.add(e) * *x.add(column);
                }
            }
            block += 1;
        }
        finish(i, total, bias, act, y);
    }
}

/// Two times four entries a round, as far as `blocks` go: how far that was, and the sum.
#[inline(always)]
unsafe fn quads<const N: usize>(
    blocks: usize,
    m: usize,
    crd: *const u8,
    values: *const f32,
    x: *const f32,
) -> (usize, f32) {
    let mut acc = [splat(0.0); 2];
    let mut block = 0;
    while block + 8 / N <= blocks {
        for u in 0..2 {
            let first = block + u * (4 / N);
            let four = (crd.add(first * N) as *const u32).read_unaligned();
            let at = core::array::from_fn(|l| l / N * m + (four >> (8 * l) & 0xff) as usize);
            acc[u] = madd(load(values.add(first * N)), gather(x.add(first * m), at), acc[u]);
        }
        block += 8 / N;
    }
    (block, sum(add(acc[0], acc[1])))
}

/// Along the outputs, blocks begin..end of ceil(M/m): entry s of (block, j) lies at
/// block·by_block + j·by_column + s, which serves (i/m, j, i%m) and (j, i/m, i%m) alike.
/// scratch: m · 4 floats.
///
///   Y[block·m + crd[…][s], c] += values[…][s] · X[j, c]
#[no_mangle]
pub unsafe extern "C" fn nm_out(
    begin: usize,
    end: usize,
    rows: usize,
    k: usize,
    positions: usize,
    n: usize,
    m: usize,
    by_block: usize,
    by_column: usize,
    crd: *const u8,
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
    for index in 0..positions.count(1) {
        let tile = positions.tile(index, 1);
        for block in begin..end {
            let high = m.min(rows - block * m);
            for r in 0..m {
                store(scratch.add(4 * r), if r < high { bias_of(bias, block * m + r) } else { splat(0.0) });
            }
            for j in 0..k {
                let xv = load(tile.x.add(j * ldx));
                for s in 0..n {
                    let e = block * by_block + j * by_column + s;
                    let to = scratch.add(4 * *crd.add(e) as usize);
                    store(to, madd(load_splat(values.add(e)), xv, load(to)));
                }
            }
            for r in 0..high {
                let v = [load(scratch.add(4 * r))];
                store_tile(y.add((block * m + r) * ldy + tile.out), 0, [v], tile.cols, act);
            }
        }
    }
}
