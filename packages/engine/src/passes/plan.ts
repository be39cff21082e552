// placed graph -> plan: steps in order, and where each value lives. Values that are never alive together
// share memory: slots are placed largest first, each at the lowest offset that is free for its life.
import {
  byteWidth,
  convert,
  host,
  printFormat,
  roomBytes,
  sameFormat,
  sameLayout,
  type ApplyNode,
  type ConstantNode,
  type Node,
  type NodeId,
  type OperandType,
  type Tensor,
} from '@lacuna/ir';
import { label, type Choice } from './choose.js';
import type { Placed } from './place.js';
import { decodedType } from './types.js';
import { isView } from './view.js';

/** Where a step's operand comes from. */
export type Source =
  | { readonly from: 'slot'; readonly slot: number }
  | { readonly from: 'constant'; readonly constant: number };

/** A value's place in the plan's memory. */
export interface Slot {
  readonly node: Node;
  readonly type: OperandType;
  readonly bytes: number;
  /** Which of the plan's blocks it is in, and from which byte on. */
  readonly block: number;
  readonly offset: number;
  /** First and last step at which it is alive. */
  readonly life: readonly [number, number];
}

/** One step: a kernel, or the reference where no kernel fits. */
export interface Step {
  readonly node: ApplyNode;
  readonly choice: Choice;
  readonly inputs: readonly (Source | undefined)[];
  readonly output: number;
}

/** A result: read by name, or written into a tensor at the end of a replay. */
export interface PlanOutput {
  readonly name: string;
  readonly source: Source;
  readonly type: OperandType;
  readonly into?: Tensor;
  /** Where it is not finite, nothing is written, and the replay throws. */
  readonly guard?: true;
}

/** A computation with its memory laid out. Printable, replayable. */
export interface Plan {
  readonly steps: readonly Step[];
  readonly slots: readonly Slot[];
  readonly constants: readonly Tensor[];
  readonly inputs: readonly { readonly name: string; readonly slot: number }[];
  readonly outputs: readonly PlanOutput[];
  /** Bytes of each block of memory: one, or one for each of the values that live together. */
  readonly blocks: readonly number[];
  readonly peakBytes: number;
  /** The least that any placement could reach: the most bytes alive at one step. */
  readonly leastBytes: number;
}

// Kernels may read up to one vector past a value's end.
const slotBytes = (bytes: number): number => (bytes + 16 + 63) & ~63;

/** Bytes from a value's start to the structure behind it, where its pattern varies; what WebGPU can bind at. */
export const structureAt = ({ stored, dtype }: OperandType): number =>
  (slotBytes(stored * byteWidth(dtype)) + 255) & ~255;

const bytesOf = (type: OperandType): number =>
  type.varies
    ? structureAt(type) + slotBytes(roomBytes(type.pattern!))
    : slotBytes(type.stored * byteWidth(type.dtype));

/** Lays out steps and memory; `separate`: values that live together are in blocks of their own. */
export function plan(placed: Placed, separate = false): Plan {
  const { graph, choices, types } = placed;
  const root: NodeId[] = graph.nodes.map((node) => node.id); // the node whose slot a value shares
  const steps: Step[] = [];
  const constants = new Constants(placed);
  const slots: { node: Node; type: OperandType; bytes: number; first: number; last: number }[] = [];
  const slotOf = new Map<NodeId, number>();
  const addSlot = (node: Node, at: number): number => {
    const type = types[node.id]!;
    const bytes = bytesOf(type);
    slotOf.set(node.id, slots.length);
    return slots.push({ node, type, bytes, first: at, last: at }) - 1;
  };
  const source = (id: NodeId, type: OperandType, at: number): Source => {
    const node = graph.nodes[root[id]!]!;
    if (node.kind === 'constant') return { from: 'constant', constant: constants.add(node, type) };
    const slot = slotOf.get(node.id)!;
    slots[slot]!.last = Math.max(slots[slot]!.last, at);
    return { from: 'slot', slot };
  };

  for (const node of graph.nodes) {
    if (node.kind === 'input') addSlot(node, 0);
    if (node.kind !== 'apply') continue;
    if (isView(graph, node)) {
      root[node.id] = root[node.inputs[0]!]!;
      continue;
    }
    const choice = choices.get(node.id)!;
    const at = steps.length;
    const inputs = node.inputs.map((id, k) =>
      id === undefined ? undefined : source(id, choice.inputs[k]!, at),
    );
    steps.push({ node, choice, inputs, output: addSlot(node, at) });
  }
  const end = steps.length;
  const outputs = graph.outputs.map(({ name, node, into, guard }): PlanOutput => {
    const type = decodedType(types[node]!);
    return {
      name,
      source: source(node, type, end),
      type,
      ...(into && { into }),
      ...(guard && { guard }),
    };
  });
  const { places, blocks } = separate ? sort(slots) : layOut(slots);
  const alive = (step: number): number =>
    slots.reduce((sum, s) => sum + (s.first <= step && step <= s.last ? s.bytes : 0), 0);
  return {
    steps,
    slots: slots.map(({ node, type, bytes, first, last }, k) => ({
      node,
      type,
      bytes,
      ...places[k]!,
      life: [first, last],
    })),
    constants: constants.tensors,
    inputs: slots.flatMap(({ node }, slot) =>
      node.kind === 'input' ? [{ name: node.name, slot }] : [],
    ),
    outputs,
    blocks,
    peakBytes: blocks.reduce((sum, bytes) => sum + bytes, 0),
    leastBytes: Math.max(0, ...Array.from({ length: end + 1 }, (_, step) => alive(step))),
  };
}

