// What formats can hold: a sparsifier for each.
import {
  fixedMask,
  magnitude,
  nmgMagnitude,
  nmMagnitude,
  vnmMagnitude,
  type Format,
  type Shape,
  type Sparsifier,
} from '../src/index.js';

/** A sparsifier that keeps what a format can hold. */
export function holding({ layout, params }: Format, [rows = 0, columns = 0]: Shape): Sparsifier {
  const [n, m, g, v, along, group] = ['n', 'm', 'g', 'v', 'along', 'group'].map(
    (name) => params[name]!,
  );
  switch (layout.layoutName) {
    case 'nm':
      return nmMagnitude({ n: n!, m: m!, along: along! });
    case 'nmg':
      return nmgMagnitude({ n: n!, m: m!, g: g!, along: along!, group: group! });
    case 'vnm':
      return vnmMagnitude({ v: v!, n: n!, m: m! });
    case 'butterfly': {
      const h = params['h']!;
      const on = (i: number, j: number): boolean =>
        Math.floor(i / (2 * h)) === Math.floor(j / (2 * h)) && i % h === j % h;
      return fixedMask(
        Array.from({ length: rows * columns }, (_, at) =>
          Number(on(Math.floor(at / columns), at % columns)),
        ),
      );
    }
    default:
      return magnitude({ fraction: 0.5 });
  }
}
