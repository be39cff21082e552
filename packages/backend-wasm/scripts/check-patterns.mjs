// Kernels that make patterns, against plain loops.
import { sparse, toRows } from './harness.mjs';

/** Numbers with every kind of zero and of what only looks like one. */
const odd = [0, -0, NaN, Infinity, -Infinity, 2 ** -149, -1];

export function checkPatterns({ m, next, test }) {
  const { k } = m;
  const { buffer } = m.get(0, 0);
  const same = (at, list, what) => {
    const got = new list.constructor(buffer, at, list.length);
    list.forEach((want, i) => {
      if (!Object.is(got[i], want)) throw new Error(`${what} ${i}: ${got[i]}, want ${want}`);
    });
  };
  const sides = [
    [0, 3],
    [3, 0],
    [1, 1],
    [1, 4],
    [2, 5],
    [5, 7],
    [33, 17],
    [9, 260],
  ];
  for (const [rows, columns] of sides)
    for (const density of [0, 0.1, 0.5, 1])
      for (const Crd of [Uint16Array, Uint32Array])
        test(`nonzero ${rows}×${columns} at ${density}, ${Crd.name}`, () => {
          const w = sparse(rows, columns, density, 1, next);
          for (let at = 0; at < w.length; at += 1 + Math.floor(9 * next()))
            w[at] = odd[Math.floor(odd.length * next())];
          const want = toRows(w, rows, columns, 1, Crd);
          const stored = want.values.length;
          const [x, pos] = [m.put(w), m.out(rows + 1)];
          const [crd, values] = [m.put(new Crd(stored).fill(7)), m.out(stored)];
          const words = m.put(new Float64Array(rows * Math.ceil(columns / 64)));
          const run = (parts, capacity) => {
            for (const [from, to] of parts) k.nonzero_count(from, to, columns, x, pos, words);
            k.sum_counts(0, 1, rows, pos);
            const places = [pos, crd, Crd.BYTES_PER_ELEMENT, values];
            const args = [rows, columns, x, ...places, capacity, words];
            for (const [from, to] of parts) k.nonzero_fill(from, to, ...args);
          };
          if (stored > 0) {
            run([[0, rows]], stored - 1);
            same(pos, want.pos, 'pos');
            same(crd, new Crd(stored).fill(7), 'beyond its capacity it wrote crd');
          }
          const cut = Math.floor(rows / 3);
          const orders = [
            [[0, rows]],
            [
              [cut, rows],
              [0, cut],
            ],
          ];
          for (const parts of orders) {
            m.get(values, stored).fill(77);
            run(parts, stored);
            same(pos, want.pos, 'pos');
            same(crd, want.crd, 'crd');
            same(values, want.values, 'value');
          }
        });
}
