// __name__: of each pair of neighbours the larger is kept, the first of equals.
//
//     3 1 | 2 -5 | 4 4      3 . | . -5 | 4 .
//
// A sparsifier sees numbers, not storage: it says for each whether it is kept. What flows back is its to say too.
import { sparsifier, type Plugin, type Sparsifier } from '@lacuna/ir';

/** What {@link __name__} is told. */
export interface Options {
  /** How much what was dropped shrinks a step, as in SR-STE; default 0.0002. */
  readonly decay?: number;
}

/** Keeps the larger of each pair of neighbours along the last dimension. */
export function __name__({ decay = 0.0002 }: Options = {}): Sparsifier {
  return sparsifier({
    name: '__name__',
    kind: 'blocking',
    params: {},
    backward: { decay },
    keep(numbers, shape) {
      const width = shape.at(-1) ?? 1;
      const kept = new Uint8Array(numbers.length);
      for (let first = 0; first < numbers.length; first += width)
        for (let j = 0; j < width; j += 2) {
          const [a, b] = [first + j, first + j + 1];
          const second = j + 1 < width && Math.abs(numbers[b]!) > Math.abs(numbers[a]!);
          kept[second ? b : a] = 1;
        }
      return kept;
    },
  });
}

/** The plug-in: `createEngine(wasm(), { plugins: [plugin()] })`. */
export default (): Plugin => ({ name: '__name__', sparsifiers: [__name__()] });
