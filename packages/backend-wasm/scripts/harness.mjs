// What the checks and the benchmark share: an instance, an arena with guarded arrays, seeded random
// numbers, and matrices in each storage.
import { readFileSync, readdirSync } from 'node:fs';

/** Instances of wasm/<name>/*.wasm on one memory, or undefined where this engine refuses them. */
export function open(name, megabytes = 96) {
  const folder = new URL(`../wasm/${name}/`, import.meta.url);
  const files = readdirSync(folder).map((file) => readFileSync(new URL(file, folder)));
  if (!files.every((bytes) => WebAssembly.validate(bytes))) return undefined;
  const memory = new WebAssembly.Memory({ initial: megabytes * 16 });
  const env = { memory };
  const instances = files.map(
    (bytes) => new WebAssembly.Instance(new WebAssembly.Module(bytes), { env }),
  );
  const k = Object.assign({}, ...instances.map(({ exports }) => exports));
  return { name, k, ...arena(memory) };
}

const GUARD = 64;
const MARK = 0x7fc0dead;

function arena(memory) {
  let top = 1 << 20;
  let guarded = [];
  const take = (bytes) => {
    const at = (top + GUARD + 15) & ~15;
    top = at + bytes + GUARD;
    new Uint32Array(memory.buffer, at - GUARD, GUARD / 4).fill(MARK);
    const after = (at + bytes + 3) & ~3;
    new Uint32Array(memory.buffer, after, GUARD / 4).fill(MARK);
    guarded.push([at, after]);
    top = after + GUARD;
    return at;
  };
  return {
    reset() {
      top = 1 << 20;
      guarded = [];
    },
    /** An output of n floats, every float marked; guards are NaN, so that a stray read shows. */
    out(n) {
      const at = take(4 * n);
      new Uint32Array(memory.buffer, at, n).fill(MARK);
      return at;
    },
    put(array) {
      const at = take(array.byteLength);
      new array.constructor(memory.buffer, at, array.length).set(array);
      return at;
    },
    get: (at, n) => new Float32Array(memory.buffer, at, n),
    /** Nothing wrote outside an array since the last reset. */
    intact: () =>
      guarded.every(([at, after]) =>
        [at - GUARD, after].every((from) =>
          new Uint32Array(memory.buffer, from, GUARD / 4).every((word) => word === MARK),
        ),
      ),
  };
}

export function random(seed) {
  let s = seed >>> 0 || 1;
  return () => {
    s = (s + 0x6d2b79f5) | 0;
    let t = Math.imul(s ^ (s >>> 15), 1 | s);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const floats = (n, next) => Float32Array.from({ length: n }, () => 2 * next() - 1);

export function choose(n, m) {
  let c = 1;
  for (let i = 0; i < n; i++) c = (c * (m - i)) / (i + 1);
  return Math.round(c);
}

/** The n-subsets of 0..m in revolving-door order: neighbours differ in one member, slot for slot. */
export function order(n, m) {
  const door = (n, m) => {
    if (n === 0) return [[]];
    if (n === m) return [Array.from({ length: m }, (_, i) => i)];
    return [
      ...door(n, m - 1),
      ...door(n - 1, m - 1)
        .reverse()
        .map((p) => [...p, m - 1]),
    ];
  };
  const list = door(n, m);
  // Members that stay keep their slot.
  for (let p = 1; p < list.length; p++) {
    const fresh = list[p].filter((r) => !list[p - 1].includes(r));
    list[p] = list[p - 1].map((r) => (list[p].includes(r) ? r : fresh.shift()));
  }
  return Uint8Array.from(list.flat());
}

/** A dense [m, k] with its share of zeros, in groups of v rows that keep the same columns. */
export function sparse(m, k, density, v, next) {
  const w = new Float32Array(m * k);
  for (let group = 0; group < m; group += v) {
    for (let j = 0; j < k; j++) {
      if (next() < density)
        for (let i = group; i < Math.min(group + v, m); i++) w[i * k + j] = 2 * next() - 1;
    }
  }
  return w;
}

export function toRows(w, m, k, v, Crd) {
  const pos = [0],
    crd = [],
    values = [];
  for (let group = 0; group < m; group += v) {
    for (let j = 0; j < k; j++) {
      const column = Array.from({ length: v }, (_, r) =>
        group + r < m ? w[(group + r) * k + j] : 0,
      );
      if (column.some((x) => x !== 0)) {
        crd.push(j);
        values.push(...column);
      }
    }
    pos.push(crd.length);
  }
  return { pos: Uint32Array.from(pos), crd: Crd.from(crd), values: Float32Array.from(values) };
}

/** A random n:m:g matrix: its storage and its dense form, rows along the block (or columns: `along`). */
export function grouped(rows, columns, n, m, g, Crd, next, along = false) {
  const patterns = choose(n, m),
    span = patterns * g,
    table = order(n, m);
  const [outer, inner] = along ? [columns, rows] : [rows, columns];
  const blocks = Math.ceil(outer / m),
    chunks = Math.ceil(inner / span);
  const crd = new Crd(chunks * blocks * span),
    values = new Float32Array(crd.length * n);
  const dense = new Float32Array(rows * columns);
  for (let chunk = 0, e = 0; chunk < chunks; chunk++) {
    for (let block = 0; block < blocks; block++) {
      const columnsOf = Array.from({ length: span }, (_, i) => i);
      for (let i = span - 1; i > 0; i--) {
        const j = Math.floor(next() * (i + 1));
        [columnsOf[i], columnsOf[j]] = [columnsOf[j], columnsOf[i]];
      }
      for (let p = 0; p < patterns; p++) {
        for (let t = 0; t < g; t++, e++) {
          crd[e] = columnsOf[p * g + t];
          for (let s = 0; s < n; s++) {
            const o = block * m + table[p * n + s],
              i = chunk * span + crd[e];
            if (o < outer && i < inner)
              dense[along ? i * columns + o : o * columns + i] = values[e * n + s] = 2 * next() - 1;
          }
        }
      }
    }
  }
  return { crd, values, table, patterns, dense, blocks, chunks };
}
