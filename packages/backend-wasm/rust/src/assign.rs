//! Which column of a chunk takes which pattern, by STen's greedy rule, to the bit: the pair of column and pattern
//! with the largest sum of magnitudes comes first, then the larger column, then the larger pattern.
//!
//! ```text
//!   block of 4 rows   |3 0 1 …|     column 0 under pattern {0, 2}: 3 + 2       a heap of columns, each by its best
//!                     |0 4 0 …|                          {1, 3}: 0 + 0         pattern that is open; one whose
//!                     |2 0 5 …|                                                pattern has closed looks again
//! ```
//!
//! Patterns only ever close, so no column stands too low. Sums are rounded in the order of a pattern's rows.
use crate::grouped::Grouped;
use crate::simd::{add, load, store};
use crate::tiles::{ceil, Crd};

/// Rows of single entries, or where `pos` is 0 row-major numbers.
#[derive(Clone, Copy)]
struct Source {
    pos: *const u32,
    crd: Crd,
    values: *const f32,
}

/// What a block takes while its columns are placed.
struct Bench<'a> {
    to: &'a Grouped,
    /// Score bits · 2³² + column: one number orders both.
    heap: *mut u64,
    /// Of pattern p at p · span.
    scores: *mut f32,
    best: *mut u32,
    open: *mut u32,
    used: *mut u32,
    /// Numbers of the block's rows, k apart, and magnitudes, whole chunks apart: zero where there is no entry.
    numbers: *mut f32,
    sizes: *mut f32,
}

/// What an entry counts: one that is zero or not a number still wants its place.
#[inline(always)]
fn magnitude(v: f32) -> f32 {
    let least = f32::from_bits(1);
    let size = v.abs();
    if size > least {
        size
    } else {
        least
    }
}

impl Bench<'_> {
    #[inline(always)]
    unsafe fn new(to: &Grouped, scratch: *mut f32) -> Bench<'_> {
        let (span, patterns) = (to.span(), to.patterns);
        let best = scratch.add(2 * span);
        let open = best.add(span);
        let used = open.add(patterns);
        let scores = used.add(patterns);
        let numbers = scores.add(span * patterns);
        Bench {
            to,
            heap: scratch as *mut u64,
            scores,
            best: best as *mut u32,
            open: open as *mut u32,
            used: used as *mut u32,
            numbers,
            sizes: numbers.add(to.block * to.k),
        }
    }
    /// Floats between rows of magnitudes.
    #[inline(always)]
    fn ld(&self) -> usize {
        self.to.chunks() * self.to.span()
    }

    unsafe fn read(&self, from: &Source, b: usize) {
        let (k, ld) = (self.to.k, self.ld());
        for i in 0..self.to.block * k {
            *self.numbers.add(i) = 0.0;
        }
        for i in 0..self.to.block * ld {
            *self.sizes.add(i) = 0.0;
        }
        for r in 0..self.to.rows(b) {
            let row = b * self.to.block + r;
            let (numbers, sizes) = (self.numbers.add(r * k), self.sizes.add(r * ld));
            if from.pos.is_null() {
                for j in 0..k {
                    // Nobody foresees which are zero; bits are multiplied, since the least float would take its time.
                    let v = *from.values.add(row * k + j);
                    let kept = (v != 0.0) as u32;
                    *numbers.add(j) = f32::from_bits(v.to_bits() * kept);
                    *sizes.add(j) = f32::from_bits(magnitude(v).to_bits() * kept);
                }
                continue;
            }
            for q in *from.pos.add(row) as usize..*from.pos.add(row + 1) as usize {
                let (j, v) = (from.crd.at(q), *from.values.add(q));
                *numbers.add(j) = v;
                *sizes.add(j) = magnitude(v);
            }
        }
    }

    /// Scores of all columns of a chunk under all patterns.
    #[inline(always)]
    unsafe fn score(&self, chunk: usize) {
        let (span, ld) = (self.to.span(), self.ld());
        let sizes = self.sizes.add(chunk * span);
        for p in 0..self.to.patterns {
            let to = self.scores.add(p * span);
            let row = |i| sizes.add(self.to.row(p, i) * ld);
            let mut q = 0;
            while q + 4 <= span {
                let mut s = load(row(0).add(q));
                for i in 1..self.to.n {
                    s = add(s, load(row(i).add(q)));
                }
                store(to.add(q), s);
                q += 4;
            }
            while q < span {
                let mut s = *row(0).add(q);
                for i in 1..self.to.n {
                    s += *row(i).add(q);
                }
                *to.add(q) = s;
                q += 1;
            }
        }
    }

    /// Finds the best open pattern of column q; its key in the heap.
    #[inline(always)]
    unsafe fn look(&self, q: usize, opened: usize) -> u64 {
        // Floats that are not negative are in the order of their bits.
        let scores = self.scores.add(q) as *const u32;
        let (mut top, mut at) = (0, 0);
        for o in 0..opened {
            let p = *self.open.add(o);
            let s = *scores.add(p as usize * self.to.span());
            let better = s >= top;
            top = if better { s } else { top };
            at = if better { p } else { at };
        }
        *self.best.add(q) = at;
        (top as u64) << 32 | q as u64
    }

    /// Fills the hole at `start` with larger children down to a leaf, then lets `key` rise from there.
    #[inline(always)]
    unsafe fn sink(&self, key: u64, start: usize, size: usize) {
        let (heap, mut at) = (self.heap, start);
        let mut child = 2 * at + 1;
        while child + 1 < size {
            child += (*heap.add(child + 1) > *heap.add(child)) as usize;
            *heap.add(at) = *heap.add(child);
            at = child;
            child = 2 * at + 1;
        }
        if child < size {
            *heap.add(at) = *heap.add(child);
            at = child;
        }
        while at > start {
            let parent = (at - 1) / 2;
            let above = *heap.add(parent);
            if above >= key {
                break;
            }
            *heap.add(at) = above;
            at = parent;
        }
        *heap.add(at) = key;
    }

    /// Gives every column of a scored chunk its place; `put` hears pattern, place in it, and column.
    #[inline(always)]
    unsafe fn place(&self, mut put: impl FnMut(usize, usize, usize)) {
        let (span, patterns, g) = (self.to.span(), self.to.patterns, self.to.g);
        for p in 0..patterns {
            *self.open.add(p) = p as u32;
            *self.used.add(p) = 0;
        }
        let mut opened = patterns;
        for q in 0..span {
            *self.heap.add(q) = self.look(q, opened);
        }
        for at in (0..span / 2).rev() {
            self.sink(*self.heap.add(at), at, span);
        }
        let mut size = span;
        while size > 0 {
            let q = *self.heap as u32 as usize;
            let p = *self.best.add(q) as usize;
            let used = *self.used.add(p) as usize;
            if used == g {
                self.sink(self.look(q, opened), 0, size);
                continue;
            }
            put(p, used, q);
            *self.used.add(p) += 1;
            if used + 1 == g {
                let mut kept = 0;
                for o in 0..opened {
                    let other = *self.open.add(o);
                    *self.open.add(kept) = other;
                    kept += (other as usize != p) as usize;
                }
                opened = kept;
            }
            size -= 1;
            if size > 0 {
                self.sink(*self.heap.add(size), 0, size);
            }
        }
    }

    /// Whether pattern p leaves out an entry of a column of magnitudes.
    #[inline(always)]
    unsafe fn loses(&self, p: usize, column: *const f32) -> bool {
        let (mut all, mut kept) = (0, 0);
        for r in 0..self.to.block {
            all += (*column.add(r * self.ld()) > 0.0) as usize;
        }
        for i in 0..self.to.n {
            kept += (*column.add(self.to.row(p, i) * self.ld()) > 0.0) as usize;
        }
        all != kept
    }
}

