// Loops over the entries of one row of a matrix in any layout, made of its levels as `walk` is on the host. A level
// that binds the row's coordinate finds its place; one that binds the other coordinate is gone through.
//
//   vnm(4,2,8), row i      i/4  at i / 4             find   p0 = row / 4
//                          j/8  each tile            for c1 …  p1 = p0 · tiles + c1
//                          i%4  at i % 4             find   p2 = p1 · 4 + row % 4
//                          j%8  its two entries      for t …   j = c1 · 8 + table[(i/4, c1), crd[p2 · 2 + t]]
//
//            nothing is read but the structure itself. A level of many coordinates that binds the row, such as csc's
//            second, is searched: log2 of its entries a column.
import type { BufferRole, BufferSpec, Level, Pattern } from '@lacuna/ir';

/** The loops of a layout. */
export interface Loops {
  /** Tells programs apart. */
  readonly key: string;
  readonly params: readonly string[];
  /** Their numbers, where `word` says where a part begins. */
  readonly numbers: (word: (level: number, role: BufferRole) => number) => readonly number[];
  readonly head: string;
  /** WGSL of the row that a thread of number `item` makes. */
  readonly row: string;
  /** WGSL of the loops around `add`, which sees entry `q` at the other coordinate `j`. */
  readonly body: (add: string) => string;
  /** Steps through levels that a row takes, on the average. */
  readonly steps: number;
}

type About = Pick<Pattern, 'levels' | 'positions' | 'buffers' | 'shape'>;

/** Loops over the entries of row `row` of a matrix, or of its column where `own` is 1; undefined along diagonals. */
export function loopsOf(pattern: About, own: 0 | 1): Loops | undefined {
  const { levels, buffers, shape } = pattern;
  const bound = levels.flatMap(({ binds }) => binds);
  if (shape.length !== 2 || bound.some(({ minus }) => minus !== undefined)) return undefined;
  const name = ({ level, role }: BufferSpec): string => `${role}${level}`;
  const reads = buffers.map((spec) => readOf(name(spec), spec.type));
  const permuted = isPermuted(levels[0]!, own, shape);
  const sizes = levels.map((level) => level.size);
  const row = permuted ? 'table0(item)' : 'item';
  return {
    key: `${own} ${levels.map(describe).join(' ')} ${buffers.map(({ type }) => type).join()}`,
    params: [...buffers.map((part) => `${name(part)}At`), ...sizes.map((_, k) => `size${k}`)],
    numbers: (word) => [...buffers.map(({ level, role }) => word(level, role)), ...sizes],
    head: reads.join(''),
    row,
    body: (add) => {
      const other = levels.flatMap(({ binds }, k) =>
        binds.filter(({ dim }) => dim !== own).map(({ div }) => `c${k} * ${div}u`),
      );
      // Blocks may reach past the shape.
      const leaf = `let q = p${levels.length - 1}; let j = ${other.join(' + ') || '0u'};
if (j < p.k) {
${add}
}`;
      const nest = levels.reduceRight(
        (below, _, k) => step(levels, k, own, permuted && k === 0, below),
        leaf,
      );
      return `let row = ${row};\n${nest}`;
    },
    steps: stepsOf(pattern, own, permuted),
  };
}

/** Whether threads take rows in the order of a table. */
const isPermuted = ({ kind, by, binds, size }: Level, own: number, shape: readonly number[]) =>
  kind === 'dense' &&
  by?.over.length === 0 &&
  binds.length === 1 &&
  binds[0]!.dim === own &&
  size === shape[own];

const describe = ({ kind, name, count, by, delta }: Level): string =>
  [kind, name, count ?? '', by ? `by ${by.over.join()} ${by.of ?? ''}` : '', delta ?? ''].join(' ');

function readOf(name: string, type: 'uint8' | 'uint16' | 'uint32'): string {
  const bits = Number(type.slice('uint'.length));
  const each = 32 / bits;
  const word = (at: string): string => `s[p.${name}At + ${at}]`;
  const value =
    each === 1
      ? word('q')
      : `extractBits(${word(`q / ${each}u`)}, q % ${each}u * ${bits}u, ${bits}u)`;
  return `\nfn ${name}(q: u32) -> u32 { return ${value}; }`;
}

