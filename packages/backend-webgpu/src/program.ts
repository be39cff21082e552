// A program is WGSL with its bindings: a small uniform `p` of whole numbers, and storage buffers. The
// template writes the declarations; the rest is WGSL as it stands, for the reader and for the compiler.

/** A storage buffer of a program. */
export interface Buffer {
  readonly name: string;
  /** WGSL type, such as `array<vec4f>`. */
  readonly type: string;
  readonly write?: boolean;
}

/** Extensions of WGSL, by the device's features `subgroups` and `shader-f16`. */
export type Extension = 'subgroups' | 'f16';

/** What {@link program} is given. */
export interface ProgramSpec {
  readonly name: string;
  /** Extensions of WGSL that it is written in: the device must have been asked for them. */
  readonly enable?: readonly Extension[];
  /** Names of the numbers in `p`, in order; those that are no u32 say so: `value: f32`. */
  readonly params: readonly string[];
  readonly buffers: readonly Buffer[];
  /** Threads of a workgroup. */
  readonly workgroup: readonly [number, number, number];
  /** Functions, constants, workgroup variables. */
  readonly head?: string;
  /** The body of `main`, which sees `id`, `local`, `group` and `groups`. */
  readonly body: string;
}

/** A shader with what is needed to bind it. */
export interface Program {
  readonly name: string;
  readonly code: string;
  readonly params: readonly string[];
  /** Whether each buffer is written. */
  readonly writes: readonly boolean[];
  /** What it was made of. */
  readonly spec: ProgramSpec;
}

/**
 * What a program begins with. The analysis of uniformity asks that all threads of a workgroup reach an operation of
 * subgroups, or none; that those of a subgroup do is enough for it, and ours to see to.
 */
const directives: Readonly<Record<Extension, string>> = {
  subgroups: 'enable subgroups;\ndiagnostic(off, subgroup_uniformity);',
  f16: 'enable f16;',
};

/** WGSL from a spec. */
export function program(spec: ProgramSpec): Program {
  const fields = spec.params.map((p) => `  ${p.includes(':') ? p : `${p}: u32`},`);
  const buffers = spec.buffers.map(
    ({ name, type, write }, at) =>
      `@group(0) @binding(${at + 1}) var<storage, ${write ? 'read_write' : 'read'}> ${name}: ${type};`,
  );
  const code = `// ${spec.name}
${(spec.enable ?? []).map((name) => `${directives[name]}\n`).join('')}struct Params {
${fields.join('\n')}
}
@group(0) @binding(0) var<uniform> p: Params;
${buffers.join('\n')}
${spec.head ?? ''}
@compute @workgroup_size(${spec.workgroup.join(', ')})
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(local_invocation_id) local: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
${spec.body.trim().replaceAll(/^/gm, '  ')}
}
`;
  return Object.freeze({
    name: spec.name,
    code,
    params: spec.params,
    writes: spec.buffers.map((b) => b.write ?? false),
    spec,
  });
}

/** The same program for the same variant, made once: variants are told apart by a string. */
export function variants<V>(make: (variant: V) => Program): (variant: V) => Program {
  const made = new Map<string, Program>();
  return (variant) => {
    const key = JSON.stringify(variant);
    let found = made.get(key);
    if (!found) made.set(key, (found = make(variant)));
    return found;
  };
}

const most = 65535;

/** Workgroups of `size` threads for `count` items in one dimension, folded into two where they are many. */
export function grid(count: number, size: number): readonly [number, number, number] {
  const groups = Math.ceil(count / size);
  const y = Math.ceil(groups / most);
  return [Math.ceil(groups / Math.max(1, y)), y, 1];
}

/** The item of a thread of {@link grid}: `id.x` where one row of workgroups is enough. */
export const item = (size: number): string => `id.x + id.y * groups.x * ${size}u`;
