// What the threads of a program load and store, counted by the program itself: every place of a storage buffer that
// it indexes is counted on the way, and each thread adds its counts to a buffer when it is done. The copy of the
// program is run once, on the same buffers, and gives the same results; it is never timed.
//
//   sum = fma(w[q], x[crd(q)], sum);     sum = fma(w[tally1(q)], x[tally2(crd(q))], sum);
import type { Dispatch, Program, WebgpuBackend } from '@lacuna/backend-webgpu';

/** Bytes by the name of a buffer in the program, as threads ask for them, caches and broadcasts aside. */
export type Tally = Readonly<Record<string, number>>;

interface Stored {
  readonly name: string;
  /** Bytes of an element. */
  readonly width: number;
}

/** Counts of one run of some dispatches, in order; what is counted of equal names is added. */
export async function tally(
  backend: WebgpuBackend,
  dispatches: readonly Dispatch[],
): Promise<Tally> {
  const { memory } = backend;
  const total: Record<string, number> = {};
  for (const dispatch of dispatches) {
    const buffers = storedIn(dispatch.program);
    const block = memory.alloc(buffers.length * 4);
    memory.write(block, new Uint32Array(buffers.length));
    backend.run([
      {
        ...dispatch,
        program: counting(dispatch.program, buffers),
        buffers: [...dispatch.buffers, { block, bytes: buffers.length * 4 }],
      },
    ])();
    const counts = new Uint32Array((await memory.read(block, buffers.length * 4)).slice().buffer);
    buffers.forEach(({ name, width }, at) => {
      total[name] = (total[name] ?? 0) + counts[at]! * width;
    });
    memory.free(block);
  }
  return total;
}

const widths: Readonly<Record<string, number>> = {
  f32: 4,
  u32: 4,
  i32: 4,
  vec4f: 16,
  vec4u: 16,
  Tile2: 32,
  Tile4: 64,
  Tile8: 128,
};

function storedIn({ code }: Program): readonly Stored[] {
  return [...code.matchAll(/var<storage, \w+> (\w+): array<(\w+)>/g)].map(([, name, type]) => {
    const width = widths[type!];
    if (!width) throw new TypeError(`no width is known for ${type} of ${name}`);
    return { name: name!, width };
  });
}

/** A program that counts. */
function counting(program: Program, buffers: readonly Stored[]): Program {
  const names = buffers.map(({ name }) => name);
  const functions = names.map(
    (_, at) =>
      `var<private> seen${at}: u32;\nfn tally${at}(place: u32) -> u32 { seen${at}++; return place; }`,
  );
  const body = indexed(program.code, names)
    .replace(/@compute @workgroup_size\([^)]*\)\nfn main\(/, 'fn counted(')
    .replaceAll(/@builtin\(\w+\) (?=(?:id|local|group|groups): vec3u)/g, '');
  const [size] = /@workgroup_size\([^)]*\)/.exec(program.code)!;
  const code = `${body}
${functions.join('\n')}
@group(0) @binding(${names.length + 1}) var<storage, read_write> tallied: array<atomic<u32>>;
@compute ${size}
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(local_invocation_id) local: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  counted(id, local, group, groups);
  ${names.map((_, at) => `atomicAdd(&tallied[${at}], seen${at});`).join('\n  ')}
}
`;
  return { ...program, name: `${program.name} counting`, code, writes: [...program.writes, true] };
}

/** The code with the place in every `name[place]` counted, those inside of places too. */
function indexed(code: string, names: readonly string[]): string {
  const pattern = new RegExp(String.raw`(?<![\w.])(${names.join('|')})\[`, 'g');
  let out = '';
  let from = 0;
  for (let match = pattern.exec(code); match; match = pattern.exec(code)) {
    const start = pattern.lastIndex;
    const end = closing(code, start);
    out += `${code.slice(from, start)}tally${names.indexOf(match[1]!)}(${indexed(code.slice(start, end), names)})`;
    from = pattern.lastIndex = end;
  }
  return out + code.slice(from);
}

/** Where the bracket that opened before `start` closes. */
function closing(code: string, start: number): number {
  for (let at = start, depth = 1; at < code.length; at++) {
    if (code[at] === '[') depth++;
    else if (code[at] === ']' && --depth === 0) return at;
  }
  throw new SyntaxError('a bracket is not closed');
}
