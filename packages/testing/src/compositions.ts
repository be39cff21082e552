// Laws of compositions: applied by its parts, a composition is the matrix that it stands for.
import {
  joined,
  mapParts,
  printComposition,
  productOf,
  storedOf,
  sumOf,
  takenApart,
  tensorsOf,
  writtenOut,
  bytesOfParts,
  type Part,
} from '@lacuna/compositions';
import {
  assemble,
  dense,
  makeTensor,
  sizeOf,
  Tensor,
  toDense,
  unitRoundoff,
  valueCount,
  type Home,
  type Layout,
  type Shape,
} from '@lacuna/ir';
import { linear, matmul } from '@lacuna/ops';
import { gamma } from './bound.js';
import { claim, type Law } from './law.js';
import { randomNumbers } from './numbers.js';
import type { Random } from './random.js';
import { placeIn, randomTensor } from './sample.js';

/** What is put to the laws: ours, or another's. */
export interface Composing {
  readonly linear: (x: Tensor, w: Part, bias?: Tensor) => Tensor;
  readonly matmul: (
    a: Part,
    b: Part,
    attrs: { transposeA: boolean; transposeB: boolean },
  ) => Tensor;
  readonly writtenOut: (part: Part) => Tensor;
}

const ours: Composing = { linear, matmul, writtenOut };

/** A home that computes each op by its reference, in double precision. */
const oracle: Home = {
  name: 'oracle',
  apply(op, inputs, attrs) {
    const shape = op.spec.infer(
      inputs.map((t) => t?.shape),
      attrs,
    );
    return there(assemble(dense, shape, op.spec.reference(inputs, attrs), { dtype: 'float64' }));
  },
};

/** The same tensor, with the oracle as its home. */
function there(t: Tensor): Tensor {
  const read = (): Promise<typeof t.values> => Promise.resolve(t.values.slice());
  return new Tensor(t.pattern, t.dtype, { home: oracle, values: t.values, read, free: () => {} });
}

/** What compositions of tensors in `layouts` must keep to. */
export function compositionLaws(layouts: readonly Layout[], how: Composing = ours): readonly Law[] {
  return [
    {
      name: 'a composition is applied as the matrix that it stands for',
      run(random) {
        const w = randomPart(random, random.extent() + 1, random.extent() + 1, 2, layouts);
        const [rows, columns] = w.shape as [number, number];
        const x = whole(random, [random.whole(1, 3), columns]);
        const bias = random.chance(0.5) ? whole(random, [rows]) : undefined;
        const got = how.linear(there(x), mapParts(w, there), bias && there(bias));
        within(product(x, magnitudes(w), how.writtenOut(w), bias), got, w);
      },
    },
    {
      name: 'either operand of a product may be composed, and turned',
      run(random) {
        const w = randomPart(random, random.extent() + 1, random.extent() + 1, 2, layouts);
        const [rows, columns] = w.shape as [number, number];
        const turned = random.chance(0.5);
        const x = whole(random, [2, turned ? columns : rows]);
        const y = mapParts(w, there);
        // x·w and x·wᵀ, and the transposes of both: wᵀ·xᵀ and w·xᵀ.
        const a = how.matmul(there(x), y, { transposeA: false, transposeB: turned });
        const b = how.matmul(y, there(x), { transposeA: !turned, transposeB: true });
        const [m, out] = [turned ? magnitudes(w) : flip(magnitudes(w)), how.writtenOut(w)];
        const right = product(x, m, turned ? out : flip(out));
        within(right, a, w);
        within(right, flip(b), w);
      },
    },
    {
      name: 'a composition counts its parts, and survives being taken apart',
      run(random) {
        const w = randomPart(random, random.extent() + 1, random.extent() + 1, 2, layouts);
        const parts = tensorsOf(w);
        const words = printComposition(w);
        claim(storedOf(w) === parts.reduce((n, t) => n + t.stored, 0), `${words}: stored values`);
        claim(bytesOfParts(w) === parts.reduce((n, t) => n + t.bytes, 0), `${words}: bytes`);
        const again = joined(takenApart({ w })).get('w')!;
        claim(
          printComposition(again) === words,
          `${words} came back as ${printComposition(again)}`,
        );
        claim(
          tensorsOf(again).every((t, at) => t === parts[at]),
          `${words} came back with other parts`,
        );
      },
    },
  ];
}

