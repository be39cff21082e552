// graph -> the same graph without compositions. In a graph a composition is a node `compose` over its parts; an op
// that reads it becomes ops on the parts, and the composed matrix is never formed:
//
//     x·(A + B)ᵀ  =  x·Aᵀ + x·Bᵀ            x·(A·B)ᵀ  =  (x·Bᵀ)·Aᵀ
//     (A + B)·y   =  A·y + B·y              (A·B)·y   =  A·(B·y)               (A·B)[i]  =  A[i]·B
//
// Legal because products distribute over sums and may be regrouped: equal in the reals, and within the bound of all
// roundings of the parts together. Any other op reads what the parts add or multiply up to, made once. Ops that
// read which entries are stored are refused, since a composition stores none.
import {
  GraphBuilder,
  op,
  SparseError,
  type ApplyNode,
  type Emit,
  type Graph,
  type NodeId,
  type Op,
} from '@lacuna/ir';
import {
  add,
  biasAdd,
  embedding,
  linear,
  matmul,
  relu,
  relu6,
  reshape,
  restrict,
  type Activation,
  type LinearAttrs,
  type MatmulAttrs,
} from '@lacuna/ops';

/** Attributes of {@link compose}. */
export interface ComposeAttrs {
  readonly combine: 'sum' | 'product';
}

/** A composition in a graph: `compose(...parts, { combine })`. {@link expand} takes it out again. */
export const compose: Op<ComposeAttrs> = op<ComposeAttrs>({
  name: 'compose',
  arity: [1, Infinity],
  defaults: { combine: 'sum' },
  infer: (shapes, { combine }) =>
    combine === 'sum' ? shapes[0]! : [shapes[0]![0]!, shapes.at(-1)![1]!],
  reference() {
    throw new SparseError('unsupported', 'a composition was computed before it was expanded', {
      hint: 'write expand(graph) first',
    });
  },
  roundings: () => 0,
  gradient: { none: 'it is expanded, and then its parts have theirs: write expand(graph) first' },
});

/** A node, or parts that stand for one. */
type Term = NodeId | { readonly combine: ComposeAttrs['combine']; readonly parts: readonly Term[] };

/**
 * The graph with every composition expanded.
 *
 * @throws SparseError `unsupported` for an op that reads which entries of a composition are stored.
 * @example
 * ```ts
 * import { denseFormat, GraphBuilder, printGraph } from '@lacuna/ir';
 * import { linear } from '@lacuna/ops';
 * import { compose, expand } from '@lacuna/compositions';
 * const b = new GraphBuilder();
 * const input = (name: string, ...shape: number[]) => b.input(name, shape, denseFormat);
 * const [x, u, v] = [input('x', 4, 8), input('u', 6, 2), input('v', 2, 8)];
 * const w = b.apply(compose, [u, v], { combine: 'product' });
 * const graph = expand(b.finish({ y: b.apply(linear, [x, w]) }));
 * printGraph(graph).split('\n').slice(3, 5).map((line) => line.slice(0, 21)); // ['%3 = linear(%0, %2) {', '%4 = linear(%3, %1) {']
 * ```
 */
export function expand(graph: Graph): Graph {
  const builder = new GraphBuilder();
  const terms: Term[] = [];
  const steps = stepsIn(builder);
  for (const node of graph.nodes) {
    switch (node.kind) {
      case 'input':
        terms[node.id] = builder.input(
          node.name,
          node.shape,
          node.format,
          node.dtype,
          node.pattern,
        );
        break;
      case 'constant':
        terms[node.id] = builder.constant(node.tensor, node.name);
        break;
      case 'apply': {
        const inputs = node.inputs.map((id) => (id === undefined ? undefined : terms[id]!));
        if (node.op === (compose as Op))
          terms[node.id] = { ...(node.attrs as ComposeAttrs), parts: inputs as Term[] };
        else terms[node.id] = applied(steps, node, inputs);
        break;
      }
      default:
        return node satisfies never;
    }
  }
  return builder.finish(
    graph.outputs.map((output) => ({ ...output, node: steps.whole(terms[output.node]!) })),
  );
}

function applied(steps: Steps, node: ApplyNode, inputs: readonly (Term | undefined)[]): NodeId {
  const { op: what, attrs, emit } = node;
  if (inputs.every((term) => typeof term !== 'object'))
    return steps.apply(what, inputs, attrs, emit);
  const [a, b, bias] = inputs;
  const y =
    what === (linear as Op)
      ? steps.linear(a!, b!, bias, attrs as LinearAttrs)
      : what === (matmul as Op)
        ? steps.matmul(a!, b!, bias, attrs as MatmulAttrs)
        : what === embedding
          ? steps.embedding(a!, steps.whole(b!))
          : steps.apply(what, whole(steps, node, inputs), attrs);
  return emit ? steps.apply(restrict, [y], {}, emit) : y;
}

