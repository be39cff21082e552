// The runs of `npm run digits`: a network, how it is sparse, how it is trained.
import type { Sparsifier } from '@lacuna/ir';
import {
  adam,
  cosineRate,
  mlp,
  sgd,
  srSte,
  type GrowthOptions,
  type Model,
  type Optimiser,
  type Rate,
  type Rule,
} from '@lacuna/train';
import { convNet } from './conv.js';
import { transformer } from './transformer.js';

/** One row of the table. */
export interface DigitsRun {
  readonly name: string;
  readonly model: (seed: number) => Model;
  readonly rules: (seed: number) => readonly Rule[];
  readonly optimiser: Optimiser;
  readonly rate: Rate;
  /** Changes places as training goes. */
  readonly grow?: Omit<GrowthOptions, 'names'>;
  /** Counts changes of n:m masks from step to step. */
  readonly watch?: { readonly n: number; readonly m: number };
}

const hidden = ['layers.0.weight', 'layers.1.weight'];
const each = (about: {
  readonly sparsifier: string | Sparsifier;
  readonly layout?: string;
}): Rule[] => hidden.map((weights) => ({ weights, ...about }));
const network = {
  model: (seed: number) => mlp({ sizes: [64, 128, 128, 10], seed }),
  optimiser: sgd({ momentum: 0.9 }),
  rate: cosineRate(0.05),
};
const tenth = 'magnitude(fraction=0.9)';
const erk = (fraction: number, seed: number, layout?: string): Rule[] => [
  {
    weights: hidden,
    rescale: true,
    sparsifier: `random(fraction=${fraction}, seed=${seed})`,
    across: 'erk',
    ...(layout && { layout }),
  },
];
const nm = (decay: number): Rule[] =>
  hidden.map((weights) => srSte({ weights, n: 1, m: 16, decay }));

/** Every row: 64-128-128-10 first, with its two hidden weights sparse; then two other kinds of network. */
export const runs: readonly DigitsRun[] = [
  { ...network, name: 'dense', rules: () => [] },
  { ...network, name: 'masked, a tenth by magnitude', rules: () => each({ sparsifier: tenth }) },
  {
    ...network,
    name: 'csr, a tenth by magnitude',
    rules: () => each({ sparsifier: tenth, layout: 'csr' }),
  },
  {
    ...network,
    name: 'csr, cubic schedule to a tenth',
    rules: () =>
      hidden.map((weights) => ({
        weights,
        sparsifier: 'magnitude(fraction=0)',
        layout: 'csr',
        schedule: 'cubic(to=0.9, end=400, every=20)',
      })),
  },
  { ...network, name: 'n:m 1:16, straight-through', rules: () => nm(0) },
  { ...network, name: 'n:m 1:16, SR-STE', rules: () => nm(2e-3) },
  { ...network, name: 'csr, 2 % at random, ERK', rules: (seed) => erk(0.98, seed, 'csr') },
  {
    ...network,
    name: 'csr, 2 % ERK, prune and grow',
    rules: (seed) => erk(0.98, seed, 'csr'),
    grow: { every: 40 },
  },
  {
    name: 'convolutional net',
    model: (seed) => convNet({ seed }),
    rules: () => [],
    optimiser: adam(),
    rate: cosineRate(0.01),
  },
  {
    name: 'convolutional net, a quarter masked',
    model: (seed) => convNet({ seed }),
    rules: () => [{ weights: 'conv.1.weight', sparsifier: 'magnitude(fraction=0.75)' }],
    optimiser: adam(),
    rate: cosineRate(0.01),
  },
  {
    name: 'convolutional net, a quarter in csr',
    model: (seed) => convNet({ seed }),
    rules: () => [
      { weights: 'conv.1.weight', sparsifier: 'magnitude(fraction=0.75)', layout: 'csr' },
    ],
    optimiser: adam(),
    rate: cosineRate(0.01),
  },
  {
    name: 'convolutional net, a quarter of kernels',
    model: (seed) => convNet({ seed }),
    rules: () => [
      {
        weights: 'conv.1.weight',
        sparsifier: 'blocks(rows=1, columns=9, fraction=0.75)',
        layout: 'bcsr(1,9)',
      },
    ],
    optimiser: adam(),
    rate: cosineRate(0.01),
  },
  {
    name: 'transformer',
    model: (seed) => transformer({ seed }),
    rules: () => [],
    optimiser: adam(),
    rate: cosineRate(0.005),
  },
  {
    name: 'transformer, a quarter in csr',
    model: (seed) => transformer({ seed }),
    rules: () => [
      { weights: 'blocks.*.weight', sparsifier: 'magnitude(fraction=0.75)', layout: 'csr' },
    ],
    optimiser: adam(),
    rate: cosineRate(0.005),
  },
];