/** A tensor, or a sum or product of such, of a given shape. */
function randomPart(
  random: Random,
  rows: number,
  columns: number,
  depth: number,
  layouts: readonly Layout[],
): Part {
  const kind = depth === 0 ? 'tensor' : random.pick(['tensor', 'sum', 'product'] as const);
  if (kind === 'tensor') {
    const place = placeIn(random, random.pick(layouts), [rows, columns]);
    return place ? randomTensor(random, place) : whole(random, [rows, columns]);
  }
  if (kind === 'sum')
    return sumOf(
      ...Array.from({ length: random.whole(1, 3) }, () =>
        randomPart(random, rows, columns, depth - 1, layouts),
      ),
    );
  const inner = random.whole(1, 4);
  return productOf(
    randomPart(random, rows, inner, depth - 1, layouts),
    randomPart(random, inner, columns, depth - 1, layouts),
  );
}

const whole = (random: Random, shape: Shape): Tensor =>
  assemble(dense, shape, randomNumbers(random, sizeOf(shape)));

/** The composition of absolute parts, written out: what errors grow with. */
function magnitudes(w: Part): Tensor {
  return writtenOut(
    mapParts(w, (t) =>
      makeTensor(
        t.pattern,
        'float64',
        Float64Array.from(t.values, (v) => Math.abs(v)),
      ),
    ),
  );
}

interface Expected {
  readonly exact: Float64Array;
  readonly sizes: Float64Array;
  readonly terms: number;
}

/** x·wᵀ + bias, and the product of absolute values. */
function product(x: Tensor, size: Tensor, w: Tensor, bias?: Tensor): Expected {
  const [count, inner, rows] = [x.shape[0]!, x.shape[1]!, w.shape[0]!];
  const [a, b, m, add] = [toDense(x), toDense(w), toDense(size), bias && toDense(bias)];
  const [exact, sizes] = [new Float64Array(count * rows), new Float64Array(count * rows)];
  for (let at = 0; at < exact.length; at++) {
    const [n, i] = [Math.floor(at / rows), at % rows];
    exact[at] = add ? add[i]! : 0;
    sizes[at] = Math.abs(exact[at]!);
    for (let k = 0; k < inner; k++) {
      exact[at]! += a[n * inner + k]! * b[i * inner + k]!;
      sizes[at]! += Math.abs(a[n * inner + k]!) * m[i * inner + k]!;
    }
  }
  return { exact, sizes, terms: inner };
}

function flip(t: Tensor): Tensor {
  const [rows, columns] = [t.shape[0]!, t.shape[1]!];
  const from = toDense(t);
  const turned = Float64Array.from(
    from,
    (_, at) => from[(at % rows) * columns + Math.floor(at / rows)]!,
  );
  return assemble(dense, [columns, rows], turned, { dtype: 'float64' });
}

function within({ exact, sizes, terms }: Expected, got: Tensor, w: Part): void {
  const numbers = toDense(got);
  const roundings = tensorsOf(w).reduce((n, t) => n + valueCount(t.pattern), 2 * terms + 8);
  const factor = gamma(2 * roundings, unitRoundoff('float64'));
  const at = exact.findIndex((y, e) => !(Math.abs(y - numbers[e]!) <= factor * sizes[e]!));
  claim(
    numbers.length === exact.length && at < 0,
    () => `${printComposition(w)}: number ${at} is ${numbers[at]}, and should be ${exact[at]}`,
  );
}
