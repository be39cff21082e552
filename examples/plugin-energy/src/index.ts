// Energy: of each row, the fewest numbers whose squares add up to a share of the row's.
//
//     3 0 -4 1      energy({ share: 0.9 }):  16 + 9 = 25 of 26 suffice, so 3 and −4 are kept
//     2 2  2 2      every number is needed for 90 %: four are kept
//
// How many are kept follows from the numbers: rows in which a few stand out lose the most. While it is new, what
// was dropped still learns a little: `backward` says how much of the gradient goes through the holes.
import { sparsifier, type Plugin, type Sparsifier } from '@lacuna/ir';

/** What {@link energy} is told. */
export interface EnergyOptions {
  /** The share of each row's sum of squares that is kept, from 0 to 1. */
  readonly share: number;
  /** The part of the gradient that what was dropped gets, from 0 to 1; default 0.5. */
  readonly leak?: number;
}

/** Keeps the fewest numbers of each row (of the last dimension) that hold a share of its energy. */
export function energy({ share, leak = 0.5 }: EnergyOptions): Sparsifier {
  return sparsifier({
    name: 'energy',
    kind: 'blocking',
    params: { share, leak },
    backward: { annealed: leak },
    keep(numbers, shape) {
      const width = shape.at(-1) ?? 1;
      const kept = new Uint8Array(numbers.length);
      for (let first = 0; first < numbers.length; first += width) {
        const row = Array.from(numbers.subarray(first, first + width), (x) => x * x);
        const order = row.map((_, j) => j).sort((a, b) => row[b]! - row[a]! || a - b);
        let missing = share * row.reduce((sum, e) => sum + e, 0);
        for (const j of order) {
          if (!(missing > 0)) break;
          kept[first + j] = 1;
          missing -= row[j]!;
        }
      }
      return kept;
    },
  });
}

/** The plug-in: `createEngine(wasm(), { plugins: [plugin()] })`. */
export default (): Plugin => ({ name: 'energy', sparsifiers: [energy({ share: 0.9 })] });
