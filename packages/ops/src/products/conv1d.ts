// conv1d: conv2d on images of one row.
import type { Tensor } from '@lacuna/ir';
import type { Activation } from './activation.js';
import { conv2d } from './conv2d.js';
import { reshape } from '../moves/reshape.js';
import { checkRank } from '../shapes.js';

/** What {@link conv1d} may be told. */
export interface Conv1dOptions {
  readonly stride?: number;
  /** Before and after. */
  readonly padding?: readonly [number, number];
  readonly dilation?: number;
  readonly groups?: number;
  readonly activation?: Activation;
}

/** `conv1d(x [B, C, L], w [O, C/groups, K], bias? [O])` → `[B, O, L']`. */
export function conv1d(
  x: Tensor,
  w: Tensor,
  bias?: Tensor,
  {
    stride = 1,
    padding = [0, 0],
    dilation = 1,
    groups = 1,
    activation = 'none',
  }: Conv1dOptions = {},
): Tensor {
  checkRank('conv1d', 'x', x.shape, ['B', 'C', 'L']);
  checkRank('conv1d', 'w', w.shape, ['O', 'C/groups', 'K']);
  const row = (t: Tensor): Tensor =>
    reshape(t, { shape: [t.shape[0]!, t.shape[1]!, 1, t.shape[2]!] });
  const y = conv2d(row(x), row(w), bias, {
    stride: [1, stride],
    padding: [0, padding[0], 0, padding[1]],
    dilation: [1, dilation],
    groups,
    activation,
  });
  return reshape(y, { shape: [y.shape[0]!, y.shape[1]!, y.shape[3]!] });
}
