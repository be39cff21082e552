// A function at the end of a kernel: programs that finish their numbers with `activate` are compiled once more, with
// the function after it. No number is stored on the way, and there is no dispatch of its own.
//
//   y[at] = activate(sum)    activate(v) = f(apart(bounded(v))), bounded being what activate was
import type { Epilogue } from '@lacuna/ir';
import type { Dispatch } from '../kernel.js';
import { program, variants, type Program } from '../program.js';
import { functions, type Unary } from './functions.js';
import { absent, apart, once } from './math.js';

const wgslOf = ({ op, attrs }: Epilogue): Unary | undefined => functions.get(op)?.(attrs);

/** Whether there is WGSL for an op. */
export const takesAlong = (last: Epilogue): boolean => wgslOf(last) !== undefined;

const start = /fn activate\(v: (?<type>f32|vec4f)\)/;

/** The dispatch with a function after `activate`; as it was, where its program makes no outputs. */
export function ended(dispatch: Dispatch, last: Epilogue): Dispatch {
  const { f, head = '', params = {} } = wgslOf(last)!;
  const { spec } = dispatch.program;
  if (!start.test(spec.head ?? '')) return dispatch;
  return {
    ...dispatch,
    program: programsOf(dispatch.program)({ f, head, names: Object.keys(params) }),
    params: [...dispatch.params, 0, ...Object.values(params)],
  };
}

interface Ending {
  readonly f: string;
  readonly head: string;
  readonly names: readonly string[];
}

const made = new WeakMap<Program, (ending: Ending) => Program>();

/** The variants of a program, each made once. */
function programsOf(plain: Program): (ending: Ending) => Program {
  let found = made.get(plain);
  if (!found) made.set(plain, (found = variants((ending) => withEnding(plain.spec, ending))));
  return found;
}

function withEnding(spec: Program['spec'], { f, head, names }: Ending): Program {
  const given = spec.head ?? '';
  const type = start.exec(given)!.groups!['type']!;
  const each = (v: string): string => `ending(apart(${v}))`;
  const lanes =
    type === 'f32' ? each('b') : `vec4f(${[0, 1, 2, 3].map((i) => each(`b[${i}]`)).join(', ')})`;
  const own = names.reduce((text, name) => text.replaceAll(`p.${name}`, `p.ending_${name}`), f);
  const written = once([absent, apart, head, `fn ending(v: f32) -> f32 { return ${own}; }\n`]);
  return program({
    ...spec,
    name: `${spec.name}-ending`,
    params: [...spec.params, 'zero', ...names.map((name) => `ending_${name}: f32`)],
    head: `${given.replace(start, `fn bounded(v: ${type})`)}${written}
fn activate(v: ${type}) -> ${type} {
  let b = bounded(v);
  return ${lanes};
}
`,
  });
}
