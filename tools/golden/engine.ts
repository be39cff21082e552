// Gradients as an engine traces and computes them: in double precision on the reference backend, and in single
// precision on WASM, where products are sampled into the pattern of W.
import { wasm } from '@lacuna/backend-wasm';
import { createEngine, gradients, type Engine } from '@lacuna/engine';
import {
  assemble,
  flatIndex,
  isDense,
  outside,
  sizeOf,
  toDense,
  type DType,
  type FormatLike,
  type Shape,
  type Tensor,
} from '@lacuna/ir';
import { linear, meanSquaredError, multiply, sum } from '@lacuna/ops';
import { reference } from '@lacuna/reference';

/** A linear layer, and the gradient that its output gets. */
export interface Layer {
  readonly x: Tensor;
  readonly w: ArrayLike<number>;
  readonly wShape: Shape;
  readonly bias: Tensor | undefined;
  readonly gy: Tensor;
}

/** Row-major gradients; that of W is 0 where its format has no places. */
export interface LayerGradients {
  readonly backend: string;
  readonly x: ArrayLike<number>;
  readonly weight: ArrayLike<number>;
  /** 1 where W has a place. */
  readonly places: ArrayLike<number>;
  readonly bias: ArrayLike<number> | undefined;
}

const engines: readonly { readonly make: () => Promise<Engine>; readonly dtype: DType }[] = [
  { make: () => createEngine(reference()), dtype: 'float64' },
  { make: () => createEngine(wasm()), dtype: 'float32' },
];

/** The gradients of a layer with W in a format, by each engine. */
export async function layerGradients(layer: Layer, like: FormatLike): Promise<LayerGradients[]> {
  return Promise.all(
    engines.map(async ({ make, dtype }) => {
      using engine = await make();
      const put = (t: Tensor): Tensor =>
        engine.put(assemble(t.format, t.shape, toDense(t), { dtype }));
      const w = assemble(like, layer.wShape, layer.w, { dtype });
      const step = engine.compile(
        (x: Tensor, weight: Tensor, gy: Tensor, biases: readonly Tensor[]) => {
          const y = linear(x, weight, biases[0]);
          const loss = sum(multiply(y, gy));
          return gradients(loss, [x, weight, ...biases]);
        },
      );
      const biases = layer.bias ? [put(layer.bias)] : [];
      const made = step(put(layer.x), engine.put(w), put(layer.gy), biases);
      const [x, weight, bias] = await Promise.all(
        made.map(async (t) => toDense(await engine.get(t))),
      );
      return { backend: engine.name, x: x!, weight: weight!, places: placesOf(w), bias };
    }),
  );
}

/** 1 at each place that a tensor stores. */
function placesOf(w: Tensor): Uint8Array {
  const places = new Uint8Array(sizeOf(w.shape)).fill(Number(isDense(w.format)));
  if (!isDense(w.format))
    for (const flat of flatIndex(w.pattern)) if (flat !== outside) places[flat] = 1;
  return places;
}

/** One step's loss and gradients of mean((x·Wᵀ + b − t)²), W dense so that what was pruned may come back. */
export interface Step {
  readonly loss: number;
  readonly weight: ArrayLike<number>;
  readonly bias: ArrayLike<number>;
}

/** A function of W and b that gives a step, in double precision. */
export async function meanSquaredStep(
  x: Tensor,
  target: Tensor,
): Promise<(w: Tensor, b: Tensor) => Promise<Step>> {
  const engine = await createEngine(reference());
  const step = engine.compile((given: readonly Tensor[]) => {
    const [input, wanted, w, b] = given as [Tensor, Tensor, Tensor, Tensor];
    const loss = meanSquaredError(linear(input, w, b), wanted);
    return [loss, ...gradients(loss, [w, b])];
  });
  return async (w, b) => {
    const made = step([x, target, w, b].map((t) => engine.put(t)));
    const [loss, weight, bias] = await Promise.all(made.map((t) => t.read()));
    return { loss: loss![0]!, weight: weight!, bias: bias! };
  };
}