/** Operands of an op that knows nothing of compositions: written out. */
function whole(
  steps: Steps,
  { op: { opName, spec } }: ApplyNode,
  inputs: readonly (Term | undefined)[],
): (NodeId | undefined)[] {
  if (spec.keepsPattern && typeof inputs[0] === 'object')
    throw new SparseError(
      'unsupported',
      `${opName} reads which entries are stored, and was given a composition, which stores none`,
      { hint: 'write it out first: engine.put(convert(writtenOut(w), csr))' },
    );
  return inputs.map((term) => (term === undefined ? undefined : steps.whole(term)));
}

type Steps = ReturnType<typeof stepsIn>;

/** The rules, as functions that append nodes. */
function stepsIn(builder: GraphBuilder) {
  const apply = <A extends object>(
    what: Op<A>,
    inputs: readonly (NodeId | undefined)[],
    attrs?: Partial<A>,
    emit?: Emit,
  ): NodeId => builder.apply(what, inputs, attrs, undefined, emit);
  const total = (parts: readonly NodeId[]): NodeId =>
    parts.length === 1 ? parts[0]! : apply(add, parts);

  /** a·b, either turned. Products are worked from the other operand on, so that a thin one stays thin. */
  function product(a: Term, turnedA: boolean, b: Term, turnedB: boolean): NodeId {
    if (typeof a === 'object') {
      if (a.combine === 'sum') return total(a.parts.map((p) => product(p, turnedA, b, turnedB)));
      // (A·B)·b starts at B; turned, (A·B)ᵀ·b = Bᵀ·(Aᵀ·b) starts at A.
      const [first, ...rest] = turnedA ? a.parts : a.parts.toReversed();
      const start = product(first!, turnedA, b, turnedB);
      return rest.reduce<NodeId>((y, part) => product(part, turnedA, y, false), start);
    }
    if (typeof b === 'object') {
      if (b.combine === 'sum') return total(b.parts.map((p) => product(a, turnedA, p, turnedB)));
      const [first, ...rest] = turnedB ? b.parts.toReversed() : b.parts;
      const start = product(a, turnedA, first!, turnedB);
      return rest.reduce<NodeId>((y, part) => product(y, false, part, turnedB), start);
    }
    return apply(matmul, [a, b], { transposeA: turnedA, transposeB: turnedB });
  }

  /** What parts add or multiply up to. */
  function whole(term: Term): NodeId {
    if (typeof term !== 'object') return term;
    const parts = term.parts.map(whole);
    if (term.combine === 'sum') return total(parts);
    return parts.reduce((a, b) => product(a, false, b, false));
  }

  function finished(y: NodeId, bias: Term | undefined, axis: number, f: Activation): NodeId {
    const sum = bias === undefined ? y : apply(biasAdd, [y, whole(bias)], { axis });
    if (f === 'none') return sum;
    return apply(f === 'relu' ? relu : relu6, [sum]);
  }

  /** x·wᵀ of rows x. */
  function rows(x: Term, w: Term): NodeId {
    if (typeof x === 'object') return product(x, false, w, true);
    if (typeof w !== 'object') return apply(linear, [x, w]);
    if (w.combine === 'sum') return total(w.parts.map((part) => rows(x, part)));
    return w.parts.reduceRight<NodeId>((y, part) => rows(y, part), x);
  }

  return {
    apply,
    whole,
    linear: (x: Term, w: Term, bias: Term | undefined, { activation }: LinearAttrs): NodeId => {
      const y = rows(x, w);
      return finished(y, bias, builder.node(y).shape.length - 1, activation);
    },
    matmul: (a: Term, b: Term, bias: Term | undefined, attrs: MatmulAttrs): NodeId =>
      finished(product(a, attrs.transposeA, b, attrs.transposeB), bias, 0, attrs.activation),
    /** Rows of a table: of each part of a sum; of the first of a product, times the others. */
    embedding(table: Term, indices: NodeId): NodeId {
      if (typeof table !== 'object') return apply(embedding, [table, indices]);
      if (table.combine === 'sum')
        return total(table.parts.map((part) => this.embedding(part, indices)));
      const [first, ...rest] = table.parts;
      const chosen = this.embedding(first!, indices);
      const { shape } = builder.node(chosen);
      const flat = apply(reshape, [chosen], { shape: [-1, shape.at(-1)!] });
      const y = rest.reduce<NodeId>((z, part) => product(z, false, part, false), flat);
      const width = builder.node(y).shape[1]!;
      return apply(reshape, [y], { shape: [...shape.slice(0, -1), width] });
    },
  };
}
