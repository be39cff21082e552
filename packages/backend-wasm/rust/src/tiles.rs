//! How a product walks the positions of X, and how it reads a coordinate.
//!
//! X lies row-major (`w = n`, `step = 0`) or in panels of `w` positions, zero padded:
//!
//! ```text
//!   x(k, c) = x[(c / w)·step + k·ldx + c % w]        panels: ldx = w, step = K·w
//!   y(i, c) = y[(c / w)·out  + i·ldy + c % w]        rows: ldy = n, out = w; panels: ldy = w, out = M·w
//! ```
//!
//! Positions are cut into tiles of 1..=most vectors, as even as can be: 13 vectors at most 12 wide
//! go as 7 + 6. A last tile that would pass the end starts earlier and computes a few positions
//! twice, to the same bits; only a panel, whose padding may be read, ends in a partial store.
//! Row-major X with fewer than 4 positions must be packed (w = 4) first.
use crate::simd::{load, store};

#[derive(Clone, Copy)]
pub struct Positions {
    pub x: *const f32,
    pub ldx: usize,
    pub w: usize,
    pub step: usize,
    pub n: usize,
    /// Floats from where a panel's part of Y begins to the next one's.
    pub out: usize,
}

#[derive(Clone, Copy)]
pub struct Tile {
    /// First position.
    pub at: usize,
    /// Floats from a row of Y to this tile's part of it.
    pub out: usize,
    /// Vectors.
    pub t: usize,
    /// Positions to store, at most 4·t.
    pub cols: usize,
    pub x: *const f32,
}

/// a / b upwards; division by zero gives 0 rather than a panic.
#[inline(always)]
pub fn ceil(a: usize, b: usize) -> usize {
    quotient(a + b.saturating_sub(1), b)
}
#[inline(always)]
pub fn quotient(a: usize, b: usize) -> usize {
    if b == 0 {
        0
    } else {
        a / b
    }
}
#[inline(always)]
pub fn remainder(a: usize, b: usize) -> usize {
    a - quotient(a, b) * b
}

impl Positions {
    /// Tiles of a panel with `valid` positions.
    #[inline(always)]
    fn per(&self, valid: usize, most: usize) -> usize {
        let count = ceil(ceil(valid, 4), most);
        if self.step == 0 && valid % 4 != 0 && valid > 4 && count == 1 {
            2
        } else {
            count
        }
    }

    pub fn count(&self, most: usize) -> usize {
        if self.n == 0 {
            return 0;
        }
        let full = quotient(self.n - 1, self.w);
        full * self.per(self.w, most) + self.per(self.n - full * self.w, most)
    }

    pub unsafe fn tile(&self, index: usize, most: usize) -> Tile {
        let per = self.per(self.w.min(self.n), most);
        let full = quotient(self.n - 1, self.w);
        let panel = quotient(index, per).min(full);
        let j = index - panel * per;
        let valid = (self.n - panel * self.w).min(self.w);
        let count = self.per(valid, most);
        let vectors = ceil(valid, 4);
        let (base, extra) = (quotient(vectors, count), remainder(vectors, count));
        let t = base + (j < extra) as usize;
        let mut start = 4 * (j * base + j.min(extra));
        let mut cols = 4 * t;
        if start + cols > valid {
            if valid >= cols {
                start = valid - cols;
            } else {
                cols = valid - start;
            }
        }
        Tile {
            at: panel * self.w + start,
            out: panel * self.out + start,
            t,
            cols,
            x: self.x.add(panel * self.step + start),
        }
    }
}

/// Coordinates of 2 or 4 bytes through one loop: below 65536 the low half says all, and it stands
/// first in memory, so a width is only a stride. That is the quick form; the other looks.
#[derive(Clone, Copy)]
pub struct Crd {
    p: *const u8,
    bytes: usize,
}

impl Crd {
    #[inline(always)]
    pub fn new(p: *const u8, bytes: usize) -> Crd {
        Crd { p, bytes }
    }
    #[inline(always)]
    pub unsafe fn at(&self, q: usize) -> usize {
        self.from(q).read::<false>()
    }
    /// The coordinates from q on, to be read and stepped over.
    #[inline(always)]
    pub unsafe fn from(&self, q: usize) -> Crd {
        Crd { p: self.p.add(q * self.bytes), bytes: self.bytes }
    }
    #[inline(always)]
    pub unsafe fn read<const QUICK: bool>(&self) -> usize {
        if QUICK || self.bytes == 2 {
            *(self.p as *const u16) as usize
        } else {
            *(self.p as *const u32) as usize
        }
    }
    /// Four coordinates from q on.
    #[inline(always)]
    pub unsafe fn quad(&self, q: usize) -> [usize; 4] {
        let from = self.from(q);
        if self.bytes == 2 {
            let four = from.four();
            core::array::from_fn(|l| (four >> (16 * l) & 0xffff) as usize)
        } else {
            core::array::from_fn(|l| *(from.p as *const u32).add(l) as usize)
        }
    }
    /// Four coordinates of two bytes, the first lowest.
    #[inline(always)]
    pub unsafe fn four(&self) -> u64 {
        (self.p as *const u64).read_unaligned()
    }
    #[inline(always)]
    pub unsafe fn skip_four(&self) -> Crd {
        Crd { p: self.p.add(8), bytes: self.bytes }
    }
    #[inline(always)]
    pub unsafe fn next(&self) -> Crd {
        Crd { p: self.p.add(self.bytes), bytes: self.bytes }
    }
}

/// A list of coordinates that is written.
#[derive(Clone, Copy)]
pub struct Out {
    pub p: *mut u8,
    pub bytes: usize,
}

impl Out {
    #[inline(always)]
    pub unsafe fn put(&self, at: usize, c: usize) {
        if self.bytes == 2 {
            *(self.p as *mut u16).add(at) = c as u16;
        } else {
            *(self.p as *mut u32).add(at) = c as u32;
        }
    }
    /// `n` coordinates from another list.
    #[inline(always)]
    pub unsafe fn copy(&self, at: usize, from: *const u8, bytes: usize, q: usize, n: usize) {
        if bytes != self.bytes {
            let from = Crd::new(from, bytes);
            for i in 0..n {
                self.put(at + i, from.at(q + i));
            }
            return;
        }
        let (from, to, all) = (from.add(q * bytes), self.p.add(at * bytes), n * bytes);
        let mut i = 0;
        while i + 16 <= all {
            store(to.add(i) as *mut f32, load(from.add(i) as *const f32));
            i += 16;
        }
        while i < all {
            *(to.add(i) as *mut u16) = *(from.add(i) as *const u16);
            i += 2;
        }
    }
}
