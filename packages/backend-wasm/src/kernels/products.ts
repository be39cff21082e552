// matmul and linear for every family. In matmul, positions are the columns of b; in linear they are the rows
// of x, packed as they are read, and y is turned back at the end. Either may be in panels.
//
//   matmul   Y[M, N] = act(A·B + bias)           linear   y[N, M] = act(W·xᵀ + bias)ᵀ
import { sizeOf, type OperandType, type Rates, type Signature } from '@lacuna/ir';
import { linear, matmul, type LinearAttrs, type MatmulAttrs } from '@lacuna/ops';
import { wasmKernel, type Stage, type WasmCall, type WasmKernel } from '../kernel.js';
import { sides, type Family, type Right } from './family.js';
import { asRows, clearLast, commonWidth, inPanels, nameOf, widthOf, type Lying } from './lying.js';
import {
  activationCode,
  direct,
  given,
  moved,
  packed,
  positions,
  type Positions,
} from './positions.js';

/** The kernels of one family. */
export function products(family: Family): readonly WasmKernel[] {
  if (family.turned) return [kernelOf(matmulProduct, family, asRows)];
  return [asRows, ...(family.packs ? inPanels : [])].flatMap((lying) =>
    [matmulProduct, linearProduct].map((product) => kernelOf(product, family, lying)),
  );
}

/** Sizes of a product, and how its right-hand side lies. */
interface Problem {
  readonly w: OperandType;
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly lie: Positions;
  readonly vector: boolean;
  /** The width of the panels that X, Y or both are in. */
  readonly width?: number;
  /** Y is in them. */
  readonly stays: boolean;
}

/** What is known of a product's operands. */
interface Operands {
  readonly w: OperandType;
  readonly n: number;
  /** X is written `[N, K]`. */
  readonly transposed: boolean;
  /** The widths of X's and Y's panels. */
  readonly x: number | undefined;
  readonly y: number | undefined;
}

function problem(family: Family, { w, n, transposed, x, y }: Operands): Problem {
  const [m, k] = sides(w, family.turned);
  const rows = family.rows?.(w) ?? k;
  const width = x ?? y;
  const of = { w, m, k, n, stays: y !== undefined };
  if (width !== undefined) {
    const lie = x === undefined ? packed({ k, n, rows, transposed }, width) : given(k, width);
    return { ...of, lie, vector: false, width };
  }
  const vector = n === 1 && family.bindVector !== undefined && (family.vector?.(w) ?? true);
  if (vector) return { ...of, lie: direct(k, n), vector };
  const better = family.packed?.(w, n) ?? false;
  const panel = family.panel(w, n);
  const lie =
    family.lie?.(k, n, transposed) ?? positions({ k, n, transposed, panel, better, rows });
  return { ...of, lie, vector };
}

const float = 4;

/** Seconds of a product; `turning`: numbers of Y that are turned at the end. */
function seconds(p: Problem, family: Family, turning: number, rates: Rates): number {
  const { w, m, k, n, lie, width } = p;
  // Panels are tiles of their own, and the last one may be narrow.
  const last = width === undefined ? n : n % width;
  const tiles = (positions: number): number =>
    positions === 0 ? 0 : positions / family.share(w, positions);
  const each =
    tiles(last) +
    (width === undefined ? 0 : Math.floor(n / width) * tiles(width)) +
    (family.entry?.(w, n) ?? 0);
  const multiplied = 2 * (w.stored * each + (lie.floats + turning) * moved);
  return (
    multiplied / rates.flops + ((m * n + w.stored + k) * float) / rates.bandwidth + rates.launch
  );
}

/** Whether a family takes so many positions, and an X or Y in panels: of one width, and with the rows that W meets. */
function fits(family: Family, { x, y }: Lying, { w, n, x: from, y: to }: Operands): boolean {
  if (family.single && n !== 1) return false;
  if ((x !== asRows.x) !== (from !== undefined) || (y !== asRows.y) !== (to !== undefined))
    return false;
  if (from === undefined && to === undefined) return true;
  if (commonWidth([from, to], family.packs) === undefined) return false;
  return from === undefined || (family.rows?.(w) ?? w.shape[1]) === w.shape[1];
}

/** An op that is a product: where W and X are among its inputs, and how they and Y lie. */
interface Product {
  readonly op: typeof matmul | typeof linear;
  readonly inputs: readonly [w: 0 | 1, x: 0 | 1];
  /** Y is written `[N, M]`. */
  readonly turnsY: boolean;
  /** Whether W is to be transposed, and X is written `[N, K]`. */
  readonly transposed: (attrs: object) => readonly [w: boolean, x: boolean];
}

