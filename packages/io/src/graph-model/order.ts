// The nodes that the outputs need, each after those it reads.
import { corrupt } from '../corrupt.js';
import type { Model, ModelNode } from './model.js';

/** Nodes in order, and the first two that lie on a circle, if any do. */
export interface Order {
  readonly nodes: readonly ModelNode[];
  readonly circle: readonly [string, string] | undefined;
}

/** Orders the nodes that outputs need. A circle is reported, not refused: loops are named by their ops. */
export function orderNodes({ nodes, outputs }: Model): Order {
  const order: ModelNode[] = [];
  let circle: Order['circle'];
  const state = new Map<string, 'open' | 'done'>();
  const stack: { name: string; next: number }[] = [];
  for (const { node } of outputs) {
    if (!state.has(node)) stack.push({ name: node, next: 0 });
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const node = nodes.get(top.name);
      if (!node) throw corrupt('the graph model', `reads "${top.name}", which is missing`);
      state.set(top.name, 'open');
      const input = node.inputs[top.next++];
      if (!input) {
        state.set(top.name, 'done');
        order.push(node);
        stack.pop();
      } else if (state.get(input.node) === 'open') {
        circle ??= [input.node, top.name];
      } else if (!state.has(input.node)) {
        stack.push({ name: input.node, next: 0 });
      }
    }
  }
  return { nodes: order, circle };
}
