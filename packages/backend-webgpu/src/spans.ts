// What is larger than a binding is bound as several spans side by side, and its program is written anew: where it
// names an element, it asks in which span that lies. So every kernel works on whatever is in memory, a stranger's too;
// those whose rows can be cut do that first, since a look-up costs a comparison a span.
//
//   w[e]                 wAt(e)             fn wAt(i) { if (i < 4096) { return wSpan0[i]; } return wSpan1[i - 4096]; }
//   y[e] = v;            yPut(e, v);
//   atomicOr(&s[e], v)   sAtomicOr(e, v)
import { SparseError } from '@lacuna/ir';
import { rewrite, type Elements } from './elements.js';
import { partOf, type Binding, type Dispatch } from './kernel.js';
import { program, type Buffer, type Program } from './program.js';

const alignment = 256;
const words: Readonly<Record<string, number>> = {
  vec2u: 2,
  vec2f: 2,
  vec4u: 4,
  vec4f: 4,
  vec4h: 2,
  Tile2: 8,
  Tile4: 16,
  Tile8: 32,
};

/** The spans of a binding, each of at most `most` bytes and beginning where bindings may. */
function spansOf(given: Binding, most: number): readonly Binding[] {
  const size = Math.floor(most / alignment) * alignment;
  const count = Math.max(1, Math.ceil(given.bytes / size));
  return Array.from({ length: count }, (_, at) =>
    partOf(given, at * size, Math.min(size, given.bytes - at * size)),
  );
}

/**
 * A dispatch whose bindings are all of at most `most` bytes.
 *
 * @throws SparseError `capacity` where that takes more bindings than the device has.
 */
export function fitted(
  dispatch: Dispatch,
  most: number,
  { limits }: Pick<GPUDevice, 'limits'>,
): Dispatch {
  const { program: given, buffers } = dispatch;
  if (buffers.every((each) => !each || each.bytes <= most)) return dispatch;
  const spans = given.writes.map((_, at) => {
    const each = buffers[at];
    return each ? spansOf(each, most) : [undefined];
  });
  const [asked, limit] = [spans.flat().length, limits.maxStorageBuffersPerShaderStage];
  if (asked > limit)
    throw new SparseError(
      'capacity',
      `${given.name} over ${buffers.map((each) => each?.bytes ?? 0).join(', ')} bytes takes ${asked} bindings of at most ${most} bytes, and the GPU has ${limit}`,
      { hint: 'split the matrix by rows', detail: { asked, limit } },
    );
  const counts = spans.map((each) => each.length);
  return { ...dispatch, program: spanned(given, counts, most), buffers: spans.flat() };
}

const made = new WeakMap<Program, Map<string, Program>>();

/** A program whose buffers are bound as so many spans of `most` bytes each. */
function spanned(given: Program, counts: readonly number[], most: number): Program {
  const known = made.get(given) ?? new Map<string, Program>();
  made.set(given, known);
  const key = `${counts.join()} ${most}`;
  let found = known.get(key);
  if (!found) known.set(key, (found = build(given, counts, most)));
  return found;
}

function build({ spec }: Program, counts: readonly number[], most: number): Program {
  const cut = new Map<string, Accessors>();
  const buffers = spec.buffers.flatMap((buffer, at) => {
    const count = counts[at]!;
    if (count === 1) return [buffer];
    const spans = Array.from({ length: count }, (_, k) => ({
      ...buffer,
      name: `${buffer.name}Span${k}`,
    }));
    cut.set(buffer.name, new Accessors(buffer, spans, most));
    return spans;
  });
  const [head, body] = [rewrite(spec.head ?? '', cut), rewrite(spec.body, cut)];
  const functions = [...cut.values()].map((each) => each.code).join('');
  return program({
    ...spec,
    name: `${spec.name}-spanned`,
    buffers,
    head: `${functions}${head}`,
    body,
  });
}

/** Functions that find the span of an element; those that a program calls are written. */
class Accessors implements Elements {
  readonly #functions = new Map<string, string>();
  readonly #spans: readonly Buffer[];
  readonly #element: string;
  readonly #type: string;
  readonly #size: number;
  readonly name: string;

  constructor({ name, type }: Buffer, spans: readonly Buffer[], most: number) {
    this.#element = type.slice('array<'.length, -1);
    this.#type = this.#element.replace(/^atomic<(.*)>$/, '$1');
    const bytes = 4 * (words[this.#element] ?? 1);
    this.#size = (Math.floor(most / alignment) * alignment) / bytes;
    [this.name, this.#spans] = [name, spans];
  }

  get code(): string {
    return [...this.#functions.values()].join('');
  }

  /** The name of a function over element i; `line` says what it does with a span's. */
  #function(name: string, head: string, line: (element: string) => string): string {
    const tests = this.#spans.map(({ name: span }, at) => {
      const element = line(at === 0 ? `${span}[i]` : `${span}[i - ${at * this.#size}u]`);
      return at === this.#spans.length - 1
        ? `  ${element}`
        : `  if (i < ${(at + 1) * this.#size}u) { ${element} }`;
    });
    this.#functions.set(name, `\nfn ${name}${head} {\n${tests.join('\n')}\n}\n`);
    return name;
  }

  read(index: string): string {
    const head = `(i: u32) -> ${this.#type}`;
    return `${this.#function(`${this.name}At`, head, (e) => `return ${e};`)}(u32(${index}))`;
  }

  write(index: string, value: string): string {
    const head = `(i: u32, v: ${this.#type})`;
    const name = this.#function(`${this.name}Put`, head, (e) => `${e} = v; return;`);
    return `${name}(u32(${index}), ${value})`;
  }

  atomic(name: string, index: string): string {
    const [type, bare] = [this.#type, name === 'atomicLoad'];
    const head = `(i: u32${bare ? '' : `, v: ${type}`})${name === 'atomicStore' ? '' : ` -> ${type}`}`;
    const own = `${this.name}${name[0]!.toUpperCase()}${name.slice(1)}`;
    const found = this.#function(own, head, (e) => {
      const call = `${name}(&${e}${bare ? '' : ', v'});`;
      return name === 'atomicStore' ? `${call} return;` : `return ${call}`;
    });
    return `${found}(u32(${index})`;
  }
}
