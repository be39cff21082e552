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
  const knowledge: Knowledge = new Map();
  for (const node of order) {
    const missing = lacks(node, knowledge);
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

/** What a node is when the file is read; `unsure`: it would be known, were it not for an op that we lack. */
type Knowledge = Map<string, 'known' | 'unsure'>;

function lacks(node: ModelNode, knowledge: Knowledge): string | undefined {
  if (node.op === 'Placeholder') return undefined;
  const rule = rules.get(node.op);
  const isConst = node.op === 'Const';
  const runTime = node.inputs.some((input) => !knowledge.has(input.node));
  const unsure = node.inputs.some((input) => knowledge.get(input.node) === 'unsure');
  if (isConst || (rule?.fold && (!runTime || rule.shapeOnly))) {
    knowledge.set(node.name, unsure && !rule?.shapeOnly ? 'unsure' : 'known');
    return undefined;
  }
  if (!rule) {
    if (!runTime) knowledge.set(node.name, 'unsure');
    return node.op;
  }
  if (!rule.emit) return `${node.op} of run-time values`;
  const open = rule.constants?.find((at) => {
    const source = node.inputs[at];
    return source && !knowledge.has(source.node);
  });
  if (open !== undefined) return `${node.op} with a run-time input ${open}`;
  const part = rule.lacks?.(node);
  return part === undefined ? undefined : `${node.op} with ${part}`;
}
