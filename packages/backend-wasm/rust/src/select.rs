//! The greatest |x| of runs: 1 where a number is kept, else 0. Numbers are all finite.
//!
//! ```text
//!   run wider than 32    |x|   3 1 4 1 5, drop 3     the greatest that is dropped is 3; of those as great
//!                        y     0 0 1 0 1             some are dropped, so many that three are in all
//!   narrower             y(i) = rank(i) < n − drop   rank(i) = #{j: |x(j)| > |x(i)|, or as great and before
//! ```
//!
//! The greatest that is dropped is found digit by digit: a histogram of the bits of |x|, whose order is
//! that of the numbers, eight at a time from the exponent on, and then only of those with the same digits.
use crate::elementwise::row1;
use crate::simd::*;
use crate::tiles::{ceil, quotient, remainder};

const DIGITS: usize = 256;

struct Nth {
    key: u32,
    /// Its place among those that equal it, and how many they are.
    rank: usize,
    equal: usize,
}

/// The key `rank` places above the least of `count` keys: bits of |x|, shifted left by one. `count` > rank;
/// `counts` has 4 · 256 words, `keys` is reordered.
#[inline(always)]
unsafe fn nth(count: usize, keys: *mut u32, mut rank: usize, counts: *mut u32) -> Nth {
    let mut left = count;
    let mut shift = 24;
    loop {
        for d in 0..4 * DIGITS {
            *counts.add(d) = 0;
        }
        // Neighbours count in four tables, so that equal digits need not wait for each other.
        for i in 0..left {
            let d = (*keys.add(i) >> shift) as usize % DIGITS;
            *counts.add(d * 4 + i % 4) += 1;
        }
        let mut digit = 0;
        loop {
            let c = counts.add(digit * 4);
            let here = (*c + *c.add(1) + *c.add(2) + *c.add(3)) as usize;
            if rank < here || digit == DIGITS - 1 {
                break;
            }
            rank -= here;
            digit += 1;
        }
        // What has another digit is dropped.
        let mut kept = 0;
        for i in 0..left {
            let key = *keys.add(i);
            *keys.add(kept) = key;
            kept += ((key >> shift) as usize % DIGITS == digit) as usize;
        }
        left = kept;
        if shift == 0 || left == 1 {
            return Nth {
                key: *keys,
                rank,
                equal: left,
            };
        }
        shift -= 8;
    }
}

/// A run of n numbers, `stride` apart.
#[derive(Clone, Copy)]
struct Run {
    x: *const f32,
    y: *mut f32,
    n: usize,
    stride: usize,
}

/// All but the `drop` least of a run, 0 < n; of equal ones the first stay, or the last.
#[inline(always)]
unsafe fn select<const LAST: bool>(Run { x, y, n, stride }: Run, drop: usize, scratch: *mut u32) {
    let (counts, keys) = (scratch, scratch.add(4 * DIGITS));
    for i in 0..n {
        *keys.add(i) = (*x.add(i * stride)).to_bits() << 1;
    }
    if drop == 0 {
        for i in 0..n {
            *y.add(i * stride) = 1.0;
        }
        return;
    }
    let found = nth(n, keys, drop.min(n) - 1, counts);
    let limit = f32::from_bits(found.key >> 1);
    // Up to here those as great as the limit are dropped, or kept; then they are not.
    let mut left = if LAST {
        found.rank + 1
    } else {
        found.equal - found.rank - 1
    };
    let mut i = 0;
    while i < n && left > 0 {
        let v = (*x.add(i * stride)).abs();
        *y.add(i * stride) = (v > limit || (!LAST && v == limit)) as u32 as f32;
        left -= (v == limit) as usize;
        i += 1;
    }
    let least = if LAST {
        limit
    } else {
        f32::from_bits(limit.to_bits() + 1)
    };
    if stride == 1 {
        return row1(n - i, x.add(i), y.add(i), |v| {
            if_less(abs(v), splat(least), splat(0.0), splat(1.0))
        });
    }
    while i < n {
        *y.add(i * stride) = ((*x.add(i * stride)).abs() >= least) as u32 as f32;
        i += 1;
    }
}

/// The widest run whose ranks are counted; wider ones are selected from.
const WIDEST: usize = 32;

