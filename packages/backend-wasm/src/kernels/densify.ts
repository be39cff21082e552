// Rows of blocks and n:m:g back to row-major numbers, by their own structure: no flat index, and each row once.
import { blockRowsOf, dense, levelsOf, sizeOf, type Layout, type OperandType } from '@lacuna/ir';
import { bcsr, csr, nmg, patternCount } from '@lacuna/layouts';
import { densify } from '@lacuna/ops';
import { wasmKernel, type Stage, type WasmKernel, type WasmOperand } from '../kernel.js';
import { coordinateBytes } from './family.js';
import { isWord } from './move.js';

/** Multiply-adds that a number is worth, stored or not. */
const [stored, zero] = [3, 1];

/** Whether kernels here read an n:m:g. */
export const isGrouped = ({ format, shape }: Pick<OperandType, 'format' | 'shape'>): boolean =>
  format.layout === nmg &&
  !format.codec &&
  shape.length === 2 &&
  format.params['along'] === 0 &&
  format.params['group'] === 1 &&
  format.params['m']! <= 256;

/** The arguments that say where an n:m:g is, and its blocks. */
export function groupedArgs(w: WasmOperand): { readonly blocks: number; readonly args: number[] } {
  const { params } = w.operand.format;
  const [m, k] = w.operand.shape as [number, number];
  const { n, m: block, g } = params as Readonly<Record<'n' | 'm' | 'g', number>>;
  const where = [w.buffer(4, 'table'), w.buffer(3, 'crd'), w.values];
  return {
    blocks: k === 0 ? 0 : Math.ceil(m / block),
    args: [m, k, n, block, g, patternCount(n, block), ...where],
  };
}

/** The arguments that say where rows of blocks are; undefined for other storage. */
export function blockArgs(
  w: WasmOperand,
): { readonly v: number; readonly c: number; readonly args: readonly number[] } | undefined {
  const blocks = blockRowsOf(w.operand.format, w.operand.shape);
  if (!blocks || coordinateBytes(w, 1) === 1) return undefined;
  const args = [w.buffer(1, 'pos'), w.buffer(1, 'crd'), coordinateBytes(w, 1), w.values];
  return { v: blocks.rows, c: blocks.columns, args };
}

/** The calls that write an operand's numbers to y; undefined where there are none for its layout. */
export function denseFrom(w: WasmOperand, y: number): readonly Stage[] | undefined {
  const { shape } = w.operand;
  const work = w.operand.stored * stored + sizeOf(shape) * zero;
  if (isGrouped(w.operand)) {
    const { blocks, args } = groupedArgs(w);
    return [{ name: 'nmg_dense', units: blocks, args: [...args, y], work }];
  }
  const blocks = blockArgs(w);
  if (!blocks) return undefined;
  const { v, c } = blocks;
  const [m, k] = shape as [number, number];
  const args = [v, c, m, k, ...blocks.args, y];
  return [{ name: 'blocks_dense', units: k === 0 ? 0 : Math.ceil(m / v), args, work }];
}

const isRead = (x: OperandType): boolean =>
  isGrouped(x) ||
  (blockRowsOf(x.format, x.shape) !== undefined &&
    levelsOf(x.format, x.shape)[1]!.width !== 'uint8');

const densifyOf = (name: string, layout: Layout): WasmKernel =>
  wasmKernel<object>({
    name: `densify-${name}`,
    op: densify,
    takes: [layout],
    gives: dense,
    when: (signature) => isWord(signature) && isRead(signature.inputs[0]!),
    exact: true,
    launch: ({ inputs, output }) => denseFrom(inputs[0]!, output.values)!,
  });

/** densify from csr, bcsr and n:m:g. */
export const densifyKernels: readonly WasmKernel[] = [
  densifyOf('csr', csr),
  densifyOf('bcsr', bcsr),
  densifyOf('nmg', nmg),
];
