//! The products' logic on the host, where four floats are an array: row groups agree with dense.
use lacuna_kernels::{dense::dense, rows::rows};

fn numbers(n: usize) -> Vec<f32> {
    (0..n).map(|i| ((i * 7919 + 13) % 101) as f32 / 50.0 - 1.0).collect()
}

#[test]
fn row_groups_agree_with_dense() {
    for (m, v) in [(5, 1), (6, 2), (7, 4), (9, 3), (16, 16)] {
        let (k, n) = (11, 13);
        let x = numbers(k * n);
        let mut w = numbers(m * k);
        let (mut pos, mut crd, mut values) = (vec![0u32], vec![], vec![]);
        for group in 0..m.div_ceil(v) {
            for j in 0..k {
                let kept = (group + j) % 3 == 0;
                for r in 0..v {
                    let i = group * v + r;
                    if i < m && !kept {
                        w[i * k + j] = 0.0;
                    }
                    if kept {
                        values.push(if i < m { w[i * k + j] } else { 0.0 });
                    }
                }
                if kept {
                    crd.push(j as u16);
                }
            }
            pos.push(crd.len() as u32);
        }
        let (mut a, mut b) = (vec![0.0f32; m * n], vec![0.0f32; m * n]);
        let none = core::ptr::null();
        unsafe {
            dense(0, m, k, n, w.as_ptr(), k, x.as_ptr(), n, n, 0, none, 1, a.as_mut_ptr(), n, n, 12);
            let groups = m.div_ceil(v);
            let (pos, crd, values) = (pos.as_ptr(), crd.as_ptr() as *const u8, values.as_ptr());
            rows(0, groups, m, v, k, n, pos, crd, 2, values, x.as_ptr(), n, n, 0, none, 1, b.as_mut_ptr(), n, n, 12);
        }
        for (p, q) in a.iter().zip(&b) {
            assert!((p - q).abs() <= 1e-5, "m {m} v {v}: {p} {q}");
        }
    }
}
