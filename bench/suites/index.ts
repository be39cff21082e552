// Every suite by name.
import { bcsr, csr, nm, nmg } from '@lacuna/lacuna';
import type { SuiteName } from '../options.js';
import { convert } from './convert.js';
import { growth } from './growth.js';
import { layers } from './layers.js';
import { network } from './network.js';
import { overhead } from './overhead.js';
import { products } from './products.js';
import { startup } from './startup.js';
import type { Suite } from './suite.js';
import { threads } from './threads.js';
import { train } from './train.js';

const plan = ['plan'] as const;
const everyWay = ['plan', 'run', 'linear', 'eager'] as const;

/** n, m, g: STen's own, those of the issue, and n = 1. */
const grouped = [
  [2, 4, 1],
  [2, 4, 4],
  [2, 4, 8],
  [2, 4, 16],
  [2, 4, 32],
  [2, 8, 8],
  [2, 10, 8],
  [3, 6, 8],
  [4, 8, 8],
  [5, 12, 1],
  [1, 4, 4],
  [1, 4, 8],
  [1, 8, 8],
  [1, 10, 8],
] as const;

/** What each suite does. */
export const suites: Readonly<Record<SuiteName, Suite>> = {
  startup,
  dense: products({ suite: 'dense', lines: [], denseWays: ['linear', 'run', 'eager'] }),
  unstructured: products({
    suite: 'unstructured',
    lines: [{ format: csr(), ways: everyWay }],
    sparsePeers: true,
  }),
  rowgroup: products({
    suite: 'rowgroup',
    lines: [2, 4, 6, 8, 16].map((v) => ({ format: bcsr(v, 1), ways: plan })),
  }),
  nmg: products({
    suite: 'nmg',
    lines: grouped.map(([n, m, g]) => ({
      format: nmg(n, m, g),
      ways: g === 8 && n === 2 ? (['plan', 'linear'] as const) : plan,
    })),
    denseWays: ['linear'],
  }),
  nm: products({
    suite: 'nm',
    lines: [
      ...[nm(2, 4), nm(2, 4, 0), nm(1, 4), nm(1, 4, 0)].map((format) => ({ format, ways: plan })),
      { format: csr(), ways: plan, sparsities: [0.5, 0.75] },
    ],
  }),
  matvec: products({
    suite: 'matvec',
    lines: [csr(), bcsr(4, 1), bcsr(16, 1), nmg(2, 4, 8)].map((format) => ({ format, ways: plan })),
    only: (n) => n === 1,
    also: [[4096, 4096, 1]],
  }),
  layers,
  overhead,
  convert,
  network,
  growth,
  threads,
  train,
};
