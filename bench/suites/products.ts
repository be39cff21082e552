// Suites of one product Y = W · X: our dense product and the dense peers in every race, and the layouts of
// the suite at every sparsity beside them.
import { csr, dense, printFormat, type Format } from '@lacuna/lacuna';
import type { Way } from '../contenders/lacuna.js';
import { run, type Entry } from '../field.js';
import { format, type SuiteName } from '../options.js';
import { makeInput, ownSparsity, type Weights } from '../problem.js';
import type { Absent, Shape } from '../report.js';
import { Screen } from './screen.js';
import { own, peer, Shelf, type Context, type Suite } from './suite.js';

/** A layout with the ways in which it is called. */
interface Line {
  readonly format: Format;
  readonly ways: readonly Way[];
  /** In place of the sparsities of the options. */
  readonly sparsities?: readonly number[];
}

/** What makes a suite of products. */
interface Products {
  readonly suite: SuiteName;
  readonly lines: readonly Line[];
  /** Ways to call our dense product, beside `plan`. */
  readonly denseWays?: readonly Way[];
  /** Races at these N only, and these sides beside the usual. */
  readonly only?: (n: number) => boolean;
  readonly also?: readonly Shape[];
  /** Sparse peers take part too. */
  readonly sparsePeers?: boolean;
}

/** Makes a suite of products. */
export function products(spec: Products): Suite {
  return async function* (context) {
    const { options, peaks, race, peers } = context;
    const { suite, only = () => true, also = [] } = spec;
    const shelf = new Shelf(options.seed);
    const screen = new Screen(2 * race.patience);
    const asked = options.shapes.filter(([, , n]) => only(n));
    let [lastM, lastK] = [0, 0];
    for (const shape of options.quick ? asked : [...asked, ...also]) {
      const [m, k, n] = shape;
      if (m !== lastM || k !== lastK) shelf.clear();
      [lastM, lastK] = [m, k];
      const refused: Absent[] = [];
      const entries = denseEntries(context, spec, shelf, shape);
      for (const line of lines(context, spec)) {
        for (const weights of weightsOf(context, spec, shelf, shape, line, refused)) {
          entries.push(...line.ways.map((way) => own(context, way, weights)));
          if (!spec.sparsePeers || line.format.layout !== csr) continue;
          for (const each of peers.filter((p) => p.role === 'sparse peer'))
            entries.push(peer(each, weights, await screen.refuses(each, weights, n)));
        }
      }
      const outcome = await run(
        {
          suite,
          shape,
          input: makeInput(k, n, options.seed),
          entries,
          threads: options.threads,
        },
        peaks,
        race,
      );
      yield { ...outcome, absent: [...refused, ...outcome.absent] };
    }
  };
}

function lines({ options }: Context, { lines: usual }: Products): readonly Line[] {
  if (options.layouts.length === 0) return usual;
  // Loads are counted of plans alone, and large products take long where they are.
  const ways: readonly Way[] = options.loads ? ['plan'] : ['plan', 'linear', 'eager'];
  return options.layouts.filter((l) => l !== 'dense').map((l) => ({ format: format(l), ways }));
}

function denseEntries(
  context: Context,
  { denseWays = [] }: Products,
  shelf: Shelf,
  [m, k]: Shape,
): Entry[] {
  const weights = shelf.get(m, k, dense(), 0);
  const ways: readonly Way[] = ['plan', ...denseWays];
  return [
    ...ways.map((way) => own(context, way, weights)),
    ...context.peers.filter((p) => p.role !== 'sparse peer').map((p) => peer(p, weights)),
  ];
}

/** Weights of a format at each sparsity that it can have; why not goes into `refused`. */
function weightsOf(
  { options }: Context,
  { suite }: Products,
  shelf: Shelf,
  shape: Shape,
  { format, sparsities = options.sparsities }: Line,
  refused: Absent[],
): Weights[] {
  const [m, k] = shape;
  const fixed = ownSparsity(format);
  return (fixed === undefined ? sparsities : [fixed]).flatMap((sparsity) => {
    try {
      return [shelf.get(m, k, format, sparsity)];
    } catch (error) {
      const why = `no such weights: ${(error as Error).message}`;
      refused.push({ suite, contender: 'lacuna', layout: printFormat(format), shape, why });
      return [];
    }
  });
}
