// graph -> placed graph: for every node a kernel and formats, by cost. Constants may change format where that
// loses nothing, which is done here, once; values that are made at run time change by nodes put in: densify
// before a kernel that wants dense, restrict after one that cannot emit into a pattern, compress after a value
// that is asked for in a layout, where a kernel or the caller takes it so.
import {
  convert,
  formatOf,
  GraphBuilder,
  host,
  isDense,
  printFormat,
  roomFor,
  SparseError,
  type ApplyNode,
  type ConstantNode,
  type Format,
  type FormatLike,
  type Graph,
  type NodeId,
  type Op,
  type OperandType,
  type Rates,
  type Sparsifier,
  type Tensor,
} from '@lacuna/ir';
import { compress, densify, mask, masked, restrict } from '@lacuna/ops';
import type { Registry } from '../registry.js';
import { inlineOf } from './inline.js';
import { choose, gives, type Choice, type Offer } from './choose.js';
import { denseType, isDenseType, patternType, roomType, tensorType } from './types.js';
import { isView } from './view.js';

/** A graph with a choice for every node that computes something. */
export interface Placed {
  readonly graph: Graph;
  readonly choices: ReadonlyMap<NodeId, Choice>;
  /** The type of every value. */
  readonly types: readonly OperandType[];
  /** The forms of constants that choices use, by node. */
  readonly constants: ReadonlyMap<NodeId, readonly Tensor[]>;
}

/** What `place` needs to know. */
export interface PlaceOptions {
  readonly registry: Registry;
  readonly rates: Rates;
  /** Formats that a dense constant may be stored in instead, where that is cheaper. */
  readonly candidates: readonly FormatLike[];
  /** Memory is the host's, so that the reference can find patterns, and results can be read with them. */
  readonly onHost: boolean;
  /** Results are tensors, in the layouts that they are asked for. */
  readonly tensors: boolean;
}

/** Chooses a kernel and formats for every node. */
export function place(graph: Graph, options: PlaceOptions): Placed {
  const placer = new Placer(options);
  const renamed: NodeId[] = [];
  for (const node of graph.nodes) {
    switch (node.kind) {
      case 'input':
        renamed.push(
          placer.add(
            placer.builder.input(node.name, node.shape, node.format, node.dtype, node.pattern),
            node.pattern
              ? patternType(node.pattern, node.dtype)
              : denseType(node.shape, node.dtype),
          ),
        );
        break;
      case 'constant':
        renamed.push(
          placer.add(placer.builder.constant(node.tensor, node.name), tensorType(node.tensor)),
        );
        break;
      case 'apply':
        renamed.push(
          placer.apply(
            node,
            node.inputs.map((id) => (id === undefined ? undefined : renamed[id])),
            isView(graph, node),
          ),
        );
        break;
      default:
        return node satisfies never;
    }
  }
  const outputs = graph.outputs.map((output) => {
    const node = renamed[output.node]!;
    const given = options.tensors && options.onHost && !output.into && !output.guard;
    const asked = given ? placer.compressed(node) : undefined;
    return { ...output, node: asked ?? (placer.types[node]!.varies ? placer.dense(node) : node) };
  });
  const { choices, types, constants } = placer;
  return { graph: placer.builder.finish(outputs), choices, types, constants };
}

class Placer {
  readonly builder = new GraphBuilder();
  readonly types: OperandType[] = [];
  readonly choices = new Map<NodeId, Choice>();
  readonly constants = new Map<NodeId, readonly Tensor[]>();
  readonly #dense = new Map<NodeId, NodeId>();
  /** Values that are asked for in a layout, and the node that has them so, once one reads it. */
  readonly #asked = new Map<NodeId, { readonly type: OperandType; made?: NodeId }>();
  readonly #options: PlaceOptions;

  constructor(options: PlaceOptions) {
    this.#options = options;
  }

  add(id: NodeId, type: OperandType): NodeId {
    this.types[id] = type;
    return id;
  }

