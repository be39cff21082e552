// emit: any value, made sparse as STen's four words say. Inside a compiled function it becomes nodes of the
// graph, which say so when they are printed, and through which gradients flow as the sparsifier wants. On tensors
// it happens at once, in any layout.
//
//   inline sparsifier -> temporary layout -> external sparsifier -> layout
import {
  convert,
  dense,
  formatOf,
  host,
  isComposed,
  isDense,
  restricted,
  roomFor,
  SparseError,
  sparsify,
  toDense,
  type Auxiliary,
  type Emit,
  type EmitWord,
  type FormatLike,
  type Pattern,
  type Shape,
  type Sparsifier,
  type Tensor,
} from '@lacuna/ir';
import { gradientPruned, reshape, type PruneStep } from '@lacuna/ops';
import { refuseComposed } from './composed.js';
import { Engine } from './engine.js';
import { Tracer } from './trace.js';

/** How a value is to be sparse: the four words, or the short form `{ sparsify, layout }`, or a pattern. */
export interface EmitSpec {
  /** Inline where it decides element by element, external where it must see more. */
  readonly sparsify?: Sparsifier;
  readonly inline?: Sparsifier;
  readonly temporary?: FormatLike;
  readonly external?: Sparsifier;
  readonly layout?: FormatLike;
  /** Stores just what this pattern has places for. */
  readonly into?: Pattern;
  /** What sparsifiers need beside the value, by name. */
  readonly auxiliary?: Readonly<Record<string, Tensor>>;
}

/**
 * A value made sparse, in `layout`. Inside a compiled function its pattern is found at every run: kernels that take
 * the layout read it so, all others the numbers with zeros, and a result is a tensor of the layout where memory is
 * the host's. `into` gives the pattern instead. Words that cannot act there, such as a layout with a codec, are
 * printed in brackets.
 *
 * @throws SparseError `unsupported` for both `sparsify` and one of the words it stands for; `lossy` where a layout
 * cannot hold what is kept, at the run that finds it.
 * @example
 * ```ts
 * import { createEngine, csr, emit, relu, threshold, wasm } from '@lacuna/lacuna';
 * const engine = await createEngine(wasm());
 * const x = engine.tensor([-1, 0.1, 2, 3], [2, 2]);
 * emit(relu(x), { sparsify: threshold({ value: 1 }), layout: csr }).toString(); // 'csr [2, 2] float32, 2 stored'
 * engine.dispose();
 * ```
 */
export function emit(x: Tensor, spec: EmitSpec): Tensor {
  if (isComposed(x)) refuseComposed('emit', 'emit', x);
  const { home } = x;
  if (home instanceof Tracer) return traced(home, x, spec);
  if (home === host) return onHost(x, spec, {});
  if (!(home instanceof Engine))
    throw new SparseError('home', `emit was given a tensor of ${home.name}, which no engine runs`, {
      hint: 'make it with engine.tensor or engine.put',
    });
  if (home.tracer) return traced(home.tracer, x, spec);
  const auxiliary = Object.entries(spec.auxiliary ?? {}).map(([name, t]) => [name, onHostOf(t)]);
  return home.put(
    onHost(home.peek(x), spec, Object.fromEntries(auxiliary) as Record<string, Tensor>),
  );
}

/**
 * The value itself, inside a compiled function; the gradient that flows back to it is made sparse.
 *
 * @throws SparseError `home` outside one; `unsupported` as {@link emit}.
 * @example
 * ```ts
 * import { createEngine, emitGradient, gradients, multiply, sum, threshold, wasm } from '@lacuna/lacuna';
 * const engine = await createEngine(wasm());
 * const slope = engine.compile((x) => {
 *   const y = emitGradient(x, { sparsify: threshold({ value: 5 }) });
 *   return gradients(sum(multiply(y, y)), [x])[0]!;
 * });
 * await slope(engine.tensor([1, 2, 3], [3])).read(); // Float32Array [0, 0, 6]
 * engine.dispose();
 * ```
 */
