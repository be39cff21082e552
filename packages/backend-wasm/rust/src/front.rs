//! The kept ones of four numbers, brought to the front by a shuffle from a table of sixteen.
//!
//! ```text
//!   v      a b c d       bits  lane l is kept where bit l is set: 0b1010
//!   front  b d _ _       what follows the kept ones is anything
//! ```
pub const LANES: usize = 4;

#[cfg(target_arch = "wasm32")]
mod four {
    use crate::simd::F;
    use core::arch::wasm32::*;

    pub type Table = [v128; 16];

    #[inline(always)]
    fn swizzle(v: v128, shuffle: v128) -> v128 {
        #[cfg(target_feature = "relaxed-simd")]
        return i8x16_relaxed_swizzle(v, shuffle);
        #[cfg(not(target_feature = "relaxed-simd"))]
        return i8x16_swizzle(v, shuffle);
    }
    /// The shuffle for every set of lanes, in bytes.
    #[inline(always)]
    pub fn fronts() -> Table {
        let mut table = [u32x4_splat(0); 16];
        for bits in 0..16u32 {
            let mut lanes = [0u32; 4];
            let mut n = 0;
            for l in 0..4 {
                if bits >> l & 1 == 1 {
                    lanes[n] = 0x0302_0100 + 0x0404_0404 * l;
                    n += 1;
                }
            }
            table[bits as usize] = u32x4(lanes[0], lanes[1], lanes[2], lanes[3]);
        }
        table
    }
    /// Lanes that are not zero.
    #[inline(always)]
    pub fn kept(v: F) -> u32 {
        i32x4_bitmask(f32x4_ne(v, f32x4_splat(0.0))) as u32
    }
    #[inline(always)]
    pub unsafe fn first(to: *mut f32, v: F, table: &Table, bits: u32) {
        v128_store(to as *mut v128, swizzle(v, *table.get_unchecked(bits as usize)));
    }
    /// Columns 0..4.
    #[inline(always)]
    pub fn column_of() -> F {
        u32x4(0, 1, 2, 3)
    }
    #[inline(always)]
    pub fn next(columns: F) -> F {
        u32x4_add(columns, u32x4_splat(4))
    }
    #[inline(always)]
    pub unsafe fn store_columns<const BYTES: usize>(crd: *mut u8, at: usize, columns: F, table: &Table, bits: u32) {
        let front = swizzle(columns, *table.get_unchecked(bits as usize));
        if BYTES == 2 {
            let narrow = u16x8_narrow_i32x4(front, front);
            v128_store64_lane::<0>(narrow, crd.add(at * 2) as *mut u64);
        } else {
            v128_store(crd.add(at * 4) as *mut v128, front);
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod four {
    use crate::simd::{lanes, F};

    pub type Table = ();
    pub type Columns = [u32; 4];

    fn front<T: Copy>(v: [T; 4], bits: u32) -> [T; 4] {
        let mut out = v;
        for (to, l) in (0..4).filter(|l| bits >> l & 1 == 1).enumerate() {
            out[to] = v[l];
        }
        out
    }
    pub fn fronts() -> Table {}
    pub fn kept(v: F) -> u32 {
        (0..4).map(|l| ((lanes(v)[l] != 0.0) as u32) << l).sum()
    }
    pub unsafe fn first(to: *mut f32, v: F, _: &Table, bits: u32) {
        (to as *mut [f32; 4]).write_unaligned(front(lanes(v), bits));
    }
    pub fn column_of() -> Columns {
        [0, 1, 2, 3]
    }
    pub fn next(columns: Columns) -> Columns {
        columns.map(|c| c + 4)
    }
    pub unsafe fn store_columns<const BYTES: usize>(crd: *mut u8, at: usize, columns: Columns, _: &Table, bits: u32) {
        let front = front(columns, bits);
        if BYTES == 2 {
            (crd as *mut u16)
                .add(at)
                .cast::<[u16; 4]>()
                .write_unaligned(front.map(|c| c as u16));
        } else {
            (crd as *mut u32).add(at).cast::<[u32; 4]>().write_unaligned(front);
        }
    }
}

pub use four::*;
