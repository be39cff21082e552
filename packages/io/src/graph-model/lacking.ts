// What a model needs and we lack: found before anything else, all of it at once.
import { SparseError } from '@lacuna/ir';
import type { ModelNode } from './model.js';
import { rules } from './rules/index.js';

/**
 * Refuses a model with ops that we lack.
 *
 * @throws SparseError `unsupported`, with every such op and the nodes that use it in `detail.ops`.
 */
export function checkOps(order: readonly ModelNode[]): void {
  const lacking: Record<string, string[]> = {};
  const known = new Set<string>(); // names of nodes whose numbers are known before a run
  for (const node of order) {
    const missing = lacks(node, known);
    if (missing !== undefined) (lacking[missing] ??= []).push(node.name);
  }
  const ops = Object.entries(lacking);
  if (ops.length === 0) return;
  const list = ops.map(([op, names]) => `${op} (${some(names)})`).join(', ');
  throw new SparseError(
    'unsupported',
    `the model needs ${ops.length === 1 ? 'an op' : `${ops.length} ops`} that Lacuna lacks: ${list}`,
    {
      hint: `convert the model without ${ops.length === 1 ? 'it' : 'them'}`,
      detail: { ops: lacking },
    },
  );
}

function some(names: readonly string[]): string {
  const rest = names.length - 2;
  const shown = names.slice(0, rest > 1 ? 2 : 3).map((name) => `"${name}"`);
  return shown.join(', ') + (rest > 1 ? ` and ${rest} more` : '');
}

function lacks(node: ModelNode, known: Set<string>): string | undefined {
  if (node.op === 'Placeholder') return undefined;
  if (node.op === 'Const') {
    known.add(node.name);
    return undefined;
  }
  const rule = rules.get(node.op);
  if (!rule) return node.op;
  const inputsKnown = node.inputs.every((input) => known.has(input.node));
  if (rule.fold && (inputsKnown || rule.shapeOnly)) {
    known.add(node.name);
    return undefined;
  }
  if (!rule.emit) return `${node.op} of run-time values`;
  const part = rule.lacks?.(node);
  return part === undefined ? undefined : `${node.op} with ${part}`;
}