/// n:m:g of row-major x [m, k], or where pos is not 0 of single entries: columns (u16) and values of blocks begin..end
/// of ceil(m / block). lost[b] = 1 where the greedy drops an entry of block b, else 0. scratch, 8-byte aligned: span ·
/// (3 + patterns) + 2 · patterns + block · (k + chunks · span) words.
#[no_mangle]
pub unsafe extern "C" fn nmg_assign(
    begin: usize,
    end: usize,
    m: usize,
    k: usize,
    n: usize,
    block: usize,
    g: usize,
    patterns: usize,
    order: *const u8,
    pos: *const u32,
    crd: *const u8,
    bytes: usize,
    x: *const f32,
    crd_to: *mut u16,
    values_to: *mut f32,
    lost: *mut u32,
    scratch: *mut f32,
) {
    let to = Grouped { m, k, n, block, g, patterns, order, crd: crd_to as *const u8, values: values_to };
    let from = Source { pos, crd: Crd::new(crd, bytes), values: x };
    let bench = Bench::new(&to, scratch);
    for b in begin..end {
        bench.read(&from, b);
        let mut loses = false;
        for chunk in 0..ceil(k, to.span()) {
            bench.score(chunk);
            let (first, width) = (to.first(chunk, b), to.width(chunk));
            let (numbers, sizes) = (bench.numbers.add(chunk * to.span()), bench.sizes.add(chunk * to.span()));
            bench.place(|p, place, q| {
                let e = first + p * g + place;
                *crd_to.add(e) = q as u16;
                for i in 0..n {
                    let v = numbers.add(to.row(p, i) * k + q);
                    *values_to.add(e * n + i) = if q < width { *v } else { 0.0 };
                }
                loses |= bench.loses(p, sizes.add(q));
            });
        }
        *lost.add(b) = loses as u32;
    }
}
