//! Where the numbers of an n:m:g are, and a chunk of a block of them put down as a small matrix.
//!
//! ```text
//!   patterns 0 1 | 1 3     columns 2 0 | 1 3     column 2    a b _ _  shuffled  a b 0 0  and stored where the column
//!                          values a b c d | …    column 0    c d _ _            c d 0 0  is; four columns, turned, are
//!                                                                                        four rows
//! ```
use crate::simd::{load, load_some, shuffle, splat, store, transpose, F};
use crate::tiles::ceil;
use core::mem::MaybeUninit;

/// Where an n:m:g is: chunks of patterns · g columns, blocks of `block` rows.
#[derive(Clone, Copy)]
pub struct Grouped {
    pub m: usize,
    pub k: usize,
    pub n: usize,
    pub block: usize,
    pub g: usize,
    pub patterns: usize,
    pub order: *const u8,
    pub crd: *const u8,
    pub values: *const f32,
}

impl Grouped {
    #[inline(always)]
    pub fn span(&self) -> usize {
        self.patterns * self.g
    }
    #[inline(always)]
    pub fn chunks(&self) -> usize {
        ceil(self.k, self.span())
    }
    #[inline(always)]
    pub fn rows(&self, b: usize) -> usize {
        self.block.min(self.m - b * self.block)
    }
    /// Columns of a chunk that are inside.
    #[inline(always)]
    pub fn width(&self, chunk: usize) -> usize {
        self.span().min(self.k - chunk * self.span())
    }
    /// The first column of (chunk, block), of those that are stored.
    #[inline(always)]
    pub fn first(&self, chunk: usize, b: usize) -> usize {
        (chunk * ceil(self.m, self.block) + b) * self.span()
    }
    /// Whether all of (chunk, block) is inside.
    #[inline(always)]
    pub fn whole(&self, chunk: usize, b: usize) -> bool {
        self.rows(b) == self.block && self.width(chunk) == self.span()
    }
    /// Four rows of a block at a time.
    #[inline(always)]
    fn strips(&self) -> usize {
        ceil(self.block, 4)
    }
    #[inline(always)]
    pub unsafe fn column(&self, e: usize) -> usize {
        *(self.crd as *const u16).add(e) as usize
    }
    #[inline(always)]
    pub unsafe fn row(&self, pattern: usize, i: usize) -> usize {
        *self.order.add(pattern * self.n + i) as usize
    }
    /// Visits what (chunk, block) has inside as row, column and place.
    #[inline(always)]
    pub unsafe fn each(&self, chunk: usize, b: usize, mut visit: impl FnMut(usize, usize, usize)) {
        let (rows, width) = (self.rows(b), self.width(chunk));
        let mut e = self.first(chunk, b);
        for p in 0..self.patterns {
            for _ in 0..self.g {
                let column = self.column(e);
                for i in 0..self.n {
                    let row = self.row(p, i);
                    if row < rows && column < width {
                        visit(row, column, e * self.n + i);
                    }
                }
                e += 1;
            }
        }
    }
    /// Puts the values of (chunk, block) into rows that lie `ld` apart.
    #[inline(always)]
    pub unsafe fn put(&self, chunk: usize, b: usize, y: *mut f32, ld: usize) {
        self.each(chunk, b, |row, column, at| *y.add(row * ld + column) = *self.values.add(at));
    }
}

/// The most shuffles of a table, and the most vectors of a tile: 4 and 16 KB.
const SHUFFLES: usize = 256;
const TILE: usize = 1024;

/// A whole chunk of a block by columns: vector strip · span + column holds four rows of a column.
pub struct Tile {
    vectors: MaybeUninit<[F; TILE + 64]>,
    /// For each pattern and strip, what brings a column's values to their rows, and zeros to others.
    shuffles: MaybeUninit<[F; SHUFFLES]>,
}

impl Tile {
    #[inline(always)]
    pub fn new() -> Tile {
        Tile { vectors: MaybeUninit::uninit(), shuffles: MaybeUninit::uninit() }
    }
    #[inline(always)]
    fn numbers(&mut self) -> *mut f32 {
        self.vectors.as_mut_ptr() as *mut f32
    }

    /// Makes it ready for an n:m:g; false where a tile is none for it.
    #[inline(always)]
    pub unsafe fn suits(&mut self, from: &Grouped) -> bool {
        let strips = from.strips();
        if from.n > 4 || strips > 4 || from.patterns * strips > SHUFFLES || from.span() * strips > TILE {
            return false;
        }
        let words = self.shuffles.as_mut_ptr() as *mut u32;
        for p in 0..from.patterns {
            for r in 0..4 * strips {
                *words.add(p * 4 * strips + r) = 0x8080_8080;
            }
            for i in 0..from.n {
                *words.add(p * 4 * strips + from.row(p, i)) = 0x0302_0100 + 0x0404_0404 * i as u32;
            }
        }
        // Readers may pass the last column by 64.
        for v in 0..strips * from.span() + 64 {
            store(self.numbers().add(4 * v), splat(0.0));
        }
        true
    }

    /// Row r of what was put: its numbers lie four apart.
    #[inline(always)]
    pub unsafe fn row(&mut self, from: &Grouped, r: usize) -> *const f32 {
        self.numbers().add(4 * (r / 4 * from.span()) + r % 4)
    }

    /// Puts the columns of a whole (chunk, block) where they are.
    #[inline(never)]
    pub unsafe fn put(&mut self, from: &Grouped, chunk: usize, b: usize) {
        let first = from.first(chunk, b);
        macro_rules! go {
            ($($n:literal $strips:literal)*) => {
                match (from.n, from.strips()) {
                    $(($n, $strips) => self.columns::<$n, $strips>(from, first),)*
                    _ => {}
                }
            };
        }
        go!(1 1  1 2  1 3  1 4  2 1  2 2  2 3  2 4  3 1  3 2  3 3  3 4  4 1  4 2  4 3  4 4);
    }
    #[inline(always)]
    unsafe fn columns<const N: usize, const STRIPS: usize>(&mut self, from: &Grouped, first: usize) {
        let (to, span) = (self.numbers(), from.span());
        let shuffles = self.shuffles.as_ptr() as *const F;
        let mut e = first;
        for p in 0..from.patterns {
            let by: [F; STRIPS] = core::array::from_fn(|s| *shuffles.add(p * STRIPS + s));
            let put = |e: usize| {
                let (column, v) = (from.column(e), load_some::<N>(from.values.add(e * N)));
                for s in 0..STRIPS {
                    store(to.add(4 * (s * span + column)), shuffle(v, by[s]));
                }
            };
            let stop = e + from.g;
            while STRIPS == 1 && e + 4 <= stop {
                for l in 0..4 {
                    put(e + l);
                }
                e += 4;
            }
            while e < stop {
                put(e);
                e += 1;
            }
        }
    }

    /// What was put, as rows that lie `ld` apart.
    #[inline(always)]
    pub unsafe fn rows(&mut self, from: &Grouped, y: *mut f32, ld: usize) {
        let span = from.span();
        for strip in 0..from.strips() {
            let (v, y) = (self.row(from, 4 * strip), y.add(4 * strip * ld));
            let high = (from.block - 4 * strip).min(4);
            let mut j = 0;
            while j + 4 <= span && high == 4 {
                let t = transpose(core::array::from_fn(|l| load(v.add(4 * (j + l)))));
                for r in 0..4 {
                    store(y.add(r * ld + j), t[r]);
                }
                j += 4;
            }
            while j < span {
                for r in 0..high {
                    *y.add(r * ld + j) = *v.add(4 * j + r);
                }
                j += 1;
            }
        }
    }
}
