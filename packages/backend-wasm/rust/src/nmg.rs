//! n:m:g, STen's grouped n:m.
//!
//! ```text
//!   chunk = C·g columns, block = m rows; each of the C = (m choose n) patterns owns g columns:
//!
//!        p0 p0 p1 p1 p2 p2 …          values [chunk][block][p][t < g][n]
//!   r0    ■  ■  ■  ■                  crd    [chunk][block][p][t < g]   column in the chunk
//!   r1    ■  ■        ■  ■            order  [p][n]                     row in the block
//!   r2          ■  ■  ■  ■
//!
//!   Y[block·m + order[p][s], c] += values[…][t][s] · X[chunk·C·g + crd[…][t], c]
//! ```
//!
//! While a pattern runs its g columns, the sums of its n rows stay in registers: n·T ≤ 12
//! accumulators, T + n + 1 loads for n·T multiply-adds (T = 12, 6, 3, 2, 2, 2 for n = 1..6). Between patterns only the rows that change
//! are put down in a small tile and taken up, which is one row when the order is a Gray code. The
//! table drives the loop, so one body serves every m, g and order; n and T are compiled in. A chunk
//! that passes K skips the columns past it entry by entry, slowly; to avoid that, append zero rows to
//! X (`pack_padded` does) and say so by k. With n = 1 a pattern is a row, and the row's sums stay in
//! registers from end to end.
use crate::act::*;
use crate::rows::entry;
use crate::simd::*;
use crate::tiles::*;

#[derive(Clone, Copy)]
struct Grouped {
    begin: usize,
    end: usize,
    m: usize,
    k: usize,
    block: usize,
    n: usize,
    g: usize,
    patterns: usize,
    order: *const u8,
    crd: Crd,
    values: *const f32,
    bias: *const f32,
    act: u32,
    y: *mut f32,
    ldy: usize,
    tile: *mut f32,
}

/// Blocks begin..end of ceil(M/m). scratch: block_rows · 48 floats.
#[no_mangle]
pub unsafe extern "C" fn nmg(
    begin: usize,
    end: usize,
    m: usize,
    k: usize,
    positions: usize,
    n: usize,
    block_rows: usize,
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
    regs: usize,
    scratch: *mut f32,
) {
    let crd = Crd::new(crd, crd_bytes);
    let a = Grouped { begin, end, m, k, block: block_rows, n, g, patterns, order, crd, values, bias, act, y, ldy, tile: scratch };
    let positions = Positions { x, ldx, w: panel, step, n: positions, out };
    let quick = n <= 6 && patterns * g <= 65536;
    let most = if !quick { 12 } else { widest(n).min(quotient(regs, n)).max(1) };
    for index in 0..positions.count(most) {
        let tile = positions.tile(index, most);
        macro_rules! go {
            (1: $($one:literal)*; $($n:literal: $($t:literal)*;)*) => {
                match (n, tile.t) {
                    $((1, $one) if quick && k > 0 => single::<$one>(&a, &tile, ldx),)*
                    $($(($n, $t) if quick => run::<$n, $t>(&a, &tile, ldx),)*)*
                    _ => any(&a, &tile, ldx),
                }
            };
        }
        go!(1: 1 2 3 4 5 6 7 8 9 10 11 12; 2: 1 2 3 4 5 6; 3: 1 2 3; 4: 1 2; 5: 1 2; 6: 1 2;);
    }
}

/// Vectors of a tile: n·T sums, and the smaller of n splats and T rows of X, and one more.
pub fn widest(n: usize) -> usize {
    match n {
        1 => 12,
        2 => 6,
        3 => 3,
        _ => 2,
    }
}

impl Grouped {
    /// Columns in a chunk.
    #[inline(always)]
    fn span(&self) -> usize {
        self.patterns * self.g
    }
    /// First entry of (chunk, block).
    #[inline(always)]
    fn first(&self, chunk: usize, block: usize) -> usize {
        (chunk * ceil(self.m, self.block) + block) * self.span()
    }
    unsafe fn start(&self, block: usize, t: usize) {
        for r in 0..self.block {
            let row = block * self.block + r;
            let b = if row < self.m { bias_of(self.bias, row) } else { splat(0.0) };
            for i in 0..t {
                store(self.tile.add(4 * (r * t + i)), b);
            }
        }
    }
    unsafe fn finish(&self, block: usize, at: &Tile) {
        for r in 0..self.block {
            let row = block * self.block + r;
            if row < self.m {
                for i in 0..at.t {
                    let v = [load(self.tile.add(4 * (r * at.t + i)))];
                    let left = at.cols - (4 * i).min(at.cols);
                    store_tile(self.y.add(row * self.ldy + at.out + 4 * i), 0, [v], left, self.act);
                }
            }
        }
    }
    /// One chunk through memory, skipping columns past K: any n, the same sums in the same order.
    unsafe fn careful(&self, chunk: usize, block: usize, t: usize, x: *const f32, ldx: usize) {
        let first = self.first(chunk, block);
        for e in 0..self.span() {
            let column = chunk * self.span() + self.crd.at(first + e);
            if column < self.k {
                let rows = self.order.add(quotient(e, self.g) * self.n);
                for s in 0..self.n {
                    let v = load_splat(self.values.add((first + e) * self.n + s));
                    let sums = self.tile.add(4 * t * *rows.add(s) as usize);
                    for i in 0..t {
                        let xv = load(x.add(column * ldx + 4 * i));
                        store(sums.add(4 * i), madd(v, xv, load(sums.add(4 * i))));
                    }
                }
            }
        }
    }
}

