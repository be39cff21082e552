// The four words of STen in a rule: inline sparsifier -> temporary layout -> external sparsifier -> layout. What the
// inline one drops the external one does not see; together they are one sparsifier.
import { sparsifier, SparseError, type Numbers, type Shape, type Sparsifier } from '@lacuna/ir';
import { parseSparsifier } from '@lacuna/sparsifiers';

/** How a rule says what is kept: by `sparsifier`, or by one or both of the words that it stands for. */
export interface Words {
  /** Inline where it looks at one number, external where it must see more. */
  readonly sparsifier?: string | Sparsifier;
  /** Looks at one number at a time, first. */
  readonly inline?: string | Sparsifier;
  /** Sees what the inline one left. */
  readonly external?: string | Sparsifier;
}

/**
 * The one sparsifier that a rule's words come to.
 *
 * @throws SparseError `unsupported` for no word, for `sparsifier` beside a word that it stands for, and for an inline
 * one that must see more than one number.
 */
export function sparsifierOfWords({ sparsifier: short, inline, external }: Words): Sparsifier {
  const hint = 'write { sparsifier, layout }, or the words inline, temporary, external, layout';
  if (short !== undefined) {
    if (inline === undefined && external === undefined) return sparsifierOf(short);
    throw new SparseError('unsupported', 'a rule has sparsifier and a word that it stands for', {
      hint,
    });
  }
  const [first, second] = [inline, external].map((how) => how && sparsifierOf(how));
  if (first && first.kind !== 'streaming')
    throw new SparseError(
      'unsupported',
      `${first.print()} is ${first.kind}, and an inline sparsifier looks at one number at a time`,
      { hint: `write external: '${first.print()}'` },
    );
  if (first && second) return chained(first, second);
  const one = first ?? second;
  if (one) return one;
  throw new SparseError('unsupported', 'a rule does not say what is kept', { hint });
}

const sparsifierOf = (how: string | Sparsifier): Sparsifier =>
  typeof how === 'string' ? parseSparsifier(how) : how;

/** One after the other; a schedule sets the fraction of the second, which also says what flows back. */
function chained(first: Sparsifier, second: Sparsifier): Sparsifier {
  const left = (numbers: Numbers, shape: Shape): Numbers => {
    const kept = first.keep(numbers, shape);
    return numbers.map((x, at) => (kept[at] ? x : 0));
  };
  const { score, at, backward, needs } = second;
  const both = sparsifier({
    name: `${first.print()} -> ${second.print()}`,
    kind: second.kind,
    params: {},
    keep(numbers, shape, auxiliary) {
      const kept = first.keep(numbers, shape);
      const more = second.keep(left(numbers, shape), shape, auxiliary);
      return kept.map((one, place) => one & more[place]!);
    },
    ...(needs && { needs }),
    ...(score && { score: (x, shape, beside) => score(left(x, shape), shape, beside) }),
    ...(at && { at: (fraction) => chained(first, at(fraction)) }),
    ...(backward && { backward }),
  });
  return Object.freeze({ ...both, print: () => both.name });
}
