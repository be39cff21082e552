// The four words of STen in a rule: inline sparsifier -> temporary layout -> external sparsifier -> layout. What the
// inline one drops the external one does not see; together they are one sparsifier.
import {
  formatOf,
  isDense,
  parseFormat,
  printFormat,
  sparsifier,
  SparseError,
  type Emit,
  type Format,
  type FormatLike,
  type Layout,
  type Numbers,
  type Shape,
  type Sparsifier,
} from '@lacuna/ir';
import { layouts as ours } from '@lacuna/layouts';
import {
  parseSchedule,
  parseSparsifier,
  scheduled,
  type Schedule,
  type ScheduleMaker,
  type SparsifierMaker,
} from '@lacuna/sparsifiers';

/** How a rule says what is kept, where it is stored, and when: by `sparsifier`, or by the words it stands for. */
export interface Words {
  /** Inline where it looks at one number, external where it must see more. */
  readonly sparsifier?: string | Sparsifier;
  /** Looks at one number at a time, first. */
  readonly inline?: string | Sparsifier;
  /** Holds what the inline one keeps, until the external one has seen it. */
  readonly temporary?: string | FormatLike;
  /** Sees what the inline one left. */
  readonly external?: string | Sparsifier;
  /** How what is kept is stored; dense with zeros where nothing is said. */
  readonly layout?: string | FormatLike;
  /** When how much is dropped: sets the fraction, or the n:m, of the external sparsifier, or of the only one. */
  readonly schedule?: string | Schedule;
  /** One after the other: each that the rule catches begins the schedule so many steps after the one before. */
  readonly delay?: number;
}

/** What text in rules may name beside what comes with Lacuna. */
export interface RuleNames {
  /** Layouts; default all that come with Lacuna. */
  readonly layouts?: readonly Layout[];
  /** As `parseSparsifier` takes them. */
  readonly sparsifiers?: Readonly<Record<string, SparsifierMaker>>;
  /** As `parseSchedule` takes them. */
  readonly schedules?: Readonly<Record<string, ScheduleMaker>>;
}

/** The words of a rule, read. */
export interface Said {
  /** The four words; those that were not said are absent. */
  readonly emit: Emit;
  readonly schedule?: Schedule;
}

/**
 * Reads a rule's words.
 *
 * @throws SparseError `unsupported` for no word of what is kept, for `sparsifier` beside a word that it stands for, for
 * an inline one that must see more than one number, and for a schedule that has nothing to set; whatever parsing throws.
 */
export function readWords(words: Words, names: RuleNames = {}): Said {
  const { sparsifier: short, layout, temporary, schedule } = words;
  const read = (how: string | Sparsifier | undefined): Sparsifier | undefined =>
    typeof how === 'string' ? parseSparsifier(how, names.sparsifiers) : how;
  const format = (like: string | FormatLike | undefined): Format | undefined =>
    typeof like === 'string' ? parseFormat(like, names.layouts ?? ours) : like && formatOf(like);
  const hint = 'write { sparsifier, layout }, or the words inline, temporary, external, layout';
  if (short !== undefined && (words.inline ?? words.external) !== undefined)
    throw new SparseError('unsupported', 'a rule has sparsifier and a word that it stands for', {
      hint,
    });
  const one = read(short);
  const inline = read(words.inline) ?? (one?.kind === 'streaming' ? one : undefined);
  const external = read(words.external) ?? (one?.kind === 'streaming' ? undefined : one);
  if (!inline && !external)
    throw new SparseError('unsupported', 'a rule does not say what is kept', { hint });
  if (inline && inline.kind !== 'streaming')
    throw new SparseError(
      'unsupported',
      `${inline.print()} is ${inline.kind}, and an inline sparsifier looks at one number at a time`,
      { hint: `write external: '${inline.print()}'` },
    );
  const [between, last] = [format(temporary), format(layout)];
  const when = typeof schedule === 'string' ? parseSchedule(schedule, names.schedules) : schedule;
  const emit = {
    ...(inline && { inline }),
    ...(between && { temporary: between }),
    ...(external && { external }),
    ...(last && { layout: last }),
  };
  const said = { emit, ...(when && { schedule: when }) };
  emitAt(said, 0); // refuses a schedule that has nothing to set
  return said;
}

/** The four words as a schedule wants them at a step. An n:m layout follows its sparsifier. */
export function emitAt({ emit, schedule }: Said, step: number, place?: number): Emit {
  if (!schedule) return emit;
  const { inline, external, layout } = emit;
  const how = scheduled((external ?? inline)!, schedule, step, place);
  return {
    ...emit,
    ...(external ? { external: how } : { inline: how }),
    ...(layout && { layout: following(layout, how) }),
  };
}

/** A layout of n:m with the n:m of a sparsifier that has one. */
function following({ layout, params, codec }: Format, { params: of }: Sparsifier): Format {
  const [n, m] = [of['n'], of['m']];
  const both = params['n'] !== undefined && params['m'] !== undefined;
  const made =
    both && typeof n === 'number' && typeof m === 'number'
      ? layout({ ...params, n, m })
      : { layout, params };
  return Object.freeze({ ...made, ...(codec && { codec }) });
}

/** The one sparsifier that the words come to. */
export function sparsifierOf({ inline, external }: Emit): Sparsifier {
  return inline && external ? chained(inline, external) : (external ?? inline)!;
}

/** `magnitude(fraction=0.9) -> csr`; all four words where there is a temporary layout. */
export function printWords(emit: Emit): string {
  const { inline, temporary, external, layout } = emit;
  const formats = [temporary, layout].map((format) => format && printFormat(format));
  const words = [inline?.print(), formats[0], external?.print(), formats[1]];
  const all = temporary && !isDense(temporary);
  return words
    .map((word, k) => word ?? (all ? ['keep', 'dense', 'keep', 'dense'][k] : undefined))
    .filter((word) => word !== undefined)
    .join(' -> ');
}

/** One after the other; the second says what flows back. */
function chained(first: Sparsifier, second: Sparsifier): Sparsifier {
  const left = (numbers: Numbers, shape: Shape): Numbers => {
    const kept = first.keep(numbers, shape);
    return numbers.map((x, at) => (kept[at] ? x : 0));
  };
  const { score, at, backward, needs } = second;
  const both = sparsifier({
    name: `${first.print()} -> ${second.print()}`,
    kind: second.kind,
    params: second.params,
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
