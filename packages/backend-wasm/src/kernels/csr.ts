// CSR on the left. For many positions up to 12 vectors of one row's sums stay in registers while its entries pass,
// and coordinates are multiplied by the stride of x once, for all tiles. For few, four entries share a load of values
// and one of coordinates.
import type { OperandType } from '@lacuna/ir';
import { csr } from '@lacuna/layouts';
import type { Exports, Stage } from '../kernel.js';
import { coordinateBytes, usesOf, type Family, type ProductStage, type Right } from './family.js';
import { large } from './positions.js';
import { registers } from './dense.js';

/** Where compressed rows are, of M rows and K columns. */
export interface CompressedRows {
  readonly m: number;
  readonly k: number;
  readonly pos: number;
  readonly crd: number;
  readonly bytes: number;
  readonly values: number;
}

/** The csr that an operand is. */
const own = (w: Parameters<Family['bind']>[1]): CompressedRows => ({
  m: w.operand.shape[0]!,
  k: w.operand.shape[1]!,
  pos: w.buffer(1, 'pos'),
  crd: w.buffer(1, 'crd'),
  bytes: coordinateBytes(w, 1),
  values: w.values,
});

const panel = 48;
/** Positions from which multiplied coordinates pay, and the most rows of x: a panel must leave room in L2. */
const [many, tall] = [48, 1024];
/** Whether coordinates are multiplied, for a product of K rows of x: offsets into x have 31 bits. */
const isWide = (k: number, n: number): boolean => n >= many && k <= tall && k * n * 4 < 2 ** 31;

/** Positions in a panel. */
export const csrPanel = (k: number, n: number): number => (isWide(k, n) ? panel : 24);
/** Whether x is worth packing: a tile reads parts of rows, which far apart meet in few sets of L1. */
export const csrPacked = (k: number, n: number, uses: number): boolean =>
  large(k, n, uses) || (isWide(k, n) && n >= 128 && uses >= 32);
/** Words of scratch for `stored` entries in m rows. */
export const csrScratch = (m: number, k: number, n: number, stored: number): number =>
  isWide(k, n) ? stored + m : 0;
/** Share of peak for n positions. */
export const csrShare = (n: number): number =>
  n === 1 ? 0.11 : n < 8 ? 0.35 : n < 16 ? 0.55 : n < many ? 0.6 : 0.66;
/** Multiply-adds at the best rate that it takes to multiply a coordinate. */
const multiplying = 3;
export const csrEntry = (k: number, n: number): number => (isWide(k, n) ? multiplying : 0);

/** The call that multiplies coordinates, into `offsets`. */
export function csrBefore(
  { m, k, pos, crd, bytes }: CompressedRows,
  { x, n }: Right,
  offsets: number,
  stored: number,
): readonly Stage[] {
  if (!isWide(k, n)) return [];
  const args = [pos, crd, bytes, x[1], offsets];
  return [{ name: 'csr_offsets', units: m, args, work: stored * multiplying }];
}

/** The product's call. */
export function csrProduct(
  exports: Exports,
  { m, k, pos, crd, bytes, values }: CompressedRows,
  { x, n, bias, act, y }: Right,
  offsets: number,
): ProductStage {
  const end = [...x, bias, act, ...y, registers(exports)];
  return isWide(k, n)
    ? { name: 'csr_wide', units: m, args: [n, pos, offsets, values, ...end] }
    : { name: 'csr', units: m, args: [k, n, pos, crd, bytes, values, ...end] };
}

/** The call for one position. */
export function csrVector(
  { m, pos, crd, bytes, values }: CompressedRows,
  { x, bias, act, y }: Right,
): ProductStage {
  return { name: 'csr_vec', units: m, args: [pos, crd, bytes, values, x[0], bias, act, y[0]] };
}

const columns = ({ shape }: OperandType): number => shape[1]!;

/** Products with a CSR left-hand side. */
export const csrFamily: Family = {
  name: 'csr',
  layout: csr,
  takes: () => true,
  packs: 'any',
  panel: (w, n) => csrPanel(columns(w), n),
  packed: (w, n) => csrPacked(columns(w), n, usesOf(w)),
  share: (_, n) => csrShare(n),
  scratch: (w, n) => csrScratch(w.shape[0]!, columns(w), n, w.stored),
  entry: (w, n) => csrEntry(columns(w), n),
  before: (w, right) => csrBefore(own(w), right, right.scratch, w.operand.stored),
  bind: (exports, w, right) => csrProduct(exports, own(w), right, right.scratch),
  bindVector: (_, w, right) => csrVector(own(w), right),
};
