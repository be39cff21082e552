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
    /// The shuffle of eight 16-bit columns for every set of eight: 4 KB.
    pub type Eights = [v128; 256];
    #[inline(always)]
    pub unsafe fn eights(table: &mut core::mem::MaybeUninit<Eights>) -> *const v128 {
        let to = table.as_mut_ptr() as *mut u64;
        for bits in 0..256u32 {
            let (mut low, mut high, mut n) = (0u64, 0u64, 0);
            for l in 0..8u64 {
                if bits >> l & 1 == 1 {
                    let two = 0x0100 + 0x0202 * l;
                    if n < 4 {
                        low |= two << (16 * n);
                    } else {
                        high |= two << (16 * (n - 4));
                    }
                    n += 1;
                }
            }
            *to.add(2 * bits as usize) = low;
            *to.add(2 * bits as usize + 1) = high;
        }
        table.as_ptr() as *const v128
    }
    /// Lanes that are not zero, of eight.
    #[inline(always)]
    pub fn kept_eight(a: F, b: F) -> u32 {
        let zero = f32x4_splat(0.0);
        i16x8_bitmask(i16x8_narrow_i32x4(f32x4_ne(a, zero), f32x4_ne(b, zero))) as u32
    }
    pub type Wide = *const v128;
    /// Bit r of each of eight bytes.
    #[inline(always)]
    pub unsafe fn bit_of_eight(bytes: *const u8, r: usize) -> u32 {
        let eight = v128_load64_zero(bytes as *const u64);
        i8x16_bitmask(i8x16_shl(eight, 7 - r as u32)) as u32 & 255
    }
    pub type Columns8 = v128;
    #[inline(always)]
    pub fn eight_from(j: usize) -> Columns8 {
        u16x8_add(u16x8_splat(j as u16), u16x8(0, 1, 2, 3, 4, 5, 6, 7))
    }
    #[inline(always)]
    pub fn next_eight(columns: Columns8) -> Columns8 {
        u16x8_add(columns, u16x8_splat(8))
    }
    #[inline(always)]
    pub unsafe fn store_eight(crd: *mut u8, at: usize, columns: Columns8, table: *const v128, bits: u32) {
        v128_store(crd.add(at * 2) as *mut v128, swizzle(columns, *table.add(bits as usize)));
    }
    /// How many of n numbers are not zero, n a multiple of 8.
    #[inline(always)]
    pub unsafe fn count_kept(x: *const f32, n: usize) -> u32 {
        let zero = f32x4_splat(0.0);
        let (mut a, mut b) = (u32x4_splat(0), u32x4_splat(0));
        let mut i = 0;
        while i < n {
            a = i32x4_sub(a, f32x4_ne(v128_load(x.add(i) as *const v128), zero));
            b = i32x4_sub(b, f32x4_ne(v128_load(x.add(i + 4) as *const v128), zero));
            i += 8;
        }
        let s = i32x4_add(a, b);
        (i32x4_extract_lane::<0>(s) + i32x4_extract_lane::<1>(s) + i32x4_extract_lane::<2>(s) + i32x4_extract_lane::<3>(s))
            as u32
    }
    /// Columns j..j + 4.
    #[inline(always)]
    pub fn column_from(j: usize) -> F {
        let j = j as u32;
        u32x4(j, j + 1, j + 2, j + 3)
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
    pub type Eights = ();
    pub unsafe fn eights(_: &mut core::mem::MaybeUninit<Eights>) -> *const () {
        core::ptr::null()
    }
    pub fn kept_eight(a: F, b: F) -> u32 {
        kept(a) | kept(b) << 4
    }
    pub type Wide = *const ();
    pub unsafe fn bit_of_eight(bytes: *const u8, r: usize) -> u32 {
        (0..8).map(|l| ((*bytes.add(l) >> r & 1) as u32) << l).sum()
    }
    pub type Columns8 = u16;
    pub fn eight_from(j: usize) -> Columns8 {
        j as u16
    }
    pub fn next_eight(columns: Columns8) -> Columns8 {
        columns.wrapping_add(8)
    }
    pub unsafe fn store_eight(crd: *mut u8, at: usize, columns: Columns8, _: *const (), bits: u32) {
        let mut front = [0u16; 8];
        for (to, l) in (0..8u16).filter(|l| bits >> l & 1 == 1).enumerate() {
            front[to] = columns + l;
        }
        (crd as *mut u16).add(at).cast::<[u16; 8]>().write_unaligned(front);
    }
    pub unsafe fn count_kept(x: *const f32, n: usize) -> u32 {
        (0..n).map(|i| (*x.add(i) != 0.0) as u32).sum()
    }
    pub fn column_from(j: usize) -> Columns {
        [0, 1, 2, 3].map(|l| j as u32 + l)
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
