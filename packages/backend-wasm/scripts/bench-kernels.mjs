// What each kernel reaches, beside the machine's own peak: all contenders of a table interleaved in
// one process, at least 11 rounds of at least 2 ms on the CPU clock; best rate, and the median over
// rounds of the ratio to dense. "stored" counts stored entries only; "×" is the time against dense.
import { floats, grouped, random, sparse, toRows } from './harness.mjs';

const clock = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e3;
};

/** Rounds of every contender: its times in ms a call. */
function race(list, rounds = 13, least = 3) {
  for (const one of list) {
    for (let i = 0; i < 3; i++) one.run();
    const from = performance.now();
    let calls = 0;
    while (performance.now() - from < 25) {
      one.run();
      calls++;
    }
    one.calls = Math.max(1, Math.ceil((calls * least) / 25));
    one.times = [];
  }
  for (let r = 0; r < rounds; r++) {
    for (const one of list) {
      const from = clock();
      for (let i = 0; i < one.calls; i++) one.run();
      one.times.push((clock() - from) / one.calls);
    }
  }
  return list;
}

const best = (times) => Math.min(...times);
const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
const cell = (value, width) => String(value).padStart(width);

function table(title, list, peak) {
  console.log(`\n${title}`);
  console.log(`${'kernel'.padEnd(34)}   ms best  GFLOP/s  of peak   × best  × median`);
  const base = list[0];
  for (const one of list) {
    const rate = one.flops / best(one.times) / 1e6;
    const ratio = median(one.times.map((t, i) => base.times[i] / t));
    console.log(
      one.name.padEnd(34) +
        cell(best(one.times).toFixed(4), 10) +
        cell(rate.toFixed(1), 9) +
        cell(`${((100 * rate) / peak).toFixed(0)} %`, 9) +
        cell((best(base.times) / best(one.times)).toFixed(2), 9) +
        cell(ratio.toFixed(2), 10),
    );
  }
}

