//! Elementwise work on planes: [rows, n] without gaps, outputs may be the inputs themselves.
//!
//! The second operand of a pair is read at b + row·ldb, and along the row when `each` is 1: full
//! planes are (n, 1), a value a channel is (1, 0), a scalar is (0, 0), a row for all is (0, 1).
use crate::act::*;
use crate::exp::*;
use crate::simd::*;

/// A row of n through f, four at a time; the last few through a padded vector.
#[inline(always)]
pub unsafe fn row1(n: usize, x: *const f32, y: *mut f32, f: impl Fn(F) -> F) {
    let mut i = 0;
    while i + 4 <= n {
        store(y.add(i), f(load(x.add(i))));
        i += 4;
    }
    if i < n {
        store_some(y.add(i), f(load_some(x.add(i), n - i)), n - i);
    }
}

#[inline(always)]
unsafe fn row2(n: usize, a: *const f32, b: *const f32, y: *mut f32, f: impl Fn(F, F) -> F) {
    let mut i = 0;
    while i + 4 <= n {
        store(y.add(i), f(load(a.add(i)), load(b.add(i))));
        i += 4;
    }
    if i < n {
        store_some(y.add(i), f(load_some(a.add(i), n - i), load_some(b.add(i), n - i)), n - i);
    }
}

/// The first n < 4 lanes, the rest repeating the first.
#[inline(always)]
pub unsafe fn load_some(p: *const f32, n: usize) -> F {
    let first = load_splat(p);
    let second = if n > 1 { load_splat(p.add(1)) } else { first };
    let third = if n > 2 { load_splat(p.add(2)) } else { first };
    low_halves(low(first, second), low(third, first))
}

macro_rules! pair {
    ($name:ident, $f:expr) => {
        /// y = act(a ∘ b), rows begin..end.
        #[no_mangle]
        pub unsafe extern "C" fn $name(
            begin: usize,
            end: usize,
            n: usize,
            a: *const f32,
            b: *const f32,
            ldb: usize,
            each: usize,
            act: u32,
            y: *mut f32,
        ) {
            for row in begin..end {
                let (ar, br, yr) = (a.add(row * n), b.add(row * ldb), y.add(row * n));
                if each == 1 {
                    row2(n, ar, br, yr, |p, q| activate(act, $f(p, q)));
                } else {
                    let q = load_splat(br);
                    row1(n, ar, yr, |p| activate(act, $f(p, q)));
                }
            }
        }
    };
}
pair!(add_planes, add);
pair!(sub_planes, sub);
pair!(mul_planes, mul);
pair!(div_planes, div);
pair!(max_planes, max);
pair!(min_planes, min);

macro_rules! map {
    ($name:ident, $f:expr) => {
        /// y[i] = f(x[i]), begin..end.
        #[no_mangle]
        pub unsafe extern "C" fn $name(begin: usize, end: usize, x: *const f32, y: *mut f32) {
            row1(end - begin, x.add(begin), y.add(begin), $f)
        }
    };
}
map!(relu, |v| activate(1, v));
map!(relu6, |v| activate(2, v));
map!(sigmoid, sigmoid4);
map!(exp, exp4);
map!(copy, |v| v);

#[no_mangle]
pub unsafe extern "C" fn clamp(begin: usize, end: usize, x: *const f32, least: f32, most: f32, y: *mut f32) {
    let (least, most) = (splat(least), splat(most));
    row1(end - begin, x.add(begin), y.add(begin), |v| lower(upper(v, least), most))
}

#[no_mangle]
pub unsafe extern "C" fn fill(begin: usize, end: usize, value: f32, y: *mut f32) {
    let v = splat(value);
    let mut i = begin;
    while i + 4 <= end {
        store(y.add(i), v);
        i += 4;
    }
    store_some(y.add(i), v, end - i);
}

/// y = x < 0 ? alpha[row]·x : x, rows begin..end.
#[no_mangle]
pub unsafe extern "C" fn prelu(begin: usize, end: usize, n: usize, x: *const f32, alpha: *const f32, y: *mut f32) {
    for row in begin..end {
        let a = load_splat(alpha.add(row));
        row1(n, x.add(row * n), y.add(row * n), |v| if_negative(v, mul(v, a), v));
    }
}