/// All but the `drop` least |x| of each of four runs of n ≤ 32 numbers, `stride` apart, that begin at `at`.
#[inline(always)]
unsafe fn ranked<const LAST: bool>(at: [usize; 4], stride: usize, n: usize, drop: usize, x: *const f32, y: *mut f32) {
    let beside = at == [at[0], at[0] + 1, at[0] + 2, at[0] + 3];
    let (zero, one) = (splat(0.0), splat(1.0));
    let (mut sizes, mut ranks) = ([zero; WIDEST], [zero; WIDEST]);
    let (v, rank) = (sizes.as_mut_ptr(), ranks.as_mut_ptr());
    for i in 0..n {
        let from = x.add(i * stride);
        *v.add(i) = abs(if beside {
            load(from.add(at[0]))
        } else {
            gather(from, at)
        });
        // As if it lost to all before it; each that it beats is taken off.
        let mut lost = splat(i as f32);
        for j in 0..i {
            let (before, own) = (*v.add(j), *v.add(i));
            let beats = if LAST {
                if_less(own, before, zero, one)
            } else {
                if_less(before, own, one, zero)
            };
            *rank.add(j) = add(*rank.add(j), beats);
            lost = sub(lost, beats);
        }
        *rank.add(i) = lost;
    }
    let keep = splat((n - drop.min(n)) as f32);
    for i in 0..n {
        let kept = if_less(*rank.add(i), keep, one, zero);
        let to = y.add(i * stride);
        if beside {
            store(to.add(at[0]), kept);
        } else {
            let l = lanes(kept);
            for b in 0..4 {
                *to.add(at[b]) = l[b];
            }
        }
    }
}

/// The runs of [outer, extent, inner] along the middle, `size` numbers each but for the last of an extent:
/// lanes beside each other first, then the runs of an extent.
#[derive(Clone, Copy)]
struct Runs {
    extent: usize,
    size: usize,
    inner: usize,
    /// Where the extent begins, the run in it, the lane in that.
    base: usize,
    first: usize,
    lane: usize,
}

impl Runs {
    fn from(u: usize, extent: usize, size: usize, inner: usize) -> Runs {
        let per = ceil(extent, size);
        let t = quotient(u, inner);
        let first = remainder(t, per) * size;
        Runs {
            extent,
            size,
            inner,
            base: quotient(t, per) * extent * inner,
            first,
            lane: remainder(u, inner),
        }
    }
    fn at(&self) -> usize {
        self.base + self.first * self.inner + self.lane
    }
    fn len(&self) -> usize {
        self.size.min(self.extent - self.first)
    }
    fn next(&mut self) {
        self.lane += 1;
        if self.lane == self.inner {
            self.lane = 0;
            self.first += self.size;
        }
        if self.first >= self.extent {
            self.first = 0;
            self.base += self.extent * self.inner;
        }
    }
}

/// Runs begin..end; `drop` of those that are whole, `drop_rest` of others.
#[inline(always)]
unsafe fn greatest<const LAST: bool>(
    begin: usize,
    end: usize,
    mut runs: Runs,
    drop: usize,
    drop_rest: usize,
    x: *const f32,
    y: *mut f32,
    scratch: *mut u32,
) {
    let mut u = begin;
    while u < end {
        let (n, stride, at) = (runs.len(), runs.inner, runs.at());
        let drop = if n == runs.size { drop } else { drop_rest };
        runs.next();
        u += 1;
        if n > WIDEST {
            let run = Run {
                x: x.add(at),
                y: y.add(at),
                n,
                stride,
            };
            select::<LAST>(run, drop, scratch);
            continue;
        }
        // As many of the same length as there are, the last one again in their place.
        let mut four = [at; 4];
        let mut l = 1;
        while l < 4 {
            if u < end && runs.len() == n {
                for k in l..4 {
                    four[k] = runs.at();
                }
                runs.next();
                u += 1;
            }
            l += 1;
        }
        ranked::<LAST>(four, stride, n, drop, x, y);
    }
}

/// y = all but the `drop` least |x| of each run of `size` > 0 numbers along the middle of [outer, extent, inner],
/// `drop_rest` of the shorter ones at the end of an extent; of equal ones the first stay, or the last when
/// `last` is 1. Runs begin..end, of outer · ceil(extent / size) · inner. Scratch: 1024 + size words a thread.
#[no_mangle]
pub unsafe extern "C" fn keep_greatest(
    begin: usize,
    end: usize,
    extent: usize,
    size: usize,
    inner: usize,
    drop: usize,
    drop_rest: usize,
    last: u32,
    x: *const f32,
    y: *mut f32,
    scratch: *mut u32,
) {
    let runs = Runs::from(begin, extent, size, inner);
    if last == 1 {
        greatest::<true>(begin, end, runs, drop, drop_rest, x, y, scratch);
    } else {
        greatest::<false>(begin, end, runs, drop, drop_rest, x, y, scratch);
    }
}