/** WGSL of level k around what is below it: it declares its coordinate c and its position p. */
function step(
  levels: readonly Level[],
  k: number,
  own: number,
  permuted: boolean,
  below: string,
): string {
  const level = levels[k]!;
  const { kind, by } = level;
  const mine = level.binds.find(({ dim }) => dim === own);
  const target = mine && `((row / ${mine.div}u)${mine.mod > 0 ? ` % ${mine.mod}u` : ''})`;
  const p = k === 0 ? '0u' : `p${k - 1}`;
  const inside = (c: string, q: string): string => `let c${k} = ${c};
let p${k} = ${q};
${below}`;
  /** Goes through places, and on where the coordinate is the row's, if it binds that. */
  const through = (from: string, to: string, c: string, q: string): string => `
for (var t${k} = ${from}; t${k} < ${to}; t${k}++) {
  let d${k} = ${c};
  ${target ? `if (d${k} == ${target}) {` : '{'}
  ${inside(`d${k}`, q)}
  }
}`;
  const rowOfTable = (width: string): string => {
    const outer = by!.over.map((name) => levels.findIndex((l) => l.name === name));
    return `(${outer.reduce((r, l) => `(${r}) * p.size${l} + c${l}`, '0u')}) * ${width}`;
  };
  switch (kind) {
    case 'dense':
    case 'slot':
      if (permuted) return `{\n${inside('row', 'item')}\n}`;
      if (by)
        return through(
          '0u',
          `p.size${k}`,
          `table${k}(${rowOfTable(`p.size${k}`)} + t${k})`,
          `${p} * p.size${k} + t${k}`,
        );
      if (target) return `{\n${inside(target, `${p} * p.size${k} + c${k}`)}\n}`;
      return through('0u', `p.size${k}`, `t${k}`, `${p} * p.size${k} + t${k}`);
    case 'masked':
    case 'bitmask': {
      if (target) return found(k, target, kind === 'masked', p, below);
      return kind === 'masked' ? maskedBits(k, p, below) : setBits(k, p, below);
    }
    case 'compressed':
      if (level.delta)
        return `
var g${k} = 0xffffffffu;
for (var t${k} = pos${k}(${p}); t${k} < pos${k}(${p} + 1u); t${k}++) {
  g${k} += crd${k}(t${k}) + 1u;
  ${target ? `if (g${k} == ${target}) {` : '{'}
  ${inside(`g${k}`, `t${k}`)}
  }
}`;
      if (target && level.ordered) return searched(k, target, p, inside(target, `t${k}`));
      return through(`pos${k}(${p})`, `pos${k}(${p} + 1u)`, `crd${k}(t${k})`, `t${k}`);
    case 'singleton':
      return `{
  let d${k} = crd${k}(${p});
  ${target ? `if (d${k} == ${target}) {` : '{'}
  ${inside(`d${k}`, p)}
  }
}`;
    case 'fixed': {
      const stored = `${p} * ${level.count}u + t${k}`;
      const table = (at: string): string =>
        `table${k}(${rowOfTable(`${by!.of ?? level.count}u`)} + ${at})`;
      const c = !by ? `crd${k}(${stored})` : table(by.of ? `crd${k}(${stored})` : `t${k}`);
      return through('0u', `${level.count}u`, c, stored);
    }
    case 'range':
      throw new TypeError('loops do not run along diagonals');
    default:
      return kind satisfies never;
  }
}

/** The place of a bit, if it is set: behind those before it, or where it would be if all were. */
function found(k: number, target: string, masked: boolean, p: string, below: string): string {
  const before = `
  var r${k} = rank${k}(${p});
  for (var b = 0u; b < c${k} / 8u; b++) { r${k} += countOneBits(mask${k}(row${k} + b)); }
  r${k} += countOneBits(byte${k} & ((1u << (c${k} % 8u)) - 1u));`;
  return `{
  let c${k} = ${target};
  let row${k} = ${p} * ((p.size${k} + 7u) / 8u);
  let byte${k} = mask${k}(row${k} + c${k} / 8u);
  if (extractBits(byte${k}, c${k} % 8u, 1u) == 1u) {${masked ? '' : before}
  let p${k} = ${masked ? `${p} * p.size${k} + c${k}` : `r${k}`};
  ${below}
  }
}`;
}

/** Every bit that is set, a byte at a time; `place` is its position, `next` what follows it. */
function bits(k: number, p: string, start: string, place: string, next: string, below: string) {
  return `${start}
for (var b${k} = 0u; b${k} < (p.size${k} + 7u) / 8u; b${k}++) {
  var word${k} = mask${k}(${p} * ((p.size${k} + 7u) / 8u) + b${k});
  while (word${k} != 0u) {
    let c${k} = b${k} * 8u + firstTrailingBit(word${k});
    word${k} &= word${k} - 1u;
    let p${k} = ${place};
    ${next}
    ${below}
  }
}`;
}
const maskedBits = (k: number, p: string, below: string): string =>
  bits(k, p, '', `${p} * p.size${k} + c${k}`, '', below);
const setBits = (k: number, p: string, below: string): string =>
  bits(k, p, `var r${k} = rank${k}(${p});`, `r${k}`, `r${k}++;`, below);

/** Entries of a coordinate among those in order. */
const searched = (k: number, target: string, p: string, inside: string): string => `{
  var t${k} = pos${k}(${p});
  let end${k} = pos${k}(${p} + 1u);
  var high${k} = end${k};
  while (t${k} < high${k}) {
    let middle = (t${k} + high${k}) / 2u;
    if (crd${k}(middle) < ${target}) { t${k} = middle + 1u; } else { high${k} = middle; }
  }
  for (; t${k} < end${k}; t${k}++) {
    if (crd${k}(t${k}) != ${target}) { break; }
    ${inside}
  }
}`;

/** Steps of a row: what is gone through, and what is searched, at each level. */
function stepsOf({ levels, positions }: About, own: number, permuted: boolean): number {
  let [alive, steps] = [1, 0];
  levels.forEach((level, k) => {
    const each = positions[k]! / Math.max(1, k === 0 ? 1 : positions[k - 1]!);
    const mine = level.binds.some(({ dim }) => dim === own);
    const direct = mine && level.kind === 'dense' && (!level.by || (k === 0 && permuted));
    const halved = mine && level.kind === 'compressed' && level.ordered && !level.delta;
    const looked = direct ? 1 : halved ? Math.log2(each + 2) : Math.max(1, each);
    if (level.kind !== 'singleton') steps += alive * looked;
    alive *= mine ? Math.min(1, each / Math.max(1, level.size)) : each;
  });
  return steps;
}