const matmulProduct: Product = {
  op: matmul,
  inputs: [0, 1],
  turnsY: false,
  transposed: (attrs) => {
    const { transposeA, transposeB } = attrs as MatmulAttrs;
    return [transposeA, transposeB];
  },
};
const linearProduct: Product = {
  op: linear,
  inputs: [1, 0],
  turnsY: true,
  transposed: () => [false, true],
};

/** What a problem is known by. */
type Problematic = Pick<Signature, 'inputs' | 'attrs' | 'output'>;
const known = ({ inputs, attrs, output }: WasmCall): Problematic => ({
  inputs: inputs.map((x) => x?.operand),
  attrs,
  output: output.operand,
});

function kernelOf(
  { op, inputs: sidesOf, turnsY, transposed }: Product,
  family: Family,
  lying: Lying,
): WasmKernel {
  const [left, right] = sidesOf;
  const operands = ({ inputs, attrs, output }: Problematic): Operands => {
    const [, turned] = transposed(attrs);
    const { shape } = inputs[right]!;
    const n = turned ? sizeOf(shape.slice(0, -1)) : shape[1]!;
    const [x, y] = [widthOf(inputs[right]!, turned ? 0 : 1), widthOf(output, turnsY ? 0 : 1)];
    return { w: inputs[left]!, n, transposed: turned, x, y };
  };
  const of = (signature: Problematic): Problem => problem(family, operands(signature));
  /** Numbers of Y that are turned at the end. */
  const turning = ({ stays, n, m }: Problem): number => (!turnsY || stays || n === 1 ? 0 : n * m);
  return wasmKernel<LinearAttrs>({
    name: nameOf(`${family.name}-${op.opName}`, lying),
    op,
    takes: left === 0 ? [family.layout, lying.x] : [lying.x, family.layout],
    gives: lying.y,
    ...(family.index && { index: [left] }),
    ...(family.prepare && { prepare: { [left]: family.prepare } }),
    ...(family.derive && { derive: { [left]: family.derive } }),
    when: (signature) =>
      transposed(signature.attrs)[0] === (family.turned ?? false) &&
      isFloat(signature.inputs, signature.output) &&
      family.takes(signature.inputs[left]!) &&
      fits(family, lying, operands(signature)),
    cost: (signature, rates) => {
      const p = of(signature);
      return seconds(p, family, turning(p), rates);
    },
    scratch: (signature) => {
      const p = of(signature);
      return (p.lie.floats + turning(p) + (family.scratch?.(p.w, p.n) ?? 0)) * float;
    },
    launch: (call) => {
      const p = of(known(call));
      const { output, scratch } = call;
      const floats = turning(p);
      if (floats === 0) return run(family, call, p, sidesOf, output.values, scratch);
      // Y [M, N] in the scratch, before it is turned into y [N, M].
      const product = run(family, call, p, sidesOf, scratch, scratch + floats * float);
      const args = [p.m, scratch, p.n, output.values, p.m];
      const work = floats * moved;
      return [...product, { name: 'transpose_2d', units: p.n, args, work, grain: 4 }];
    },
  });
}

/** The calls of a product of inputs `[W, X]`, into y. */
function run(
  family: Family,
  { exports, inputs, attrs }: WasmCall,
  p: Problem,
  [left, right]: readonly [number, number],
  y: number,
  scratch: number,
): readonly Stage[] {
  const [w, x] = [inputs[left]!, inputs[right]!.values];
  const panels = scratch;
  const lies = p.lie.arguments(x, panels);
  const by: Right = {
    x: lies,
    n: p.n,
    k: p.lie.rows,
    bias: inputs[2]?.values ?? 0,
    act: activationCode[(attrs as LinearAttrs).activation],
    y: p.stays ? [y, p.width!, p.m * p.width!] : [y, p.n, lies[2]],
    scratch: scratch + p.lie.floats * float,
  };
  const product = (p.vector ? family.bindVector! : family.bind)(exports, w, by);
  const work = (w.operand.stored * p.n) / family.share(w.operand, p.n);
  return [
    ...p.lie.pack(x, panels),
    ...(family.before?.(w, by) ?? []),
    ...(p.stays ? clearLast(p.m, p.n, p.width!, y) : []),
    { ...product, work },
  ];
}

/** Whether all that a product reads and writes is float32. */
export function isFloat(inputs: Signature['inputs'], output: OperandType): boolean {
  return [...inputs, output].every((type) => type === undefined || type.dtype === 'float32');
}