  /** A node with its choice, and what it needs before and after. */
  apply(node: ApplyNode, ids: readonly (NodeId | undefined)[], view: boolean): NodeId {
    const { registry, rates } = this.#options;
    if (view) {
      const into = node.emit?.into;
      const said = into ? undefined : node.emit;
      const id = this.add(
        this.builder.apply(node.op, [this.dense(ids[0]!)], node.attrs, node.name, said),
        denseType(node.shape, node.dtype),
      );
      this.#ask(id, node);
      return into && !isDenseType(patternType(into, node.dtype))
        ? this.#convert(restrict, id, `${node.name}/restricted`, { into })
        : id;
    }
    const kept = node.op.spec.keepsPattern && ids[0] !== undefined && this.#goesAlong(node, ids[0]);
    if (kept) return this.#along(node, kept, ids.slice(1));
    if (node.op.spec.keepsPattern) this.#refuseLost(node, ids[0]!);
    const choice = choose(
      node,
      ids.map((id, k) => (id === undefined ? undefined : this.#offer(id, node, k))),
      registry,
      rates,
    );
    const how = inlineOf(node);
    if (how && !choice.kernel) return this.#apart(node, how, ids);
    const inputs = ids.map((id, k) => {
      if (id === undefined || !choice.kernel) return id;
      if (choice.inputs[k]!.varies) return this.compressed(id);
      return this.#mustBeDense(id, choice.inputs[k]!) ? this.dense(id) : id;
    });
    const into = node.emit?.into;
    const made = into && isDenseType(choice.output) && !isDenseType(patternType(into, node.dtype));
    const id = this.add(
      this.builder.apply(node.op, inputs, node.attrs, node.name, made ? undefined : node.emit),
      choice.output,
    );
    this.choices.set(id, choice);
    this.#ask(id, node);
    return made ? this.#convert(restrict, id, `${node.name}/restricted`, { into }) : id;
  }

  /** A node whose sparsifier no kernel for these operands applies: a mask and what is under it follow. */
  #apart(node: ApplyNode, how: Sparsifier, ids: readonly (NodeId | undefined)[]): NodeId {
    const { emit = {}, ...plain } = node;
    const at = (name: string): string => `${node.name}/${name}`;
    const y = this.apply({ ...plain, name: at('all') }, ids, false);
    const kept = { ...plain, op: mask as Op, attrs: { how }, name: at('mask') };
    const backward = how.backward ?? 'masked';
    const under = { ...plain, op: masked as Op, attrs: { backward }, emit };
    return this.apply(under, [y, this.apply(kept, [y], false)], false);
  }

  /** Refuses an op on stored entries whose operand is asked for in a layout that no run can find the entries of. */
  #refuseLost({ op }: ApplyNode, id: NodeId): void {
    const node = this.builder.node(id);
    const { layout, into } = (node.kind === 'apply' && node.emit) || {};
    if (!layout || into || isDense(layout)) return;
    throw new SparseError(
      'unsupported',
      `${op.opName} goes along stored entries, and ${printFormat(layout)} cannot be found at a run here`,
      { hint: 'emit csr instead, or emit into a pattern' },
    );
  }

