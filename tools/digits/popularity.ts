// Prune and grow on an embedding: 1000 items of 32 numbers, half of them stored, are fitted to a table of rank 4.
// Items are met by popularity, 1/rank; places should change most where items are met most.
import { assemble, dense, flatIndex, type Tensor } from '@lacuna/ir';
import { embedding, meanSquaredError, multiply, reshape, slice, sum } from '@lacuna/ops';
import {
  constantRate,
  pruneAndGrow,
  randomOf,
  sgd,
  sparsifyModel,
  takeSteps,
  Trainer,
  xavier,
  type Data,
  type Model,
} from '@lacuna/train';
import type { Claim } from './claims.js';

const [users, items, width, rank, ratings] = [200, 1000, 32, 4, 20_000];
const normal = (seed: string, count: number): Float32Array => {
  const random = randomOf(1, seed);
  return Float32Array.from({ length: count }, () => random.normal());
};

/** Ratings of items by users, and how often each item is met. */
function table(): { readonly data: Data; readonly met: Float64Array } {
  const [u, v] = [normal('users', users * rank), normal('items', items * rank)];
  const random = randomOf(1, 'ratings');
  const weights = Array.from({ length: items }, (_, k) => 1 / (k + 1));
  const ends: number[] = [];
  for (const w of weights) ends.push((ends.at(-1) ?? 0) + w);
  const met = new Float64Array(items);
  const [pairs, wanted] = [new Float32Array(2 * ratings), new Float32Array(ratings)];
  for (let at = 0; at < ratings; at++) {
    const user = Math.floor(random.uniform() * users);
    const place = random.uniform() * ends.at(-1)!;
    const item = ends.findIndex((end) => end > place);
    met[item]!++;
    pairs.set([user, item], 2 * at);
    for (let r = 0; r < rank; r++) wanted[at]! += (u[user * rank + r]! * v[item * rank + r]!) / 2;
  }
  const inputs = assemble(dense, [ratings, 2], pairs);
  return { data: { inputs, targets: assemble(dense, [ratings], wanted) }, met };
}

const model: Model = {
  parameters: {
    items: xavier([items, width], { seed: 1, name: 'items' }),
    users: xavier([users, width], { seed: 1, name: 'users' }),
  },
  forward(w, pairs) {
    const column = (at: number): Tensor =>
      reshape(slice(pairs, { begin: [0, at], size: [-1, 1] }), { shape: [-1] });
    const both = multiply(embedding(w['items'], column(1)), embedding(w['users'], column(0)));
    return sum(both, { axes: [1] });
  },
};

/** Ranks, equal numbers sharing theirs. */
function ranks(numbers: ArrayLike<number>): number[] {
  const order = Array.from(numbers, (x, at) => [x, at] as const).sort((a, b) => a[0] - b[0]);
  const found: number[] = [];
  for (let at = 0; at < order.length;) {
    let end = at;
    while (end < order.length && order[end]![0] === order[at]![0]) end++;
    for (let k = at; k < end; k++) found[order[k]![1]] = (at + end - 1) / 2;
    at = end;
  }
  return found;
}

/** Spearman's correlation: Pearson's, of ranks. */
function spearman(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const middle = (a.length - 1) / 2;
  const [x, y] = [a, b].map((numbers) => ranks(numbers).map((r) => r - middle));
  const dot = (p: readonly number[], q: readonly number[]): number =>
    p.reduce((total, v, at) => total + v * q[at]!, 0);
  return dot(x!, y!) / Math.sqrt(dot(x!, x!) * dot(y!, y!));
}

/** S14: rows whose places change follow the popularity of their items. */
export const popularity: Claim = {
  name: 'prune and grow, half of an embedding of rank 4: changes follow popularity, Spearman above 0.3',
  async run(engine) {
    const { data, met } = table();
    const sparse = sparsifyModel(model, [
      { weights: 'items', sparsifier: 'random(fraction=0.5, seed=1)', layout: 'csr' },
    ]);
    const trainer = new Trainer({
      engine,
      model: sparse,
      loss: meanSquaredError,
      optimiser: sgd({ momentum: 0.9 }),
    });
    const grow = pruneAndGrow(trainer, { names: ['items'], every: 50 });
    const changed = new Float64Array(items);
    const placesOf = async (): Promise<Set<number>> =>
      new Set(flatIndex((await trainer.parameter('items')).pattern));
    let last = await placesOf();
    await takeSteps(trainer, {
      data,
      epochs: 10,
      batch: 256,
      rate: constantRate(1),
      before: async (at) => {
        await grow(at);
        if (at.step % 50 !== 0) return;
        const now = await placesOf();
        for (const flat of now) if (!last.has(flat)) changed[Math.floor(flat / width)]!++;
        last = now;
      },
    });
    trainer.dispose();
    const found = spearman(changed, met);
    return { found: found.toFixed(2), holds: found > 0.3 };
  },
};
