// Sparsifiers inside kernels: a program whose output is final as it is written drops what is small there, by one line
// around each number. So no mask is formed, and y is written once.
//
//   y[at] = v;    y[at] = large(v);     large(v)  v where the bits of |v| are at least `prunedBelow`, 0 elsewhere
import type { DType, Sparsifier } from '@lacuna/ir';
import { rewrite, type Elements } from './elements.js';
import type { Binding, Dispatch } from './kernel.js';
import { leastBits } from './kernels/mask/least.js';
import { program, type Program } from './program.js';

/** Whether a sparsifier goes by the magnitude of each number alone. */
export const takesInline = ({ rule }: Sparsifier, dtype: DType): boolean =>
  dtype === 'float32' && rule?.keeps === 'large' && rule.of === undefined;

/** Dispatches that leave in the output what a sparsifier keeps. */
export function pruning(
  dispatches: readonly Dispatch[],
  { rule }: Sparsifier,
  output: Binding,
): readonly Dispatch[] {
  const least = leastBits(rule?.keeps === 'large' ? rule.least : 0);
  const found = dispatches.map(({ program: given, buffers }) => {
    const at = given.writes.findIndex(
      (write, k) => write && buffers[k]?.block.buffer === output.block.buffer,
    );
    return at < 0 ? undefined : pruned(given, at);
  });
  // What a later dispatch goes on from is not final.
  const last = found.findLastIndex((each) => each?.reads);
  return dispatches.map((dispatch, at) => {
    const each = at < last ? undefined : found[at];
    if (!each) return dispatch;
    return { ...dispatch, program: each.program, params: [...dispatch.params, least] };
  });
}

/** A program that prunes, and whether it reads its output. */
interface Pruned {
  readonly program: Program;
  readonly reads: boolean;
}

const made = new WeakMap<Program, Map<number, Pruned>>();

function pruned(given: Program, at: number): Pruned {
  const known = made.get(given) ?? new Map<number, Pruned>();
  made.set(given, known);
  let found = known.get(at);
  if (!found) known.set(at, (found = build(given, at)));
  return found;
}

/** WGSL that keeps what is large, by the type of an element: numbers, or their bits. */
const functions: Readonly<Record<string, string>> = {
  f32: 'select(0.0, v, (bitcast<u32>(v) & 0x7fffffffu) >= p.prunedBelow)',
  u32: 'select(0u, v, (v & 0x7fffffffu) >= p.prunedBelow)',
  vec4f: 'select(vec4f(), v, (bitcast<vec4u>(v) & vec4u(0x7fffffffu)) >= vec4u(p.prunedBelow))',
};

function build({ spec }: Program, at: number): Pruned {
  const { name, type } = spec.buffers[at]!;
  const element = type.slice('array<'.length, -1);
  let reads = false;
  const elements: Elements = {
    read: (index) => {
      reads = true;
      return `${name}[${index}]`;
    },
    write: (index, value) => `${name}[${index}] = large(${value})`,
    atomic: (call, index) => `${call}(&${name}[${index}]`,
  };
  const buffers = new Map([[name, elements]]);
  const head = `fn large(v: ${element}) -> ${element} {
  return ${functions[element]!};
}
${rewrite(spec.head ?? '', buffers)}`;
  const body = rewrite(spec.body, buffers);
  const params = [...spec.params, 'prunedBelow'];
  return { program: program({ ...spec, name: `${spec.name}-pruned`, params, head, body }), reads };
}
