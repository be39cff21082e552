//! Any storage as compressed rows, of W or of Wᵀ, by a counting sort of its entries.
//!
//! ```text
//!   index   row·columns + column of each stored value, 0xFFFFFFFF for padding
//!   pos     count, then sum up; an entry goes to pos[row]++; at the end every pos is one row ahead
//! ```
//!
//! Values move along, so that `csr` reads them in order: about a nanosecond an entry, paid back
//! from some 16 positions on. Entries of one row keep the order in which they are stored.
//! Columns are written in two bytes where M or K allows it.

/// Where compressed rows go.
#[derive(Clone, Copy)]
struct Rows {
    rows: usize,
    pos: *mut u32,
    crd: *mut u8,
    bytes: usize,
    values: *mut f32,
}

impl Rows {
    unsafe fn start(&self) {
        for i in 0..self.rows + 1 {
            *self.pos.add(i) = 0;
        }
    }
    #[inline(always)]
    unsafe fn count(&self, row: usize) {
        *self.pos.add(row) += 1;
    }
    unsafe fn sum(&self) {
        let mut total = 0;
        for i in 0..self.rows + 1 {
            let n = *self.pos.add(i);
            *self.pos.add(i) = total;
            total += n;
        }
    }
    #[inline(always)]
    unsafe fn put(&self, row: usize, column: usize, value: f32) {
        let at = *self.pos.add(row) as usize;
        *self.pos.add(row) = at as u32 + 1;
        *self.values.add(at) = value;
        if self.bytes == 2 {
            *(self.crd as *mut u16).add(at) = column as u16;
        } else {
            *(self.crd as *mut u32).add(at) = column as u32;
        }
    }
    unsafe fn finish(&self) {
        let mut i = self.rows;
        while i > 0 {
            *self.pos.add(i) = *self.pos.add(i - 1);
            i -= 1;
        }
        *self.pos = 0;
    }
}

/// Stored values 0..stored with their flat index, of a matrix of `columns` columns → compressed
/// rows, of its transpose when `turned`. `rows`: of the result; pos u32[rows + 1]. One unit, 0..1.
#[no_mangle]
pub unsafe extern "C" fn compress(
    begin: usize,
    end: usize,
    stored: usize,
    index: *const u32,
    values: *const f32,
    columns: usize,
    turned: usize,
    rows: usize,
    pos: *mut u32,
    crd: *mut u8,
    crd_bytes: usize,
    to: *mut f32,
) {
    if begin >= end {
        return;
    }
    let out = Rows { rows, pos, crd, bytes: crd_bytes, values: to };
    let columns = columns.max(1);
    let place = |at: u32| {
        let (row, column) = (at as usize / columns, at as usize % columns);
        if turned != 0 {
            (column, row)
        } else {
            (row, column)
        }
    };
    out.start();
    for q in 0..stored {
        if *index.add(q) != u32::MAX {
            out.count(place(*index.add(q)).0);
        }
    }
    out.sum();
    for q in 0..stored {
        if *index.add(q) != u32::MAX {
            let (row, column) = place(*index.add(q));
            out.put(row, column, *values.add(q));
        }
    }
    out.finish();
}

/// The same for a csr of `m` rows and `k` columns: its transpose, k compressed rows. One unit, 0..1.
#[no_mangle]
pub unsafe extern "C" fn csr_turn(
    begin: usize,
    end: usize,
    m: usize,
    k: usize,
    pos: *const u32,
    crd: *const u8,
    crd_bytes: usize,
    values: *const f32,
    pos_t: *mut u32,
    crd_t: *mut u8,
    crd_t_bytes: usize,
    values_t: *mut f32,
) {
    if begin >= end {
        return;
    }
    let crd = crate::tiles::Crd::new(crd, crd_bytes);
    let out = Rows { rows: k, pos: pos_t, crd: crd_t, bytes: crd_t_bytes, values: values_t };
    out.start();
    for q in 0..*pos.add(m) as usize {
        out.count(crd.at(q));
    }
    out.sum();
    for i in 0..m {
        for q in *pos.add(i) as usize..*pos.add(i + 1) as usize {
            out.put(crd.at(q), i, *values.add(q));
        }
    }
    out.finish();
}