#[inline(never)]
unsafe fn any(a: &Grouped, tile: &Tile, ldx: usize) {
    for block in a.begin..a.end {
        a.start(block, tile.t);
        let mut chunk = 0;
        while chunk * a.span() < a.k {
            a.careful(chunk, block, tile.t, tile.x, ldx);
            chunk += 1;
        }
        a.finish(block, tile);
    }
}

#[inline(never)]
unsafe fn run<const N: usize, const T: usize>(a: &Grouped, tile: &Tile, ldx: usize) {
    let g = a.g;
    for block in a.begin..a.end {
        a.start(block, T);
        let mut chunk = 0;
        while (chunk + 1) * a.span() <= a.k {
            let first = a.first(chunk, block);
            let x = tile.x.add(chunk * a.span() * ldx);
            let mut value = a.values.add(first * N);
            let mut column = a.crd.from(first);
            let ldx = core::hint::black_box(ldx);
            let mut at: [*mut f32; N] = core::array::from_fn(|s| a.tile.add(4 * T * *a.order.add(s) as usize));
            let mut acc: [[F; T]; N] = core::array::from_fn(|s| core::array::from_fn(|t| load(at[s].add(4 * t))));
            for p in 0..a.patterns {
                let next: [*mut f32; N] = core::array::from_fn(|s| a.tile.add(4 * T * *a.order.add(p * N + s) as usize));
                // All puts before all takes: a row may move from one slot to another.
                for s in 0..N {
                    if next[s] != at[s] {
                        put(at[s], &acc[s]);
                    }
                }
                for s in 0..N {
                    if next[s] != at[s] {
                        acc[s] = core::array::from_fn(|t| load(next[s].add(4 * t)));
                        at[s] = next[s];
                    }
                }
                for _ in 0..g {
                    let from = x.add(column.read::<true>() * ldx);
                    entry(&mut acc, value, from);
                    value = value.add(N);
                    column = column.next();
                }
            }
            for s in 0..N {
                put(at[s], &acc[s]);
            }
            chunk += 1;
        }
        if chunk * a.span() < a.k {
            a.careful(chunk, block, T, tile.x, ldx);
        }
        a.finish(block, tile);
    }
}

/// n = 1: pattern p is the one row order[p], so its sums stay in registers through every chunk.
#[inline(never)]
unsafe fn single<const T: usize>(a: &Grouped, tile: &Tile, ldx: usize) {
    let g = a.g;
    for block in a.begin..a.end {
        for p in 0..a.patterns {
            let row = block * a.block + *a.order.add(p) as usize;
            if row >= a.m {
                continue;
            }
            let mut acc = [[bias_of(a.bias, row); T]];
            let ldx = core::hint::black_box(ldx);
            let (mut x, mut left, mut first) = (tile.x, a.k, a.first(0, block) + p * g);
            while left >= a.span() {
                let mut column = a.crd.from(first);
                let mut value = a.values.add(first);
                let end = value.add(g);
                while value < end {
                    entry(&mut acc, value, x.add(column.read::<true>() * ldx));
                    value = value.add(1);
                    column = column.next();
                }
                left -= a.span();
                x = x.add(a.span() * ldx);
                first += a.first(1, 0);
            }
            for e in first..first + if left > 0 { g } else { 0 } {
                let column = a.crd.at(e);
                if column < left {
                    entry(&mut acc, a.values.add(e), x.add(column * ldx));
                }
            }
            store_tile(a.y.add(row * a.ldy + tile.out), 0, acc, tile.cols, a.act);
        }
    }
}

#[inline(always)]
unsafe fn put<const T: usize>(p: *mut f32, v: &[F; T]) {
    for t in 0..T {
        store(p.add(4 * t), v[t]);
    }
}
