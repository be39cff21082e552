// How one call runs, forward and backward, as an engine reports it; what comes of it is held against a bound.
import { createEngine, gradients, type Engine } from '@lacuna/engine';
import {
  assemble,
  dense,
  isDense,
  outputType,
  sizeOf,
  toDense,
  unitRoundoff,
  type Op,
  type Tensor,
} from '@lacuna/ir';
import { multiply, sum } from '@lacuna/ops';
import {
  boundOf,
  carried,
  firstOutside,
  placesOf,
  Random,
  smallest,
  type OpCall,
} from '@lacuna/testing';
import type { BackendAxis } from './axes.ts';

/** How a cell runs, the best first. */
export type Way = 'kernel' | 'hop' | 'reference' | 'none';

const order: readonly Way[] = ['kernel', 'hop', 'reference', 'none'];
export const worst = (a: Way, b: Way): Way => (order.indexOf(a) > order.indexOf(b) ? a : b);

/** An engine, and the ways that were taken since it was last asked. */
export interface Watched extends Pick<BackendAxis, 'dtypes'> {
  readonly engine: Engine;
  readonly taken: () => Way;
}

export async function watch({ make, dtypes }: BackendAxis): Promise<Watched> {
  let way: Way = 'kernel';
  const engine = await createEngine(make(), {
    on: (event) => {
      if (event.type === 'fallback') way = worst(way, 'reference');
      if (event.type === 'convert') way = worst(way, 'hop');
    },
  });
  const taken = (): Way => {
    const was = way;
    way = 'kernel';
    return was;
  };
  return { engine, taken, dtypes };
}

/** @throws Error where a number is outside of the op's bound. */
export async function forward({ engine, taken }: Watched, op: Op, call: OpCall): Promise<Way> {
  const given = call.inputs.map((t) => t && engine.put(t));
  taken();
  const y = op(...given, call.attrs);
  const way = taken();
  const got = toDense(await engine.get(y));
  const at = firstOutside(got, boundOf(op, call.inputs, call.attrs, y.dtype));
  if (at >= 0) throw new Error(`${call.words} on ${engine.name}: number ${at} is ${got[at]}`);
  for (const t of [...given, y]) t?.dispose();
  return way;
}

/**
 * @throws Error where the gradient is not stored as the operand is, or a number is not the dense gradient's at the
 * operand's places and 0 elsewhere, within the bound that is carried through the op's rule.
 */
export async function backward(
  { engine, taken }: Watched,
  op: Op,
  call: OpCall,
  which: number,
): Promise<Way> {
  const given = call.inputs.flatMap((t) => (t ? [engine.put(t)] : []));
  const dtype = outputType(
    call.inputs.map((t) => t?.dtype),
    op,
  );
  let dy: Tensor | undefined;
  const step = engine.compile((tensors: readonly Tensor[]) => {
    const from = tensors.values();
    const all = call.inputs.map((t) => (t ? from.next().value : undefined));
    const y = op(...all, call.attrs);
    const random = new Random(1);
    const numbers = Float32Array.from({ length: sizeOf(y.shape) }, () => random.next() - 0.5);
    dy = assemble(dense(), y.shape, numbers, { dtype });
    const loss = sum(multiply(y, dy), { axes: y.shape.map((_, dim) => dim) });
    return gradients(loss, [all[which]!]);
  });
  taken();
  const [made] = step(given);
  const reported = taken();
  const target = call.inputs[which]!;
  const words = `the gradient of ${call.words} on ${engine.name}`;
  const own = isDense(target.format) ? isDense(made!.format) : made!.pattern === target.pattern;
  if (!own) throw new Error(`${words} is ${made!.toString()}`);
  check(words, await engine.get(made!), target, carried(op, call.inputs, call.attrs, dy!)[which]);
  const hops = / (densify|restrict)\(/.test(step.explain());
  step.dispose();
  for (const t of [...given, made!]) t.dispose();
  return hops ? worst(reported, 'hop') : reported;
}

/** Holds a gradient against the rule in double precision; storing it adds half a step of its type. */
function check(
  words: string,
  gradient: Tensor,
  target: Tensor,
  expected: ReturnType<typeof carried>[number],
): void {
  if (!expected) throw new Error(`${words} is no part of its rule`);
  const [got, places] = [toDense(gradient), placesOf(target)];
  const [u, least] = [unitRoundoff(gradient.dtype), smallest(gradient.dtype)];
  expected.exact.forEach((y, at) => {
    if (places[at] && !Number.isFinite(y)) return; // where mathematics has none, such as √0
    const exact = places[at] ? y : 0;
    const within = places[at] ? expected.tolerance![at]! + u * Math.abs(y) + least : 0;
    if (
      firstOutside([got[at]!], {
        exact: Float64Array.of(exact),
        tolerance: Float64Array.of(within),
      }) < 0
    )
      return;
    throw new Error(
      `${words}: number ${at} is ${got[at]}, and should be ${exact}, within ${within}`,
    );
  });
}
