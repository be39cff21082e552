//! Values of any pattern to and from a dense array, through the flat index of every stored entry.
//! Index 0xFFFFFFFF is padding: scatter skips it, gather reads zero.

/// dense[index[q]] = values[q], entries begin..end. Dense is zero before; an index occurs once.
#[no_mangle]
pub unsafe extern "C" fn scatter(begin: usize, end: usize, index: *const u32, values: *const f32, dense: *mut f32) {
    for q in begin..end {
        let at = *index.add(q);
        if at != u32::MAX {
            *dense.add(at as usize) = *values.add(q);
        }
    }
}

/// values[q] = dense[index[q]], entries begin..end.
#[no_mangle]
pub unsafe extern "C" fn gather(begin: usize, end: usize, index: *const u32, dense: *const f32, values: *mut f32) {
    for q in begin..end {
        let at = *index.add(q);
        *values.add(q) = if at == u32::MAX { 0.0 } else { *dense.add(at as usize) };
    }
}
