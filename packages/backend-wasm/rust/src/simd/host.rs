//! Four floats in an array.
#[derive(Clone, Copy)]
pub struct F([f32; 4]);

fn zip(a: F, b: F, f: impl Fn(f32, f32) -> f32) -> F {
    F(core::array::from_fn(|i| f(a.0[i], b.0[i])))
}
fn pick(a: F, b: F, at: [usize; 4]) -> F {
    F(at.map(|i| if i < 4 { a.0[i] } else { b.0[i - 4] }))
}
pub unsafe fn load(p: *const f32) -> F {
    F(core::array::from_fn(|i| *p.add(i)))
}
pub unsafe fn load_some<const N: usize>(p: *const f32) -> F {
    F(core::array::from_fn(|i| if i < N { *p.add(i) } else { 0.0 }))
}
pub unsafe fn store(p: *mut f32, v: F) {
    for i in 0..4 {
        *p.add(i) = v.0[i];
    }
}
pub unsafe fn load_splat(p: *const f32) -> F {
    splat(*p)
}
pub fn either(a: F, b: F) -> F {
    zip(a, b, |a, b| f32::from_bits(a.to_bits() | b.to_bits()))
}
pub unsafe fn gather(x: *const f32, at: [usize; 4]) -> F {
    F(at.map(|i| *x.add(i)))
}
pub unsafe fn collect(at: [*const f32; 4]) -> F {
    F(at.map(|p| *p))
}
pub fn splat(x: f32) -> F {
    F([x; 4])
}
pub fn add(a: F, b: F) -> F {
    zip(a, b, |a, b| a + b)
}
pub fn sub(a: F, b: F) -> F {
    zip(a, b, |a, b| a - b)
}
pub fn mul(a: F, b: F) -> F {
    zip(a, b, |a, b| a * b)
}
pub fn div(a: F, b: F) -> F {
    zip(a, b, |a, b| a / b)
}
pub fn madd(a: F, b: F, c: F) -> F {
    add(c, mul(a, b))
}
pub fn upper(v: F, floor: F) -> F {
    zip(v, floor, |a, b| if a < b { b } else { a })
}
pub fn lower(v: F, ceiling: F) -> F {
    zip(v, ceiling, |a, b| if b < a { b } else { a })
}
pub fn max(a: F, b: F) -> F {
    zip(a, b, |a, b| if a.is_nan() || a > b { a } else { b })
}
pub fn min(a: F, b: F) -> F {
    zip(a, b, |a, b| if a.is_nan() || a < b { a } else { b })
}
pub fn if_negative(v: F, a: F, b: F) -> F {
    F(core::array::from_fn(|i| if v.0[i] < 0.0 { a.0[i] } else { b.0[i] }))
}
pub fn negative_abs(v: F) -> F {
    F(v.0.map(|x| -x.abs()))
}
pub fn lanes(v: F) -> [f32; 4] {
    v.0
}
pub fn even(a: F, b: F) -> F {
    pick(a, b, [0, 2, 4, 6])
}
pub fn odd(a: F, b: F) -> F {
    pick(a, b, [1, 3, 5, 7])
}
pub fn low(a: F, b: F) -> F {
    pick(a, b, [0, 4, 1, 5])
}
pub fn high(a: F, b: F) -> F {
    pick(a, b, [2, 6, 3, 7])
}
pub fn low_halves(a: F, b: F) -> F {
    pick(a, b, [0, 1, 4, 5])
}
pub fn high_halves(a: F, b: F) -> F {
    pick(a, b, [2, 3, 6, 7])
}
pub fn splat_lane(v: F, l: usize) -> F {
    splat(v.0[l])
}
pub fn nearest(v: F) -> F {
    F(v.0.map(|x| x.round_ties_even()))
}
pub fn sqrt(v: F) -> F {
    F(v.0.map(|x| x.sqrt()))
}
pub fn abs(v: F) -> F {
    F(v.0.map(|x| x.abs()))
}
pub fn if_less(p: F, q: F, a: F, b: F) -> F {
    F(core::array::from_fn(|i| if p.0[i] < q.0[i] { a.0[i] } else { b.0[i] }))
}
pub fn if_equal(p: F, q: F, a: F, b: F) -> F {
    F(core::array::from_fn(|i| if p.0[i] == q.0[i] { a.0[i] } else { b.0[i] }))
}
pub fn with_sign(v: F, s: F) -> F {
    zip(v, s, |a, b| a.copysign(b))
}
fn bytes(v: F) -> [u8; 16] {
    core::array::from_fn(|i| v.0[i / 4].to_bits().to_le_bytes()[i % 4])
}
fn of_bytes(b: [u8; 16]) -> F {
    F(core::array::from_fn(|i| f32::from_bits(u32::from_le_bytes([b[4 * i], b[4 * i + 1], b[4 * i + 2], b[4 * i + 3]]))))
}
pub fn shuffle(v: F, by: F) -> F {
    let from = bytes(v);
    of_bytes(bytes(by).map(|i| if i < 16 { from[i as usize] } else { 0 }))
}
pub fn or(a: F, b: F) -> F {
    zip(a, b, |a, b| f32::from_bits(a.to_bits() | b.to_bits()))
}
pub fn split(v: F) -> (F, F) {
    let e = F(v.0.map(|x| ((x.to_bits() >> 23) as i32 - 126) as f32));
    (e, F(v.0.map(|x| f32::from_bits((x.to_bits() & 0x7f_ffff) | 0x3f00_0000))))
}
pub fn power_of_two(n: F) -> F {
    F(n.0.map(|x| f32::from_bits(((x as i32 + 127) << 23) as u32)))
}
