//! The walk over positions: every position is stored, none twice but where a last tile starts
//! earlier, and no tile reads what its layout does not hold.
use lacuna_kernels::tiles::Positions;

#[test]
fn tiles_cover_every_position_and_read_inside() {
    for n in 1..=130 {
        for most in [1, 2, 3, 4, 6, 8, 12] {
            for w in [n, 4, 8, 24, 48] {
                let packed = w != n;
                if !packed && n < 4 {
                    continue;
                }
                let step = if packed { 1000 } else { 0 };
                let base = 4096 as *const f32;
                let positions = Positions { x: base, ldx: w, w, step, n, out: 5000 };
                let mut stored = vec![0; n];
                for index in 0..positions.count(most) {
                    let tile = unsafe { positions.tile(index, most) };
                    assert!(tile.t >= 1 && tile.t <= most, "{tile:?}", tile = tile.t);
                    assert!(tile.cols <= 4 * tile.t);
                    assert_eq!(tile.out, tile.at / w * 5000 + tile.at % w, "n {n} most {most} w {w}");
                    for c in tile.at..tile.at + tile.cols {
                        stored[c] += 1;
                    }
                    let from = (tile.x as usize - 4096) / 4;
                    let inside = if packed { from % 1000 + 4 * tile.t <= w } else { from + 4 * tile.t <= n };
                    assert!(inside, "n {n} most {most} w {w}: reads {from}..+{}", 4 * tile.t);
                }
                assert!(stored.iter().all(|&times| times >= 1), "n {n} most {most} w {w}: {stored:?}");
            }
        }
    }
}
