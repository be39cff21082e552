//! Changes of layout on the host target, against plain loops. Buffers are as long as they must be, so that Miri sees
//! whoever reads or writes past them.
use lacuna_kernels::{assign::*, blocks::*, nmg_rows::*, nonzero::*, undense::*};

/// Numbers in −1..1, and zeros at random.
struct Random(u32);

impl Random {
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(1664525).wrapping_add(1013904223);
        (self.0 >> 8) as f32 / (1 << 23) as f32 - 1.0
    }
    fn matrix(&mut self, m: usize, k: usize, density: f32) -> Vec<f32> {
        (0..m * k)
            .map(|_| if self.next().abs() < density { self.next() } else { 0.0 })
            .collect()
    }
}

#[test]
fn rows_of_blocks_are_those_of_plain_loops() {
    let mut random = Random(7);
    for (m, k) in [(1, 1), (3, 10), (5, 64), (4, 65), (9, 200)] {
        for v in [1, 3, 4] {
            for density in [0.0, 0.05, 0.3, 1.0] {
                let x = random.matrix(m, k, density);
                let groups = m.div_ceil(v);
                let (mut pos_want, mut crd_want, mut values_want) = (vec![0u32], vec![], vec![]);
                for group in 0..groups {
                    for j in 0..k {
                        let at = |r: usize| if group * v + r < m { x[(group * v + r) * k + j] } else { 0.0 };
                        if (0..v).any(|r| at(r) != 0.0) {
                            crd_want.push(j as u16);
                            values_want.extend((0..v).map(at));
                        }
                    }
                    pos_want.push(crd_want.len() as u32);
                }
                let mut pos = vec![0u32; groups + 1];
                let (mut crd, mut values) = (vec![7u16; crd_want.len()], vec![7.0; values_want.len()]);
                let mut words = vec![0u64; groups * k.div_ceil(64)];
                let words = words.as_mut_ptr();
                unsafe {
                    let to = crd.as_mut_ptr() as *mut u8;
                    if v == 1 {
                        nonzero_count(0, m, k, x.as_ptr(), pos.as_mut_ptr(), words);
                        sum_counts(0, 1, m, pos.as_mut_ptr());
                        let (from, p, v) = (x.as_ptr(), pos.as_ptr(), values.as_mut_ptr());
                        nonzero_fill(0, m, m, k, from, p, to, 2, v, usize::MAX, words);
                    } else {
                        blocks_count(0, groups, v, 1, m, k, x.as_ptr(), pos.as_mut_ptr(), words);
                        sum_counts(0, 1, groups, pos.as_mut_ptr());
                        for range in [groups / 2..groups, 0..groups / 2] {
                            let (from, p) = (x.as_ptr(), pos.as_ptr());
                            blocks_fill(range.start, range.end, v, 1, m, k, from, p, to, 2, values.as_mut_ptr(), words);
                        }
                    }
                }
                assert_eq!((pos, crd, values), (pos_want, crd_want, values_want), "{m}×{k}, v {v}, {density}");
            }
        }
    }
}

/// Every way to keep n of m rows.
fn patterns(n: usize, m: usize) -> Vec<u8> {
    let sets = (0u32..1 << m).filter(|bits| bits.count_ones() as usize == n);
    sets.flat_map(|bits| (0..m as u8).filter(move |&r| bits >> r & 1 == 1)).collect()
}

#[test]
fn what_is_placed_as_nmg_comes_back_as_dense_and_as_rows() {
    let mut random = Random(9);
    for (n, block, g) in [(1, 2, 3), (2, 4, 4), (2, 4, 1), (3, 5, 1), (2, 9, 1)] {
        let order = patterns(n, block);
        let count = order.len() / n;
        let span = count * g;
        for (m, k) in [(2 * block, span), (2 * block + 1, 2 * span + 3)] {
            // A pattern for each column of a block, as often as every one of them has places: 7 divides no span.
            let mut x = vec![0.0; m * k];
            for b in 0..m.div_ceil(block) {
                for j in 0..k {
                    let p = (j * 7 + b) % span / g;
                    for i in 0..n {
                        let row = b * block + order[p * n + i] as usize;
                        if row < m {
                            x[row * k + j] = random.next();
                        }
                    }
                }
            }
            let (blocks, chunks) = (m.div_ceil(block), k.div_ceil(span));
            let columns = chunks * blocks * span;
            let (mut crd, mut values, mut lost) = (vec![0u16; columns], vec![7.0f32; columns * n], vec![7u32; blocks]);
            let words = span * (3 + count) + 2 * count + block * (k + chunks * span);
            let mut scratch = vec![0u64; words / 2 + 1];
            let mut y = vec![7.0; m * k];
            let order = order.as_ptr();
            unsafe {
                let (null, to) = (core::ptr::null(), scratch.as_mut_ptr() as *mut f32);
                let (c, v) = (crd.as_mut_ptr(), values.as_mut_ptr());
                let of = (x.as_ptr(), lost.as_mut_ptr());
                nmg_assign(0, blocks, m, k, n, block, g, count, order, null, null as *const u8, 0, of.0, c, v, of.1, to);
                let (c, v) = (crd.as_ptr() as *const u8, values.as_ptr());
                nmg_dense(0, blocks, m, k, n, block, g, count, order, c, v, y.as_mut_ptr());
                let mut pos = vec![0u32; m + 1];
                nmg_rows_count(0, blocks, m, k, n, block, g, count, order, c, v, pos.as_mut_ptr());
                sum_counts(0, 1, m, pos.as_mut_ptr());
                let entries = pos[m] as usize;
                let (mut crd_to, mut values_to) = (vec![0u16; entries], vec![7.0f32; entries]);
                let ld = span.next_multiple_of(64);
                let mut own = vec![0.0f32; block * (1 + ld) + 64 + block * ld / 4];
                let rows = (crd_to.as_mut_ptr() as *mut u8, values_to.as_mut_ptr(), own.as_mut_ptr());
                nmg_rows_fill(0, blocks, m, k, n, block, g, count, order, c, v, pos.as_ptr(), rows.0, 2, rows.1, rows.2);
                for i in 0..m {
                    let own = pos[i] as usize..pos[i + 1] as usize;
                    assert!(crd_to[own.clone()].windows(2).all(|w| w[0] < w[1]), "{n}:{block}:{g}, row {i} is in order");
                    for q in own {
                        assert_eq!(values_to[q], y[i * k + crd_to[q] as usize], "{n}:{block}:{g}, entry {q}");
                    }
                }
            }
            let drops = (0..blocks).any(|b| lost[b] == 1);
            assert_eq!(drops, x != y, "{n}:{block}:{g}: what is lost is said");
        }
    }
}
