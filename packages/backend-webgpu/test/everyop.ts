// Every op, forward and backward, for operands in every layout, by an engine that may not fall back: whatever has no
// kernel on the device is refused, and so is found.
import type { Engine } from '@lacuna/engine';
import type { Layout, Op } from '@lacuna/ir';
import { bitmask, csr, layouts } from '@lacuna/layouts';
import { ops } from '@lacuna/ops';
import { backwardLaws, cases, runLaws, type Law } from '@lacuna/testing';
import { differentiateOn, runEmitted, runOn } from '../../../tools/onengine.js';

/** The laws of one op on an engine. */
export interface OpLaws {
  readonly name: string;
  readonly laws: readonly Law[];
}

const anywhere = [layouts, layouts, layouts, layouts];

/** Layouts whose patterns the device finds. */
const found: readonly Layout[] = [csr, bitmask];
const takes = ({ backend }: Engine, op: Op, layout: Layout): boolean =>
  backend.kernels.some((kernel) => kernel.op === op && kernel.takes.includes(layout));

/** The laws of every op that has cases, and of its gradient where it has one. */
export function everyOp(engine: Engine): readonly OpLaws[] {
  return ops.flatMap((op) => {
    const make = cases.get(op);
    if (!make) return [];
    const subject = { op, make, layouts: anywhere };
    const all: OpLaws[] = [
      { name: op.opName, laws: runLaws({ ...subject, run: runOn(engine) }) },
      {
        name: `the gradient of ${op.opName}`,
        laws: backwardLaws({ ...subject, differentiate: differentiateOn(engine) }),
      },
    ];
    if (found.some((layout) => takes(engine, op, layout)))
      all.push({
        name: `${op.opName} of what a run finds`,
        laws: runLaws({ op, make, layouts: [found, found], run: runEmitted(engine) }),
      });
    return all.filter(({ laws }) => laws.length > 0);
  });
}
