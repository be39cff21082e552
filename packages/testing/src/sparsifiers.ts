// The laws of sparsifiers: what they keep is said by a mask, does not depend on anything but numbers and
// parameters, and is stored as it was.
import {
  assemble,
  dense,
  entriesOf,
  preservedMagnitude,
  sizeOf,
  sparsify,
  toDense,
  type FormatLike,
  type Shape,
  type Sparsifier,
  type Tensor,
} from '@lacuna/ir';
import { claim, type Law } from './law.js';
import { firstDifference, randomNumbers } from './numbers.js';
import type { Random } from './random.js';

/** What is known of a sparsifier. */
export interface SparsifierOptions {
  /** A format that holds whatever it keeps; default dense. */
  readonly format?: FormatLike;
  /** Number of dimensions of the tensors that it takes; default 2. */
  readonly rank?: number;
  /** Sparsifying a second time changes nothing. */
  readonly idempotent?: boolean;
}

/**
 * What a sparsifier must keep to. It may be made anew for each case, with random parameters.
 *
 * @example
 * ```ts
 * import { bcsr } from '@lacuna/layouts';
 * import { blocks } from '@lacuna/sparsifiers';
 * import { runLaw, sparsifierLaws } from '@lacuna/testing';
 * const how = blocks({ rows: 2, columns: 1, fraction: 0.5 });
 * for (const law of sparsifierLaws(() => how, () => ({ format: bcsr(2, 1) }))) await runLaw(law, { seed: 1, cases: 20 });
 * ```
 */
export function sparsifierLaws<T extends Sparsifier>(
  make: (random: Random) => T,
  about: (how: T) => SparsifierOptions = () => ({}),
): readonly Law[] {
  const sample = (
    random: Random,
  ): Sample & { readonly how: T; readonly options: SparsifierOptions } => {
    const how = make(random);
    const options = about(how);
    const shape = Array.from({ length: options.rank ?? 2 }, () => random.extent());
    const density = random.pick([0, 0.5, 1, 1]);
    const tensor = assemble(dense(), shape, randomNumbers(random, sizeOf(shape), { density }));
    return { how, options, shape, tensor, words: `${how.print()} of [${shape.join(', ')}]` };
  };
  return [
    {
      name: 'a mask has a byte for each number, 0 or 1, and as many ones as were promised',
      run(random) {
        const { how, tensor, shape, words } = sample(random);
        const kept = how.keep(toDense(tensor), shape);
        claim(kept.length === sizeOf(shape), `${words}: the mask has ${kept.length} bytes`);
        claim(
          kept.every((k) => k <= 1),
          `${words}: the mask has other bytes than 0 and 1`,
        );
        const [count, promised] = [
          kept.reduce((n, k) => n + k, 0),
          how.count?.(shape) ?? kept.length,
        ];
        claim(count <= promised, `${words} keeps ${count}, and promised ${promised}`);
      },
    },
    {
      name: 'the same numbers are kept each time, and numbers are not written to',
      run(random) {
        const { how, tensor, shape, words } = sample(random);
        const numbers = toDense(tensor);
        const [first, other] = [
          how.keep(numbers, shape),
          how.keep(numbers.slice().reverse(), shape),
        ];
        claim(other.length === first.length, `${words}: masks differ in length`);
        claim(firstDifference(numbers, toDense(tensor)) < 0, `${words} writes to the numbers`);
        claim(
          firstDifference(first, how.keep(numbers, shape)) < 0,
          `${words} keeps others the second time`,
        );
      },
    },
    {
      name: 'what is kept is stored as it was, and nothing else',
      run(random) {
        const { how, options, tensor, shape, words } = sample(random);
        const before = toDense(tensor);
        const kept = how.keep(before.slice(), shape);
        const after = sparsify(tensor, how, options.format ?? dense);
        const { index, values } = entriesOf(after);
        index.forEach((flat, e) =>
          claim(
            values[e] === before[flat] || values[e] === 0,
            () => `${words} makes ${values[e]} of ${before[flat]}`,
          ),
        );
        const numbers = toDense(after);
        const lost = kept.findIndex((k, at) => k === 1 && numbers[at] !== before[at]);
        claim(lost < 0, `${words} keeps ${before[lost]} at ${lost}, and stores ${numbers[lost]}`);
        const extra = numbers.findIndex((x, at) => x !== 0 && kept[at] === 0);
        claim(extra < 0, `${words} drops ${before[extra]} at ${extra}, and stores it`);
        const share = preservedMagnitude(tensor, after);
        claim(share >= 0 && share <= 1 + 1e-12, `${words} preserves ${share} of the magnitude`);
      },
    },
    {
      name: 'sparsifying again changes nothing, where that is promised',
      run(random) {
        const { how, options, tensor, words } = sample(random);
        if (!options.idempotent) return;
        const once = sparsify(tensor, how, dense);
        const at = firstDifference(toDense(once), toDense(sparsify(once, how, dense)));
        claim(at < 0, `${words}: number ${at} is dropped the second time`);
      },
    },
  ];
}

interface Sample {
  readonly tensor: Tensor;
  readonly shape: Shape;
  readonly words: string;
}