export function emitGradient(x: Tensor, spec: Omit<EmitSpec, 'into' | 'auxiliary'>): Tensor {
  if (isComposed(x)) refuseComposed('emitGradient', 'emit', x);
  if (x.home instanceof Tracer || (x.home instanceof Engine && x.home.tracer))
    return gradientPruned(x, { steps: stepsOf(wordsOf(spec), x.shape) });
  throw new SparseError('home', 'emitGradient was called outside a traced function', {
    hint: 'call it inside the function that you give to engine.compile',
  });
}

/** The words of a spec; a short form becomes the word that it stands for. */
function wordsOf(spec: EmitSpec): Emit {
  const { sparsify: how, temporary, layout, into } = spec;
  if (how && (spec.inline ?? spec.external))
    throw new SparseError('unsupported', 'emit was given sparsify and a word that it stands for', {
      hint: 'write { sparsify, layout }, or the four words inline, temporary, external, layout',
    });
  const streaming = how?.kind === 'streaming';
  const inline = spec.inline ?? (streaming ? how : undefined);
  const external = spec.external ?? (streaming ? undefined : how);
  return {
    ...(inline && { inline }),
    ...(temporary && { temporary: formatOf(temporary) }),
    ...(external && { external }),
    ...(layout && { layout: formatOf(layout) }),
    ...(into && { into }),
  };
}

function traced(tracer: Tracer, x: Tensor, spec: EmitSpec): Tensor {
  const words = wordsOf(spec);
  const y = stepsOf(words, x.shape).reduce(
    (z, { how, emit: said }) =>
      how
        ? tracer.prune(z, how, beside(how, spec), said)
        : tracer.apply(reshape, [z], { shape: z.shape }, said),
    x,
  );
  return words.into ? tracer.into(y, words.into) : y;
}

/** The sparsifiers of some words in order, each with the words that its result is emitted by. */
function stepsOf({ inline, temporary, external, layout, into }: Emit, shape: Shape): PruneStep[] {
  const passive: EmitWord[] = [];
  if (temporary && !isDense(temporary)) passive.push('temporary');
  if (layout && !isDense(layout) && !into && !roomFor(layout, shape)) passive.push('layout');
  const about = {
    ...(temporary && { temporary }),
    ...(layout && { layout }),
    ...(passive.length > 0 && { passive }),
  };
  if (!inline && !external) return layout && !isDense(layout) && !into ? [{ emit: about }] : [];
  return [
    ...(inline ? [{ how: inline, emit: { inline, ...(external ? {} : about) } }] : []),
    ...(external ? [{ how: external, emit: { external, ...about } }] : []),
  ];
}

function beside(how: Sparsifier, { auxiliary = {} }: EmitSpec): Tensor[] {
  return (how.needs ?? []).map((need) => {
    const found = auxiliary[need];
    if (found) return found;
    throw new SparseError('unsupported', `${how.print()} needs ${need}`, {
      hint: `write emit(x, { …, auxiliary: { ${need} } })`,
    });
  });
}

function onHost(x: Tensor, spec: EmitSpec, given: Readonly<Record<string, Tensor>>): Tensor {
  const { inline, temporary, external, layout, into } = wordsOf(spec);
  const numbers: Auxiliary = Object.fromEntries(
    Object.entries({ ...spec.auxiliary, ...given }).map(([name, t]) => [name, toDense(t)]),
  );
  let y = inline ? sparsify(x, inline, temporary ?? dense, numbers) : x;
  if (into) return restricted(external ? sparsify(y, external, dense, numbers) : y, into);
  if (external) y = sparsify(y, external, layout ?? dense, numbers);
  return convert(y, layout ?? dense);
}

const onHostOf = (t: Tensor): Tensor => (t.home instanceof Engine ? t.home.peek(t) : t);
