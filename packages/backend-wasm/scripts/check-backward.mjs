// Products with a transposed left-hand side, and products where a pattern has places, against plain loops.
import { floats, grouped, sparse, toRows } from './harness.mjs';

const turnedOf = (w, rows, columns) =>
  Float32Array.from(
    { length: w.length },
    (_, at) => w[(at % rows) * columns + Math.floor(at / rows)],
  );

export function checkBackward({ m, next, test, split, near, product, lay, shapes, panels }) {
  const { k } = m;
  // W is [R, C]; products are with its transpose, [C, N] = Wᵀ·G.
  for (const v of [1, 2, 3, 4, 6, 8, 12])
    for (const [C, R, N] of shapes)
      for (const w of panels(N))
        for (const act of [0, 1, 2])
          test(`rows_t v ${v} ${R}×${C}×${N} panel ${w} act ${act}`, () => {
            const W = sparse(R, C, 0.4, v, next);
            const [g, bias] = [floats(R * N, next), floats(C, next)];
            const s = toRows(W, R, C, v, act ? Uint16Array : Uint32Array);
            const at = [m.put(s.pos), m.put(s.crd), s.crd.BYTES_PER_ELEMENT, m.put(s.values)];
            const [y, b, scratch] = [m.out(C * N), act ? m.put(bias) : 0, m.out(C * 24)];
            const p = lay(g, R, N, w);
            const { want, bound } = product(turnedOf(W, R, C), C, R, g, N, act && bias, act);
            const run = (from, to) =>
              k.rows_t(from, to, R, v, C, N, ...at, ...p, b, act, y, N, scratch);
            near(split(Math.ceil(N / 4), y, C * N, run), want, bound);
          });
  for (const [R, C] of [
    [0, 3],
    [1, 1],
    [5, 7],
    [33, 17],
  ])
    test(`csr_turn and compress ${R}×${C}`, () => {
      const W = sparse(R, C, 0.4, 1, next);
      const s = toRows(W, R, C, 1, Uint16Array);
      const want = toRows(turnedOf(W, R, C), C, R, 1, Uint32Array);
      const n = s.crd.length;
      const index = Uint32Array.from({ length: n + 1 }, (_, q) =>
        q < n ? s.pos.findLastIndex((p) => p <= q) * C + s.crd[q] : 2 ** 32 - 1,
      );
      const at = [m.put(s.pos), m.put(s.crd), 2, m.put(s.values)];
      const values = m.put(Float32Array.of(...s.values, 9));
      const to = [m.out(C + 1), m.out(n), 4, m.out(n)];
      const check = () => {
        const same = (from, list) =>
          near(new list.constructor(m.get(0, 0).buffer, from, list.length), list, 0);
        same(to[0], want.pos);
        same(to[1], want.crd);
        same(to[3], want.values);
      };
      k.csr_turn(0, 1, R, C, ...at, ...to);
      check();
      k.compress(0, 1, n + 1, m.put(index), values, C, 1, C, ...to);
      check();
    });

  // Products where a pattern has places: values(i, j) = Σ_d A[i, d]·B[j, d].
  const sides = (M, K, D) => {
    const [A, B] = [floats(M * D, next), floats(K * D, next)];
    const { want, bound } = product(A, M, D, turnedOf(B, K, D), K, undefined, 0);
    return { at: [m.put(A), D, m.put(B), D, D], want, bound };
  };
  /** Of each stored value the sum at its place, 0 where it has none. */
  const places = (list, all, by) =>
    Float64Array.from(list, (flat) => (flat < 0 ? 0 : all[flat] * by));
  const deep = [0, 1, 3, 4, 7, 8, 33, 48, 100];
  const compare = (title, M, K, D, list, units, run) =>
    test(title, () => {
      const { at, want, bound } = sides(M, K, D);
      const out = m.out(list.length);
      const got = split(units(), out, list.length, (from, to) => run(from, to, at, out));
      near(got, places(list, want, 1), places(list, bound, 2));
    });
  for (const D of deep)
    for (const [M, K] of [
      [1, 1],
      [5, 7],
      [12, 33],
      [13, 20],
    ]) {
      for (const [r, c] of [
        [1, 1],
        [2, 1],
        [3, 1],
        [4, 1],
        [8, 1],
        [2, 2],
        [3, 4],
      ]) {
        const blocks = Array.from({ length: Math.ceil(M / r) }, () =>
          Array.from({ length: Math.ceil(K / c) }, (_, j) => j).filter(() => next() < 0.6),
        );
        const crd = Uint16Array.from(blocks.flat());
        const pos = Uint32Array.from([
          0,
          ...blocks.map((_, g) => blocks.slice(0, g + 1).flat().length),
        ]);
        const list = blocks.flatMap((row, g) =>
          row.flatMap((j) =>
            Array.from({ length: r * c }, (_, at) => {
              const [i, l] = [g * r + Math.floor(at / c), j * c + (at % c)];
              return i < M && l < K ? i * K + l : -1;
            }),
          ),
        );
        compare(
          `sampled ${r}×${c} ${M}×${K}×${D}`,
          M,
          K,
          D,
          list,
          () => blocks.length,
          (from, to, at, out) => {
            const scratch = m.out(4 * K + 8);
            k.sampled_rows(from, to, M, K, r, c, m.put(pos), m.put(crd), 2, ...at, out, scratch);
          },
        );
        const index = Uint32Array.from(list, (flat) => (flat < 0 ? 2 ** 32 - 1 : flat));
        for (const turned of [0, 1])
          compare(
            `sampled_index ${r}×${c} ${M}×${K}×${D}`,
            M,
            K,
            D,
            list,
            () => list.length,
            (from, to, at, out) => k.sampled_index(from, to, m.put(index), K, turned, ...at, out),
          );
      }
      for (const [n, mm, g] of [
        [1, 4, 2],
        [2, 4, 3],
        [3, 5, 1],
        [4, 5, 2],
      ]) {
        const s = grouped(M, K, n, mm, g, Uint16Array, next);
        const list = Array.from(s.values, (_, q) => {
          const [e, slot] = [Math.floor(q / n), q % n];
          const [chunk, rest] = [
            Math.floor(e / (s.blocks * s.patterns * g)),
            e % (s.blocks * s.patterns * g),
          ];
          const [block, p] = [
            Math.floor(rest / (s.patterns * g)),
            Math.floor((rest % (s.patterns * g)) / g),
          ];
          const [i, j] = [block * mm + s.table[p * n + slot], chunk * s.patterns * g + s.crd[e]];
          return i < M && j < K ? i * K + j : -1;
        });
        compare(
          `sampled_nmg ${n}:${mm}:${g} ${M}×${K}×${D}`,
          M,
          K,
          D,
          list,
          () => s.chunks,
          (from, to, at, out) => {
            const [table, crd, scratch] = [m.put(s.table), m.put(s.crd), m.out(2 * g)];
            k.sampled_nmg(from, to, M, K, n, mm, g, s.patterns, table, crd, 2, ...at, out, scratch);
          },
        );
      }
    }
}
