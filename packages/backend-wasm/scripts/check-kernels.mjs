// Every export against a plain f64 loop, over small odd sizes first. Outputs start marked and stand
// between guards, inputs stand between NaN, and every range is run whole and in two parts.
import { checkBackward } from './check-backward.mjs';
import { checkPatterns } from './check-patterns.mjs';
import { floats, grouped, random, sparse, toRows } from './harness.mjs';

const U = 2 ** -24;
const acts = [(x) => x, (x) => Math.max(x, 0), (x) => Math.min(Math.max(x, 0), 6)];

export function check(m) {
  const { k } = m;
  const next = random(7);
  let passed = 0;
  const failed = [];
  const test = (title, body) => {
    m.reset();
    try {
      body();
      if (!m.intact()) throw new Error('wrote outside its arrays');
      passed++;
    } catch (error) {
      failed.push(`${title}: ${error.message}`);
    }
  };
  /** Runs over 0..n whole and in two parts; both must give the same bits. */
  const split = (n, y, size, run) => {
    run(0, n);
    const whole = m.get(y, size).slice();
    m.get(y, size).fill(77);
    const cut = Math.floor(n / 3);
    run(cut, n);
    run(0, cut);
    const parts = m.get(y, size);
    const a = new Uint32Array(whole.buffer),
      b = new Uint32Array(parts.buffer, parts.byteOffset, size);
    for (let i = 0; i < size; i++)
      if (a[i] !== b[i]) throw new Error(`split changes ${i}: ${whole[i]} ${parts[i]}`);
    return whole;
  };
  const near = (got, want, bound) => {
    for (let i = 0; i < want.length; i++) {
      const slack = typeof bound === 'number' ? bound * Math.abs(want[i]) + 1e-38 : bound[i];
      if (!(Math.abs(got[i] - want[i]) <= slack) && !Object.is(got[i], Math.fround(want[i])))
        throw new Error(`at ${i}: ${got[i]}, want ${want[i]} ± ${slack}`);
    }
  };

  // ---- products
  const product = (w, M, K, x, N, bias, act) => {
    const want = new Float64Array(M * N),
      bound = new Float64Array(M * N);
    for (let i = 0; i < M; i++) {
      for (let c = 0; c < N; c++) {
        let sum = bias ? bias[i] : 0,
          size = Math.abs(sum);
        for (let j = 0; j < K; j++) {
          const t = w[i * K + j] * x[j * N + c];
          sum += t;
          size += Math.abs(t);
        }
        want[i * N + c] = acts[act](sum);
        bound[i * N + c] = (K + 2) * U * size;
      }
    }
    return { want, bound };
  };
  /** X as row-major or panels of w: [pointer, ldx, w, step]. */
  const lay = (x, K, N, w, rows = K) => {
    const at = m.put(x);
    if (!w) return [at, N, N, 0];
    const panels = m.out(Math.ceil(N / w) * rows * w);
    k.pack_padded(0, Math.ceil(N / w), rows, K, N, w, at, N, panels);
    return [panels, w, w, rows * w];
  };
  const shapes = [
    [0, 3, 4],
    [1, 1, 1],
    [1, 0, 5],
    [3, 5, 7],
    [5, 7, 4],
    [6, 8, 8],
    [7, 9, 9],
    [13, 17, 13],
    [12, 33, 49],
    [5, 20, 50],
    [4, 11, 100],
  ];
  const panels = (N) => [...(N >= 4 ? [0] : []), 4, 8, 16, 48];
  const each = (body) => {
    for (const [M, K, N] of shapes)
      for (const w of panels(N))
        for (const act of [0, 1, 2]) for (const regs of [8, 12]) body(M, K, N, w, act, regs);
  };
  each((M, K, N, w, act, regs) =>
    test(`dense ${M}×${K}×${N} panel ${w} act ${act} regs ${regs}`, () => {
      const W = floats(M * K, next),
        x = floats(K * N, next),
        bias = act ? floats(M, next) : undefined;
      const y = m.out(M * N),
        at = m.put(W),
        b = bias ? m.put(bias) : 0;
      const p = lay(x, K, N, w);
      const got = split(M, y, M * N, (from, to) =>
        k.dense(from, to, K, N, at, K, ...p, b, act, y, N, p[2], regs),
      );
      const { want, bound } = product(W, M, K, x, N, bias, act);
      near(got, want, bound);
    }),
  );
  for (const v of [1, 2, 3, 4, 5, 6, 7, 8, 16]) {
    for (const Crd of [Uint16Array, Uint32Array]) {
      each((M, K, N, w, act, regs) => {
        if (regs === 8 && act) return;
        test(`rows v ${v} ${M}×${K}×${N} panel ${w} act ${act} regs ${regs}`, () => {
          const W = sparse(M, K, 0.4, v, next),
            x = floats(K * N, next),
            bias = act ? floats(M, next) : undefined;
          const s = toRows(W, M, K, v, Crd);
          const y = m.out(M * N),
            b = bias ? m.put(bias) : 0;
          const at = [m.put(s.pos), m.put(s.crd), Crd.BYTES_PER_ELEMENT, m.put(s.values)];
          const p = lay(x, K, N, w);
          const groups = Math.ceil(M / v);
          const run = (from, to) =>
            v === 1
              ? k.csr(from, to, K, N, ...at, ...p, b, act, y, N, p[2], regs)
              : k.rows(from, to, M, v, K, N, ...at, ...p, b, act, y, N, p[2], regs);
          const { want, bound } = product(W, M, K, x, N, bias, act);
          near(split(groups, y, M * N, run), want, bound);
          if (v === 1) {
            const offsets = m.put(new Uint32Array(s.crd.length + M));
            const cut = Math.floor(M / 3);
            for (const part of [
              [cut, M],
              [0, cut],
            ])
              k.csr_offsets(...part, ...at.slice(0, 3), p[1], offsets);
            const wide = (from, to) =>
              k.csr_wide(from, to, N, at[0], offsets, at[3], ...p, b, act, y, N, p[2], regs);
            near(split(groups, y, M * N, wide), want, bound);
          }
          if (N === 1) {
            m.get(y, M).fill(77);
            near(
              split(groups, y, M, (from, to) =>
                k.rows_vec(from, to, M, v, ...at, p[0] && m.put(x), b, act, y),
              ),
              want,
              bound,
            );
            if (v === 1)
              near(
                split(M, y, M, (from, to) => k.csr_vec(from, to, ...at, m.put(x), b, act, y)),
                want,
                bound,
              );
          }
        });
      });
    }
  }
  for (const [M, K] of [
    [1, 1],
    [3, 5],
    [9, 33],
    [17, 100],
    [5, 0],
  ]) {
    for (const v of [1, 4, 7, 16, 20]) {
      test(`vectors ${M}×${K} v ${v}`, () => {
        const W = sparse(M, K, 0.5, v, next),
          x = floats(K, next),
          bias = floats(M, next);
        const s = toRows(W, M, K, v, Uint16Array);
        const y = m.out(M),
          xa = m.put(x),
          b = m.put(bias),
          wa = m.put(W);
        const at = [m.put(s.pos), m.put(s.crd), 2, m.put(s.values)];
        const { want, bound } = product(W, M, K, x, 1, bias, 1);
        near(
          split(M, y, M, (from, to) => k.dense_vec(from, to, K, wa, K, xa, b, 1, y)),
          want,
          bound,
        );
        near(
          split(Math.ceil(M / v), y, M, (from, to) =>
            k.rows_vec(from, to, M, v, ...at, xa, b, 1, y),
          ),
          want,
          bound,
        );
        if (v === 1)
          near(
            split(M, y, M, (from, to) => k.csr_vec(from, to, ...at, xa, b, 1, y)),
            want,
            bound,
          );
      });
    }
  }
  for (const [n, mm, g] of [
    [1, 4, 2],
    [2, 4, 1],
    [2, 4, 4],
    [1, 8, 2],
    [2, 8, 2],
    [3, 6, 1],
    [4, 5, 3],
    [5, 6, 1],
    [6, 7, 1],
    [7, 8, 2],
    [5, 12, 1],
  ]) {
    for (const Crd of [Uint16Array, Uint32Array]) {
      for (const [M, K, N] of [
        [1, 1, 1],
        [3, 5, 7],
        [5, 49, 9],
        [mm * 2, 96, 13],
        [mm + 1, 70, 49],
        [9, 0, 5],
      ]) {
        for (const w of panels(N)) {
          for (const along of [false, true]) {
            test(`nmg ${n}:${mm}:${g} ${along ? 'inputs' : 'outputs'} ${M}×${K}×${N} panel ${w}`, () => {
              const s = grouped(M, K, n, mm, g, Crd, next, along);
              const x = floats(K * N, next),
                bias = floats(M, next),
                act = g % 3;
              const y = m.out(M * N),
                b = m.put(bias),
                scratch = m.out(Math.max(mm * 48, s.patterns * g * 24));
              const at = [m.put(s.table), m.put(s.crd), Crd.BYTES_PER_ELEMENT, m.put(s.values)];
              // Panels with K padded to whole chunks, row-major without.
              const rows = w && !along ? s.chunks * s.patterns * g : K;
              const p = lay(x, K, N, w, rows);
              const { want, bound } = product(s.dense, M, K, x, N, bias, act);
              for (const regs of [8, 12]) {
                const run = along
                  ? (from, to) =>
                      k.nmg_in(
                        from,
                        to,
                        M,
                        K,
                        N,
                        n,
                        mm,
                        g,
                        s.patterns,
                        ...at,
                        ...p,
                        b,
                        act,
                        y,
                        N,
                        p[2],
                        scratch,
                      )
                  : (from, to) =>
                      k.nmg(
                        from,
                        to,
                        M,
                        w % 16 ? K : rows,
                        N,
                        n,
                        mm,
                        g,
                        s.patterns,
                        ...at,
                        ...p,
                        b,
                        act,
                        y,
                        N,
                        p[2],
                        regs,
                        scratch,
                      );
                near(split(along ? s.chunks : s.blocks, y, M * N, run), want, bound);
              }
            });
          }
        }
      }
    }
  }
  for (const [n, mm] of [
    [1, 2],
    [2, 4],
    [3, 5],
    [4, 16],
  ]) {
    for (const [M, K, N] of [
      [1, 1, 1],
      [3, 5, 7],
      [9, 33, 49],
      [16, 16, 9],
    ]) {
      for (const w of panels(N)) {
        for (const shape of ['in', 'out', 'out by column']) {
          test(`nm ${n}:${mm} ${shape} ${M}×${K}×${N} panel ${w}`, () => {
            const inputs = shape === 'in';
            const blocks = Math.ceil((inputs ? K : M) / mm),
              others = inputs ? M : K;
            const crd = new Uint8Array(others * blocks * n),
              values = new Float32Array(crd.length),
              W = new Float32Array(M * K);
            const [byBlock, byColumn] = shape === 'out' ? [K * n, n] : [n, blocks * n];
            for (let o = 0; o < others; o++) {
              for (let block = 0; block < blocks; block++) {
                const free = Array.from({ length: mm }, (_, i) => i).sort(() => next() - 0.5);
                for (let s = 0; s < n; s++) {
                  const e =
                    (inputs ? (o * blocks + block) * n : block * byBlock + o * byColumn) + s;
                  crd[e] = free[s];
                  const at = block * mm + crd[e],
                    [i, j] = inputs ? [o, at] : [at, o];
                  if (i < M && j < K) W[i * K + j] = values[e] = 2 * next() - 1;
                }
              }
            }
            const x = floats(K * N, next),
              bias = floats(M, next);
            const y = m.out(M * N),
              b = m.put(bias),
              scratch = m.out(4 * mm);
            const at = [m.put(crd), m.put(values)],
              p = lay(x, K, N, w);
            const { want, bound } = product(W, M, K, x, N, bias, 1);
            const run = inputs
              ? (from, to) => k.nm(from, to, K, N, n, mm, ...at, ...p, b, 1, y, N, p[2])
              : (from, to) =>
                  k.nm_out(
                    from,
                    to,
                    M,
                    K,
                    N,
                    n,
                    mm,
                    byBlock,
                    byColumn,
                    ...at,
                    ...p,
                    b,
                    1,
                    y,
                    N,
                    p[2],
                    scratch,
                  );
            near(split(inputs ? M : blocks, y, M * N, run), want, bound);
            if (!inputs) return;
            const [one, v] = [floats(K, next), m.out(M)];
            const vector = product(W, M, K, one, 1, bias, 1);
            const places = [m.put(one), b, 1, v];
            const alone = (from, to) => k.nm_vec(from, to, K, n, mm, ...at, ...places);
            near(split(M, v, M, alone), vector.want, vector.bound);
          });
        }
      }
    }
  }
  checkBackward({ m, next, test, split, near, product, lay, shapes, panels });
  checkPatterns({ m, next, test });
  test('infinity and NaN stay in their position', () => {
    const [M, K, N] = [6, 8, 9];
    const W = sparse(M, K, 0.5, 2, next).fill(0, K * 4),
      x = floats(K * N, next).fill(Infinity, N - 1, N);
    x[2 * N] = NaN;
    const s = toRows(W, M, K, 2, Uint16Array);
    const y = m.out(M * N),
      at = [m.put(s.pos), m.put(s.crd), 2, m.put(s.values)],
      p = lay(x, K, N, 8);
    k.rows(0, 3, M, 2, K, N, ...at, ...p, 0, 1, y, N, p[2], 12);
    const got = m.get(y, M * N);
    for (let i = 0; i < M; i++) {
      for (let c = 0; c < N; c++) {
        let sum = 0;
        for (let j = 0; j < K; j++) if (W[i * K + j]) sum += W[i * K + j] * x[j * N + c];
        const want = acts[1](sum),
          is = got[i * N + c];
        if (Number.isFinite(want) ? Math.abs(is - want) > 1e-5 : !Object.is(is, want))
          throw new Error(`${i},${c}: ${is}, want ${want}`);
      }
    }
  });

  // ---- moving
  for (const [K, N] of [
    [0, 3],
    [1, 1],
    [5, 7],
    [8, 8],
    [9, 13],
    [4, 33],
  ]) {
    for (const w of [4, 8, 16]) {
      test(`pack ${K}×${N} w ${w}`, () => {
        const x = floats(K * N, next),
          t = new Float32Array(K * N),
          count = Math.ceil(N / w),
          rows = K + (K % 3);
        for (let i = 0; i < K; i++) for (let c = 0; c < N; c++) t[c * K + i] = x[i * N + c];
        const want = new Float64Array(count * rows * w);
        for (let i = 0; i < K; i++)
          for (let c = 0; c < N; c++)
            want[Math.floor(c / w) * rows * w + i * w + (c % w)] = x[i * N + c];
        const y = m.out(want.length),
          a = m.put(x),
          b = m.put(t),
          back = m.out(K * N);
        near(
          split(count, y, want.length, (from, to) =>
            k.pack_padded(from, to, rows, K, N, w, a, N, y),
          ),
          want,
          0,
        );
        near(
          split(count, y, want.length, (from, to) =>
            k.pack_t_padded(from, to, rows, K, N, w, b, K, y),
          ),
          want,
          0,
        );
        near(
          split(N, back, K * N, (from, to) => k.transpose_2d(from, to, K, a, N, back, K)),
          t,
          0,
        );
      });
    }
  }
  test('scatter and gather skip padding', () => {
    const index = Uint32Array.from([4, 0xffffffff, 0, 2]),
      values = Float32Array.from([1, 2, 3, 4]);
    const y = m.put(new Float32Array(5)),
      back = m.out(4),
      i = m.put(index);
    k.scatter(0, 4, i, m.put(values), y);
    near(m.get(y, 5), [3, 0, 4, 0, 1], 0);
    near(
      split(4, back, 4, (from, to) => k.gather(from, to, i, y, back)),
      [1, 0, 3, 4],
      0,
    );
  });
  for (const b of [1, 2, 3]) {
    test(`depth to space ${b}`, () => {
      const [C, H, W] = [3, 4, 5],
        x = floats(C * b * b * H * W, next),
        want = new Float64Array(x.length);
      for (let c = 0; c < C; c++)
        for (let h = 0; h < H * b; h++)
          for (let w = 0; w < W * b; w++)
            want[(c * H * b + h) * W * b + w] =
              x[
                ((((h % b) * b + (w % b)) * C + c) * H + Math.floor(h / b)) * W + Math.floor(w / b)
              ];
      const y = m.out(x.length),
        a = m.put(x);
      near(
        split(C, y, x.length, (from, to) => k.depth_to_space(from, to, C, H, W, b, a, y)),
        want,
        0,
      );
    });
  }
  for (const [top, left, oh, ow] of [
    [0, 0, 5, 7],
    [1, 2, 8, 11],
    [0, 3, 5, 10],
    [2, 0, 7, 7],
  ]) {
    test(`pad ${top} ${left} ${oh} ${ow}`, () => {
      const [C, H, W] = [3, 5, 7],
        x = floats(C * H * W, next),
        want = new Float64Array(C * oh * ow).fill(-2);
      for (let c = 0; c < C; c++)
        for (let i = 0; i < H; i++)
          for (let j = 0; j < W; j++)
            want[(c * oh + i + top) * ow + j + left] = x[(c * H + i) * W + j];
      const y = m.out(want.length),
        a = m.put(x);
      near(
        split(C, y, want.length, (from, to) => k.pad(from, to, H, W, top, left, oh, ow, -2, a, y)),
        want,
        0,
      );
    });
  }

  // ---- windows
  const windows = [];
  for (const size of [
    [1, 1],
    [3, 3],
    [5, 7],
    [7, 7],
    [8, 9],
    [14, 14],
    [17, 30],
  ])
    for (const kk of [2, 3, 5])
      for (const stride of [1, 2, 3])
        for (const same of [true, false]) windows.push([...size, kk, stride, same]);
  const place = (H, W, kk, stride, same, dilation = 1) => {
    const reach = (kk - 1) * dilation + 1;
    const out = (n) =>
      same ? Math.ceil(n / stride) : Math.max(0, Math.ceil((n - reach + 1) / stride));
    const before = (n) => (same ? Math.max(0, (out(n) - 1) * stride + reach - n) >> 1 : 0);
    return { oh: out(H), ow: out(W), top: before(H), left: before(W) };
  };
  for (const [H, W, kk, stride, same] of windows) {
    const C = 4;
    const { oh, ow, top, left } = place(H, W, kk, stride, same);
    const x = floats(C * H * W, next),
      n = C * oh * ow;
    const window = (c, i, j, body) => {
      for (let dy = 0; dy < kk; dy++)
        for (let dx = 0; dx < kk; dx++) {
          const yy = i * stride + dy - top,
            xx = j * stride + dx - left;
          body(
            dy,
            dx,
            yy >= 0 && yy < H && xx >= 0 && xx < W ? x[(c * H + yy) * W + xx] : undefined,
          );
        }
    };
    const title = `${H}×${W} k ${kk} stride ${stride} ${same ? 'same' : 'valid'}`;
    for (const act of [0, 2]) {
      test(`depthwise ${title} act ${act}`, () => {
        const wt = floats(C * kk * kk, next).map((v) => 4 * v),
          bias = floats(C, next);
        const want = new Float64Array(n),
          bound = new Float64Array(n);
        for (let e = 0, c = 0; c < C; c++)
          for (let i = 0; i < oh; i++)
            for (let j = 0; j < ow; j++, e++) {
              let sum = bias[c],
                size = Math.abs(sum);
              window(c, i, j, (dy, dx, v) => {
                sum += wt[(c * kk + dy) * kk + dx] * (v ?? 0);
                size += Math.abs(wt[(c * kk + dy) * kk + dx] * (v ?? 0));
              });
              want[e] = acts[act](sum);
              bound[e] = (kk * kk + 2) * U * size;
            }
        const y = m.out(n),
          at = [m.put(x), m.put(wt), m.put(bias)];
        near(
          split(C, y, n, (from, to) =>
            k.depthwise_any(
              from,
              to,
              1,
              H,
              W,
              kk,
              kk,
              stride,
              stride,
              1,
              1,
              top,
              left,
              oh,
              ow,
              ...at,
              act,
              y,
            ),
          ),
          want,
          bound,
        );
        if (kk === 2 || stride === 3) return;
        const scratch = m.out(k.depthwise_scratch(kk, stride, oh, ow));
        near(
          split(C, y, n, (from, to) =>
            k.depthwise(from, to, H, W, kk, stride, top, left, oh, ow, ...at, act, y, scratch),
          ),
          want,
          bound,
        );
      });
    }
    test(`pools ${title}`, () => {
      const most = new Float64Array(n),
        mean = new Float64Array(n);
      for (let e = 0, c = 0; c < C; c++)
        for (let i = 0; i < oh; i++)
          for (let j = 0; j < ow; j++, e++) {
            let sum = 0,
              count = 0,
              high = -Infinity;
            window(c, i, j, (dy, dx, v) => {
              if (v === undefined) return;
              sum += v;
              count++;
              high = Math.max(high, v);
            });
            most[e] = high;
            mean[e] = sum / count;
          }
      const y = m.out(n),
        at = m.put(x);
      near(
        split(C, y, n, (from, to) =>
          k.max_pool(from, to, H, W, kk, kk, stride, stride, top, left, oh, ow, at, y),
        ),
        most,
        0,
      );
      near(
        split(C, y, n, (from, to) =>
          k.avg_pool(from, to, H, W, kk, kk, stride, stride, top, left, oh, ow, at, y),
        ),
        mean,
        mean.map(() => 30 * U),
      );
    });
    for (const w of [0, 8]) {
      test(`im2col ${title} panel ${w}`, () => {
        const K = C * kk * kk,
          N = oh * ow;
        if (N === 0) return;
        const panel = w || N,
          step = w ? K * w : 0;
        const want = new Float64Array(Math.ceil(N / panel) * K * panel);
        for (let c = 0; c < C; c++)
          for (let i = 0; i < oh; i++)
            for (let j = 0; j < ow; j++)
              window(c, i, j, (dy, dx, v) => {
                const p = i * ow + j,
                  row = (c * kk + dy) * kk + dx;
                want[Math.floor(p / panel) * step + row * panel + (p % panel)] = v ?? 0;
              });
        const y = m.out(want.length),
          at = m.put(x);
        near(
          split(C, y, want.length, (from, to) =>
            k.im2col(
              from,
              to,
              H,
              W,
              kk,
              kk,
              stride,
              stride,
              1,
              1,
              top,
              left,
              oh,
              ow,
              at,
              y,
              panel,
              panel,
              step,
            ),
          ),
          want,
          0,
        );
      });
    }
  }
  test('depthwise with a multiplier and dilation', () => {
    const [H, W, kk] = [7, 9, 3],
      { oh, ow, top, left } = place(H, W, kk, 1, true, 2);
    const x = floats(2 * H * W, next),
      wt = floats(6 * 9, next),
      want = [];
    for (let c = 0; c < 6; c++)
      for (let i = 0; i < oh; i++)
        for (let j = 0; j < ow; j++) {
          let sum = 0;
          for (let dy = 0; dy < 3; dy++)
            for (let dx = 0; dx < 3; dx++) {
              const yy = i + 2 * dy - top,
                xx = j + 2 * dx - left;
              if (yy >= 0 && yy < H && xx >= 0 && xx < W)
                sum += wt[c * 9 + dy * 3 + dx] * x[(Math.floor(c / 3) * H + yy) * W + xx];
            }
          want.push(sum);
        }
    const y = m.out(want.length),
      at = [m.put(x), m.put(wt)];
    near(
      split(6, y, want.length, (from, to) =>
        k.depthwise_any(from, to, 3, H, W, 3, 3, 1, 1, 2, 2, top, left, oh, ow, ...at, 0, 0, y),
      ),
      want,
      want.map(() => 1e-5),
    );
  });
  for (const [h, w, oh, ow] of [
    [1, 1, 3, 3],
    [3, 4, 6, 8],
    [7, 7, 14, 14],
    [8, 8, 3, 5],
  ]) {
    for (const [align, half] of [
      [0, 0],
      [1, 0],
      [0, 1],
    ]) {
      test(`resize ${h}×${w} to ${oh}×${ow} align ${align} half ${half}`, () => {
        const C = 3,
          x = floats(C * h * w, next),
          want = [];
        const at = (i, from, to) => {
          const s = align && to > 1 ? (from - 1) / (to - 1) : from / to;
          const p = half ? Math.max(0, (i + 0.5) * s - 0.5) : i * s;
          const low = Math.min(Math.floor(p), from - 1);
          return [low, Math.min(low + 1, from - 1), p - low];
        };
        for (let c = 0; c < C; c++)
          for (let i = 0; i < oh; i++)
            for (let j = 0; j < ow; j++) {
              const [y0, y1, fy] = at(i, h, oh),
                [x0, x1, fx] = at(j, w, ow);
              const v = (yy, xx) => x[(c * h + yy) * w + xx];
              want.push(
                (v(y0, x0) * (1 - fx) + v(y0, x1) * fx) * (1 - fy) +
                  (v(y1, x0) * (1 - fx) + v(y1, x1) * fx) * fy,
              );
            }
        const y = m.out(want.length),
          a = m.put(x);
        near(
          split(C, y, want.length, (from, to) =>
            k.resize(from, to, h, w, oh, ow, align, half, a, y),
          ),
          want,
          want.map(() => 3e-6),
        );
      });
    }
  }

  // ---- elementwise
  const pairs = {
    add: (a, b) => a + b,
    sub: (a, b) => a - b,
    mul: (a, b) => a * b,
    div: (a, b) => a / b,
    max: Math.max,
    min: Math.min,
  };
  for (const [rows, n] of [
    [0, 3],
    [1, 1],
    [3, 5],
    [5, 7],
    [4, 8],
    [2, 33],
    [2, 47],
  ]) {
    for (const [name, f] of Object.entries(pairs)) {
      for (const [ldb, every] of [
        [n, 1],
        [1, 0],
        [0, 0],
        [0, 1],
      ]) {
        test(`${name} ${rows}×${n} b by ${ldb}, ${every}`, () => {
          const a = floats(rows * n, next),
            b = floats(Math.max(1, rows) * n, next),
            act = rows % 3;
          const want = Array.from(a, (v, e) =>
            acts[act](f(v, b[Math.floor(e / n) * ldb + (every ? e % n : 0)])),
          );
          const y = m.out(rows * n),
            at = [m.put(a), m.put(b)];
          near(
            split(rows, y, rows * n, (from, to) =>
              k[`${name}_planes`](from, to, n, ...at, ldb, every, act, y),
            ),
            want,
            U,
          );
        });
      }
    }
    test(`one operand ${rows}×${n}`, () => {
      const size = rows * n,
        x = floats(size, next).map((v) => 9 * v),
        alpha = floats(rows, next);
      if (size > 4) x[3] = NaN;
      const y = m.out(size),
        a = m.put(x),
        al = m.put(alpha);
      const map = (run, f, bound = 0) => near(split(size, y, size, run), Array.from(x, f), bound);
      map((from, to) => k.relu(from, to, a, y), acts[1]);
      map((from, to) => k.relu6(from, to, a, y), acts[2]);
      map((from, to) => k.copy(from, to, a, y), acts[0]);
      map(
        (from, to) => k.clamp(from, to, a, -2, 3, y),
        (v) => Math.min(Math.max(v, -2), 3),
      );
      map(
        (from, to) => k.fill(from, to, 5, y),
        () => 5,
      );
      map(
        (from, to) => k.sigmoid(from, to, a, y),
        (v) => 1 / (1 + Math.exp(-v)),
        4 * U,
      );
      map(
        (from, to) => k.exp(from, to, a, y),
        (v) => Math.exp(v),
        3 * U,
      );
      near(
        split(rows, y, size, (from, to) => k.prelu(from, to, n, a, al, y)),
        Array.from(x, (v, e) => (v < 0 ? v * alpha[Math.floor(e / n)] : v)),
        U,
      );
      const s = m.out(rows);
      const plain = floats(size, next),
        want = Array.from(
          { length: rows },
          (_, i) => plain.slice(i * n, i * n + n).reduce((p, q) => p + q, 0) / n,
        );
      const b = m.put(plain);
      near(
        split(rows, s, rows, (from, to) => k.sum_rows(from, to, n, b, 1 / n, s)),
        want,
        want.map(() => n * U),
      );
    });
  }
  test('exp and sigmoid over their range', () => {
    const x = Float32Array.from({ length: 40000 }, (_, i) => -110 + i * 0.005),
      y = m.out(x.length),
      a = m.put(x);
    const worst = (f) => {
      let most = 0;
      const got = m.get(y, x.length);
      for (let i = 0; i < x.length; i++) {
        const want = f(x[i]),
          f32 = Math.fround(want);
        if (!Number.isFinite(f32)) {
          if (got[i] !== f32) throw new Error(`${x[i]}: ${got[i]}`);
          continue;
        }
        const ulp = Math.max(2 ** (Math.floor(Math.log2(Math.max(want, 1e-300))) - 23), 2 ** -149);
        most = Math.max(most, Math.abs(got[i] - want) / ulp);
      }
      return most;
    };
    k.exp(0, x.length, a, y);
    const e = worst(Math.exp);
    k.sigmoid(0, x.length, a, y);
    const s = worst((v) => 1 / (1 + Math.exp(-v)));
    if (process.env.SHOW)
      console.log(`largest error: exp ${e.toFixed(2)} ulp, sigmoid ${s.toFixed(2)} ulp`);
    if (e > 2 || s > 3) throw new Error(`exp ${e} ulp, sigmoid ${s} ulp`);
  });
  return { passed, failed };
}