export function bench(m, only = process.env.ONLY ?? '') {
  const { k } = m;
  const next = random(11);
  m.reset();
  const [fma, load] = race([
    { name: 'peak', run: () => k.peak(20000, 0.5, 0.25) },
    { name: 'load', run: () => k.load_peak(100, 1 << 20, 4096) },
  ]);
  const peak = (20000 * 12 * 8) / best(fma.times) / 1e6;
  console.log(
    `\n== ${m.name}, ${process.version}: FMA peak ${peak.toFixed(1)} GFLOP/s, loads ${((100 * 4096 * 4) / best(load.times) / 1e6).toFixed(0)} GB/s`,
  );

  const products = (M, K, N, list = 'all') => {
    m.reset();
    const x = floats(K * N, next),
      w = floats(M * K, next);
    const xa = m.put(x),
      wa = m.put(w),
      y = m.out(M * N),
      scratch = m.out(48 * 64);
    const panels = m.out(Math.ceil(N / 48) * 48 * 2 * K);
    const count = (width) => Math.ceil(N / width);
    const packed = (width, rows = K) => (
      k.pack_padded(0, count(width), rows, K, N, width, xa, N, panels),
      [panels, width, width, rows * width]
    );
    const row = [xa, N, N, 0];
    const many = m.name === 'plain' ? 8 : 12;
    const race1 = [
      {
        name: `dense regs ${many}, packed 8`,
        flops: 2 * M * K * N,
        run: () => k.dense(0, M, K, N, wa, K, ...packed(8), 0, 0, y, N, 8, many),
      },
    ];
    const more = (name, flops, run) => race1.push({ name, flops, run });
    more(`dense regs ${20 - many}, packed 8`, 2 * M * K * N, () =>
      k.dense(0, M, K, N, wa, K, ...packed(8), 0, 0, y, N, 8, 20 - many),
    );
    more(`dense regs ${many}, row-major`, 2 * M * K * N, () =>
      k.dense(0, M, K, N, wa, K, ...row, 0, 0, y, N, N, many),
    );
    for (const density of [0.1, 0.25]) {
      const s = toRows(sparse(M, K, density, 1, next), M, K, 1, Uint16Array);
      const at = [m.put(s.pos), m.put(s.crd), 2, m.put(s.values)];
      const flops = 2 * s.crd.length * N;
      const offsets = m.put(new Uint32Array(s.crd.length + M));
      const wide = (where, lie) =>
        more(`csr ${density} offsets, ${where}`, flops, () => {
          k.csr_offsets(0, M, ...at.slice(0, 3), lie[1], offsets);
          k.csr_wide(0, M, N, at[0], offsets, at[3], ...lie, 0, 0, y, N, lie[2], many);
        });
      wide('row-major', row);
      wide('packed 48', packed(48));
      for (const regs of [8, 12]) {
        more(`csr ${density} regs ${regs}, row-major`, flops, () =>
          k.csr(0, M, K, N, ...at, ...row, 0, 0, y, N, N, regs),
        );
        if (list === 'all')
          more(`csr ${density} regs ${regs}, packed ${4 * regs}`, flops, () =>
            k.csr(0, M, K, N, ...at, ...packed(4 * regs), 0, 0, y, N, 4 * regs, regs),
          );
      }
    }
    if (list !== 'all') return table(`${M}×${K}×${N}`, race(race1), peak);
    for (const v of [2, 4, 6, 8, 16]) {
      const s = toRows(sparse(M, K, 0.25, v, next), M, K, v, Uint16Array);
      const at = [m.put(s.pos), m.put(s.crd), 2, m.put(s.values)];
      for (const width of v === 4 ? [0, 8, 12, 24, 48] : [0, 24]) {
        more(`rows v ${v} 0.25 ${width || 'row-major'}`, 2 * v * s.crd.length * N, () =>
          k.rows(
            0,
            Math.ceil(M / v),
            M,
            v,
            K,
            N,
            ...at,
            ...(width ? packed(width) : row),
            0,
            0,
            y,
            N,
            width || N,
            many,
          ),
        );
      }
    }
    for (const [n, mm, g] of [
      [2, 4, 4],
      [2, 4, 8],
      [2, 4, 16],
      [1, 4, 8],
      [1, 8, 8],
      [2, 8, 8],
    ]) {
      const s = grouped(M, K, n, mm, g, Uint16Array, next);
      const at = [m.put(s.table), m.put(s.crd), 2, m.put(s.values)];
      const padded = s.chunks * s.patterns * g;
      for (const regs of many === 12 ? [8, 10, 12] : [8]) {
        for (const width of g === 8 && n === 2 ? [0, 24, 48] : [48]) {
          more(
            `nmg ${n}:${mm}:${g} regs ${regs} ${width || 'row-major'}`,
            (2 * M * K * N * n) / mm,
            () =>
              k.nmg(
                0,
                s.blocks,
                M,
                width ? padded : K,
                N,
                n,
                mm,
                g,
                s.patterns,
                ...at,
                ...(width ? packed(width, padded) : row),
                0,
                0,
                y,
                N,
                width || N,
                regs,
                scratch,
              ),
          );
        }
      }
    }
    table(`${M}×${K}×${N}, packing included`, race(race1), peak);
  };
  if (!only || only.includes('products')) products(768, 768, 128);
  if (!only || only.includes('small'))
    for (const [M, K, N] of [
      [16, 16, 12544],
      [24, 64, 3136],
      [40, 144, 784],
      [112, 480, 196],
      [192, 1152, 49],
      [1152, 192, 49],
    ])
      products(M, K, N, 'few');

  if (!only || only.includes('vector')) {
    m.reset();
    const [M, K] = [768, 768];
    const w = m.put(floats(M * K, next)),
      x = m.put(floats(K, next)),
      y = m.out(M);
    const list = [
      { name: 'dense_vec', flops: 2 * M * K, run: () => k.dense_vec(0, M, K, w, K, x, 0, 0, y) },
    ];
    for (const density of [0.1, 0.25])
      for (const v of [1, 4, 16]) {
        const s = toRows(sparse(M, K, density, v, next), M, K, v, Uint16Array);
        const at = [m.put(s.pos), m.put(s.crd), 2, m.put(s.values)];
        list.push({
          name: `${v === 1 ? 'csr_vec' : `rows_vec v ${v}`} ${density}`,
          flops: 2 * v * s.crd.length,
          run:
            v === 1
              ? () => k.csr_vec(0, M, ...at, x, 0, 0, y)
              : () => k.rows_vec(0, M / v, M, v, ...at, x, 0, 0, y),
        });
      }
    table('matrix × vector 768×768', race(list), peak);
  }

  if (!only || only.includes('depthwise')) {
    const list = [];
    m.reset();
    for (const [C, H, kk, stride] of [
      [24, 112, 3, 1],
      [48, 112, 3, 2],
      [96, 56, 3, 1],
      [96, 56, 5, 2],
      [144, 28, 3, 1],
      [144, 28, 5, 1],
      [288, 14, 3, 1],
      [288, 14, 5, 1],
      [288, 14, 5, 2],
      [576, 7, 3, 1],
      [576, 7, 5, 1],
    ]) {
      const O = Math.ceil(H / stride),
        pad = Math.max(0, (O - 1) * stride + kk - H) >> 1;
      const x = m.put(floats(C * H * H, next)),
        w = m.put(floats(C * kk * kk, next)),
        b = m.put(floats(C, next));
      const y = m.out(C * O * O),
        scratch = m.out(k.depthwise_scratch(kk, stride, O, O));
      list.push({
        name: `depthwise ${C}×${H}×${H} k ${kk} stride ${stride}`,
        flops: 2 * C * O * O * kk * kk,
        run: () => k.depthwise(0, C, H, H, kk, stride, pad, pad, O, O, x, w, b, 2, y, scratch),
      });
    }
    table('depthwise, same padding, relu6', race(list), peak);
  }

  if (!only || only.includes('rest')) {
    m.reset();
    const [C, N] = [144, 784];
    const x = m.put(floats(C * N, next)),
      z = m.put(floats(C * N, next)),
      y = m.out(C * N),
      a = m.put(floats(C, next));
    const image = m.put(floats(3 * 224 * 224, next)),
      cols = m.out(27 * 12544),
      w = m.put(floats(24 * 27, next)),
      out = m.out(24 * 12544);
    table(
      'the rest (operations, not FLOP)',
      race([
        { name: 'copy', flops: C * N, run: () => k.copy(0, C * N, x, y) },
        { name: 'add', flops: C * N, run: () => k.add_planes(0, C, N, x, z, N, 1, 0, y) },
        { name: 'prelu', flops: C * N, run: () => k.prelu(0, C, N, x, a, y) },
        { name: 'sigmoid', flops: C * N, run: () => k.sigmoid(0, C * N, x, y) },
        { name: 'sum_rows', flops: C * N, run: () => k.sum_rows(0, C, N, x, 1, y) },
        { name: 'pack_t 8', flops: C * N, run: () => k.pack_t(0, C / 8, N, C, 8, x, N, y) },
        { name: 'transpose_2d', flops: C * N, run: () => k.transpose_2d(0, N, C, x, N, y, C) },
        {
          name: 'max_pool 2×2',
          flops: C * N,
          run: () => k.max_pool(0, C, 28, 28, 2, 2, 2, 2, 0, 0, 14, 14, x, y),
        },
        {
          name: 'resize 14 to 28',
          flops: C * N,
          run: () => k.resize(0, C, 14, 14, 28, 28, 0, 1, x, y),
        },
        {
          name: 'im2col 3×3 stride 2 at 224',
          flops: 27 * 12544,
          run: () =>
            k.im2col(
              0,
              3,
              224,
              224,
              3,
              3,
              2,
              2,
              1,
              1,
              0,
              0,
              112,
              112,
              image,
              cols,
              12544,
              12544,
              0,
            ),
        },
        {
          name: 'the same in panels of 8',
          flops: 27 * 12544,
          run: () =>
            k.im2col(0, 3, 224, 224, 3, 3, 2, 2, 1, 1, 0, 0, 112, 112, image, cols, 8, 8, 216),
        },
        {
          name: 'and dense 24×27×12544',
          flops: 2 * 24 * 27 * 12544,
          run: () =>
            k.dense(0, 24, 27, 12544, w, 27, cols, 12544, 12544, 0, 0, 2, out, 12544, 12544, 12),
        },
      ]),
      peak,
    );
  }
}
