// The law of sparsifiers inside kernels: what a kernel prunes is, to the bit, what the sparsifier leaves of what the
// kernel makes.
import { emit, type Engine } from '@lacuna/engine';
import { toDense, type Op, type Tensor } from '@lacuna/ir';
import { threshold } from '@lacuna/sparsifiers';
import { claim, randomCall, type CaseMaker, type Law } from '@lacuna/testing';
import { layouts } from '@lacuna/layouts';

/** Laws of an op on an engine whose kernels may take sparsifiers. */
export function prunedLaws(engine: Engine, op: Op, make: CaseMaker): readonly Law[] {
  return [
    {
      name: 'what is pruned inside is what is left of the whole',
      async run(random) {
        const { inputs, attrs, words } = randomCall(random, op, make, {
          layouts: [layouts, layouts],
        });
        const how = threshold({ value: random.pick([0, 0.1, 0.3, 1]) });
        const given = inputs.flatMap((t) => (t ? [engine.put(t)] : []));
        const compiled = [false, true].map((pruned) =>
          engine.compile((...tensors: readonly Tensor[]) => {
            const from = tensors.values();
            const y = op(...inputs.map((t) => t && from.next().value), attrs);
            return pruned ? emit(y, { sparsify: how }) : y;
          }),
        );
        const made: Tensor[] = [];
        try {
          made.push(compiled[0]!(...given));
          // Of a number without a magnitude a sparsifier says nothing but that.
          if (!toDense(await engine.get(made[0]!)).every((x) => Number.isFinite(x))) return;
          made.push(compiled[1]!(...given));
          const [whole, left] = await Promise.all(
            made.map(async (t) => toDense(await engine.get(t))),
          );
          const kept = how.keep(whole!, made[0]!.shape);
          const at = whole!.findIndex((x, e) => !Object.is(left![e], kept[e] ? x : 0));
          claim(at < 0, () => `${words}: of ${whole![at]}, ${how.print()} left ${left![at]}`);
        } finally {
          for (const run of compiled) run.dispose();
          for (const t of [...made, ...given]) t.dispose();
        }
      },
    },
  ];
}