  /** The first input in the layout that it is asked for, where a kernel goes along that, or memory is the host's. */
  #goesAlong({ op }: ApplyNode, id: NodeId): NodeId | undefined {
    const { registry, onHost } = this.#options;
    const layout = this.#asked.get(id)?.type.format.layout;
    const goes = onHost || registry.kernelsFor(op).some((k) => k.takes[0] === layout);
    return goes ? this.compressed(id) : undefined;
  }

  /** A node that keeps the pattern of its first input, where that varies: it is found in the same room. */
  #along(node: ApplyNode, kept: NodeId, others: readonly (NodeId | undefined)[]): NodeId {
    const type = this.types[kept]!;
    const ids = [kept, ...others.map((id) => (id === undefined ? undefined : this.dense(id)))];
    const id = this.#make(this.builder.apply(node.op, ids, node.attrs, node.name, node.emit), type);
    this.#asked.set(id, { type, made: id });
    return id;
  }

  /** Notes that a value is wanted in a layout whose pattern only a run can say. */
  #ask(id: NodeId, { emit, shape, dtype }: ApplyNode): void {
    const { layout, into } = emit ?? {};
    if (!layout || into || isDense(layout)) return;
    const { registry, onHost } = this.#options;
    const room = roomFor(layout, shape);
    if (!room) return;
    const output = roomType(room, dtype);
    const signature = { op: compress, attrs: {}, inputs: [denseType(shape, dtype)], output };
    const makes = registry
      .kernelsFor(compress)
      .some((k) => gives(k, layout.layout) && (k.when?.(signature) ?? true));
    if (onHost || makes) this.#asked.set(id, { type: output });
  }

  /** A value in the layout that it is asked for, made once; undefined where none is. */
  compressed(id: NodeId): NodeId | undefined {
    const asked = this.#asked.get(id);
    if (!asked) return undefined;
    if (asked.made !== undefined) return asked.made;
    const layout = asked.type.format;
    const name = `${this.builder.node(id).name}/${printFormat(layout)}`;
    const made = this.builder.apply(compress, [id], {}, name, { layout });
    this.#asked.set(id, { ...asked, made });
    return this.#make(made, asked.type);
  }

  /** Constants change form when they are uploaded; anything else by a node of its own. */
  #mustBeDense(id: NodeId, wanted: OperandType): boolean {
    return isDenseType(wanted) && !isDenseType(this.types[id]!) && !this.types[id]!.constant;
  }

  /** The dense form of a value, made once. */
  dense(id: NodeId): NodeId {
    if (isDenseType(this.types[id]!)) return id;
    let made = this.#dense.get(id);
    if (made === undefined)
      this.#dense.set(
        id,
        (made = this.#convert(densify, id, `${this.builder.node(id).name}/dense`)),
      );
    return made;
  }

  #convert(op: typeof densify, from: NodeId, name: string, emit?: ApplyNode['emit']): NodeId {
    return this.#make(this.builder.apply(op, [from], {}, name, emit));
  }

  /** A node over values in the forms that they have, with its choice; `room`: where its pattern is found. */
  #make(id: NodeId, room?: OperandType): NodeId {
    const node = this.builder.node(id) as ApplyNode;
    const offers = node.inputs.map((input) =>
      input === undefined ? undefined : { type: this.types[input]!, also: [] },
    );
    const { registry, rates } = this.#options;
    const choice = choose(node, offers, registry, rates, room);
    this.choices.set(id, choice);
    return this.add(id, choice.output);
  }

  #offer(id: NodeId, node: ApplyNode, k: number): Offer {
    const source = this.builder.node(id);
    if (source.kind !== 'constant' || source.tensor.home !== host) {
      const asked = this.#asked.get(id)?.type;
      return { type: this.types[id]!, also: [], ...(asked && { asked }) };
    }
    const wanted = this.#options.registry.kernelsFor(node.op).map((kernel) => kernel.takes[k]);
    // A codec would round what is stored, and nobody asked for that here.
    const formats = this.#options.candidates
      .map(formatOf)
      .filter((f) => !f.codec && wanted.includes(f.layout));
    const known = this.constants.get(id) ?? [source.tensor];
    const missing = formats.filter(
      (f) => !known.some((t) => printFormat(t.format) === printFormat(f)),
    );
    const all = [...known, ...otherForms(source, missing)];
    this.constants.set(id, all);
    const [type, ...also] = all.map((t) => tensorType(t));
    return { type: type!, also };
  }
}

function otherForms(node: ConstantNode, formats: readonly Format[]): Tensor[] {
  return formats.flatMap((format) => {
    try {
      return [convert(node.tensor, format)];
    } catch (error) {
      // Not every constant fits every candidate: another rank, or entries that would be lost.
      if (error instanceof SparseError && (error.code === 'lossy' || error.code === 'shape'))
        return [];
      throw error;
    }
  });
}
