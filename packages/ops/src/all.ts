// Every op of this package, for engines, readers of files and laws.
import type { Op } from '@lacuna/ir';
import { add } from './add.js';
import { averagePool } from './averagepool.js';
import { biasAdd } from './biasadd.js';
import { concatenate } from './concatenate.js';
import { conv2d } from './conv2d.js';
import { depthToSpace } from './depthtospace.js';
import { linear } from './linear.js';
import { matmul } from './matmul.js';
import { maxPool } from './maxpool.js';
import { mean } from './mean.js';
import { multiply } from './multiply.js';
import { pad } from './pad.js';
import { prelu } from './prelu.js';
import { relu } from './relu.js';
import { relu6 } from './relu6.js';
import { reshape } from './reshape.js';
import { resizeBilinear } from './resize.js';
import { sigmoid } from './sigmoid.js';
import { squeeze } from './squeeze.js';
import { transpose } from './transpose.js';

/** Every op, products first. */
export const ops: readonly Op[] = Object.freeze([
  linear,
  matmul,
  conv2d,
  add,
  multiply,
  biasAdd,
  relu,
  relu6,
  sigmoid,
  prelu,
  pad,
  maxPool,
  averagePool,
  resizeBilinear,
  depthToSpace,
  concatenate,
  mean,
  reshape,
  squeeze,
  transpose,
]);
