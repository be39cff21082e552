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
  if (family.turned) return [matmulOf(family, asRows)];
  return [asRows, ...(family.packs ? inPanels : [])].flatMap((lying) => [
    matmulOf(family, lying),
    linearOf(family, lying),
  ]);
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
const ownScratch = (family: Family, w: OperandType, n: number): number =>
  (family.scratch?.(w, n) ?? 0) * float;

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

function matmulOf(family: Family, lying: Lying): WasmKernel {
  const operands = ({ inputs: [a, b], attrs, output }: Problematic): Operands => {
    const { transposeB } = attrs as MatmulAttrs;
    const n = transposeB ? b!.shape[0]! : b!.shape[1]!;
    const [x, y] = [widthOf(b!, transposeB ? 0 : 1), widthOf(output, 1)];
    return { w: a!, n, transposed: transposeB, x, y };
  };
  const of = (signature: Problematic): Problem => problem(family, operands(signature));
  return wasmKernel<MatmulAttrs>({
    name: nameOf(`${family.name}-matmul`, lying),
    op: matmul,
    takes: [family.layout, lying.x],
    gives: lying.y,
    ...(family.index && { index: [0] }),
    ...(family.prepare && { prepare: { 0: family.prepare } }),
    ...(family.derive && { derive: { 0: family.derive } }),
    when: (signature) =>
      (signature.attrs as MatmulAttrs).transposeA === (family.turned ?? false) &&
      isFloat(signature.inputs, signature.output) &&
      family.takes(signature.inputs[0]!) &&
      fits(family, lying, operands(signature)),
    cost: (signature, rates) => seconds(of(signature), family, 0, rates),
    scratch: (signature) => {
      const { lie, w, n } = of(signature);
      return lie.floats * float + ownScratch(family, w, n);
    },
    launch: (call) => {
      const p = of(known(call));
      return run(family, call, p, [0, 1], call.output.values, call.scratch);
    },
  });
}

/** What a problem is known by. */
type Problematic = Pick<Signature, 'inputs' | 'attrs' | 'output'>;
const known = ({ inputs, attrs, output }: WasmCall): Problematic => ({
  inputs: inputs.map((x) => x?.operand),
  attrs,
  output: output.operand,
});

function linearOf(family: Family, lying: Lying): WasmKernel {
  const operands = ({ inputs: [x, w], output }: Problematic): Operands => {
    const n = sizeOf(x!.shape.slice(0, -1));
    return { w: w!, n, transposed: true, x: widthOf(x!, 0), y: widthOf(output, 0) };
  };
  const of = (signature: Problematic): Problem => problem(family, operands(signature));
  const turning = ({ stays, n, m }: Problem): number => (stays || n === 1 ? 0 : n * m);
  return wasmKernel<LinearAttrs>({
    name: nameOf(`${family.name}-linear`, lying),
    op: linear,
    takes: [lying.x, family.layout],
    gives: lying.y,
    ...(family.index && { index: [1] }),
    ...(family.prepare && { prepare: { 1: family.prepare } }),
    ...(family.derive && { derive: { 1: family.derive } }),
    when: (signature) =>
      isFloat(signature.inputs, signature.output) &&
      family.takes(signature.inputs[1]!) &&
      fits(family, lying, operands(signature)),
    cost: (signature, rates) => {
      const p = of(signature);
      return seconds(p, family, turning(p), rates);
    },
    scratch: (signature) => {
      const p = of(signature);
      return (p.lie.floats + turning(p)) * float + ownScratch(family, p.w, p.n);
    },
    launch: (call) => {
      const p = of(known(call));
      const { output, scratch } = call;
      const floats = turning(p);
      if (floats === 0) return run(family, call, p, [1, 0], output.values, scratch);
      // Y [M, N] in the scratch, before it is turned into y [N, M].
      const product = run(family, call, p, [1, 0], scratch, scratch + floats * float);
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