/** The tensors that steps read, each in the form that its step wants. */
class Constants {
  readonly tensors: Tensor[] = [];
  readonly #placed: Placed;
  readonly #places = new Map<string, number>();

  constructor(placed: Placed) {
    this.#placed = placed;
  }

  add({ id, tensor }: ConstantNode, { format }: OperandType): number {
    const key = `${id} ${printFormat(format)}`;
    let place = this.#places.get(key);
    if (place === undefined) {
      const forms = this.#placed.constants.get(id) ?? [tensor];
      // An engine's tensor is read where it is, decoded: other values may be written to it.
      const same = tensor.home === host ? sameFormat : sameLayout;
      const form = forms.find((t) => same(t.format, format)) ?? convert(tensor, format);
      const known = this.tensors.indexOf(form);
      place = known >= 0 ? known : this.tensors.push(form) - 1;
      this.#places.set(key, place);
    }
    return place;
  }
}

/** A value before it has a place. */
interface Living {
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
}

/** Where values are: a block and an offset each, and how long the blocks are. */
interface Places {
  readonly places: readonly { readonly block: number; readonly offset: number }[];
  readonly blocks: readonly number[];
}

const largestFirst = (slots: readonly Living[]): number[] =>
  slots.map((_, k) => k).sort((a, b) => slots[b]!.bytes - slots[a]!.bytes || a - b);
const together = (a: Living, b: Living): boolean => a.first <= b.last && b.first <= a.last;

/** One block, each value at the lowest offset that is free for its life. */
function layOut(slots: readonly Living[]): Places {
  const offsets = slots.map(() => 0);
  const placed: number[] = [];
  for (const k of largestFirst(slots)) {
    const neighbours = placed
      .filter((o) => together(slots[o]!, slots[k]!))
      .sort((a, b) => offsets[a]! - offsets[b]!);
    let offset = 0;
    for (const o of neighbours) {
      if (offset + slots[k]!.bytes <= offsets[o]!) break;
      offset = Math.max(offset, offsets[o]! + slots[o]!.bytes);
    }
    offsets[k] = offset;
    placed.push(k);
  }
  return {
    places: offsets.map((offset) => ({ block: 0, offset })),
    blocks: [Math.max(0, ...slots.map((s, k) => offsets[k]! + s.bytes))],
  };
}

/** Blocks as long as their longest value, each value in the first that is free for its life. */
function sort(slots: readonly Living[]): Places {
  const blocks: number[][] = [];
  for (const k of largestFirst(slots)) {
    const free = blocks.find((users) => users.every((o) => !together(slots[o]!, slots[k]!)));
    if (free) free.push(k);
    else blocks.push([k]);
  }
  const blockOf = slots.map((_, k) => blocks.findIndex((users) => users.includes(k)));
  return {
    places: blockOf.map((block) => ({ block, offset: 0 })),
    blocks: blocks.map(([longest]) => slots[longest!]!.bytes),
  };
}

/** One line a step: what runs, for what, into which bytes. */
export function printPlan({ steps, slots, blocks, peakBytes, leastBytes }: Plan): string {
  const lines = steps.map(({ node, choice, output }) => {
    const { block, offset, bytes, life } = slots[output]!;
    const time = choice.seconds === Infinity ? '' : ` ~${(choice.seconds * 1e6).toFixed(1)} µs`;
    const second = choice.runnerUp
      ? `, next ${choice.runnerUp.name} ~${(choice.runnerUp.seconds * 1e6).toFixed(1)} µs`
      : '';
    const why = choice.why ? ` (${choice.why})` : '';
    return `run ${node.name} [${node.shape.join(', ')}]: ${label(choice)}${time}${second}${why} -> ${blocks.length > 1 ? `block ${block}, ` : ''}bytes ${offset}..${offset + bytes}, until step ${life[1]}`;
  });
  return [...lines, `peak ${peakBytes} bytes, at least ${leastBytes}`].join('\n');
}
