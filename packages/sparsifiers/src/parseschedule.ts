// Schedules as text, the way they print.
import { SparseError } from '@lacuna/ir';
import { parseCall, type ParsedParams } from './call.js';
import { layerWise } from './layerwise.js';
import { cosine, cubic, iterative, oneShot, type RiseOptions, type Schedule } from './schedule.js';
import { stepwise, type Ratio, type Stage } from './stages.js';

/** Makes a schedule from parameters that were read. */
export type ScheduleMaker = (params: ParsedParams) => Schedule;

const riseOf = (p: ParsedParams): RiseOptions => ({
  to: p.number('to'),
  from: p.maybe('from') ?? 0,
  begin: p.maybe('begin') ?? 0,
  end: p.number('end'),
  every: p.maybe('every') ?? 1,
});

/** The schedules that {@link parseSchedule} knows by name, beside `stepwise` and `layerWise`. */
export const scheduleMakers: Readonly<Record<string, ScheduleMaker>> = Object.freeze({
  cubic: (p) => cubic(riseOf(p)),
  cosine: (p) => cosine(riseOf(p)),
  oneShot: (p) => oneShot({ fraction: p.number('fraction'), at: p.maybe('at') ?? 0 }),
  iterative: (p) =>
    iterative({
      fraction: p.number('fraction'),
      rounds: p.number('rounds'),
      every: p.number('every'),
      begin: p.maybe('begin') ?? 0,
    }),
});

/**
 * Reads a schedule as it prints.
 *
 * @throws SparseError `format` where it cannot be read, naming the nearest; `unsupported` where it goes backwards.
 * @example
 * ```ts
 * import { parseSchedule } from '@lacuna/sparsifiers';
 * parseSchedule('cubic(to=0.9, end=1000, every=100)').at(1000); // 0.9
 * parseSchedule('stepwise(10: 0.5, 20: 0.9)').at(15); // 0.5
 * parseSchedule('layerWise(oneShot(fraction=0.9), delay=5, places=3)').at(4, 1); // 0
 * parseSchedule('cubic(from=0.9, to=0.5, end=10)'); // throws unsupported: the schedule cubic goes backwards, from 0.9 to 0.5; …
 * parseSchedule('cubc(to=0.9, end=10)'); // throws format: no schedule is called "cubc"; did you mean cubic?
 * ```
 */
export function parseSchedule(
  text: string,
  makers: Readonly<Record<string, ScheduleMaker>> = scheduleMakers,
): Schedule {
  const [, name, list = ''] = /^\s*(stepwise|layerWise)\s*\((.*)\)\s*$/.exec(text) ?? [];
  if (name === 'stepwise') return stepwise(partsOf(list).map((part) => stageOf(text, part)));
  if (name === 'layerWise') {
    const [inner = '', ...rest] = partsOf(list);
    const schedule = parseSchedule(inner, makers);
    const maker = (p: ParsedParams): Schedule =>
      layerWise(schedule, { delay: p.number('delay'), places: p.number('places') });
    return parseCall('schedule', `layerWise(${rest.join(',')})`, { layerWise: maker }, (made) =>
      made.print(),
    );
  }
  return parseCall('schedule', text, { ...unsaid, ...makers }, (made) => made.print());
}

/** What stands between commas that are in no parentheses. */
function partsOf(list: string): readonly string[] {
  const parts: string[] = [];
  let [depth, from] = [0, 0];
  for (let at = 0; at <= list.length; at++) {
    if (list[at] === '(') depth++;
    if (list[at] === ')') depth--;
    if (at < list.length && (depth > 0 || list[at] !== ',')) continue;
    parts.push(list.slice(from, at).trim());
    from = at + 1;
  }
  return parts;
}

/** `10: 0.5`, or `10: 1:4`. */
function stageOf(text: string, part: string): Stage {
  const [, step, is = ''] = /^(\d+)\s*:\s*(\S+)$/.exec(part) ?? [];
  const fraction = Number(is);
  if (step !== undefined && /^\d+:\d+$/.test(is)) return [Number(step), is as Ratio];
  if (step !== undefined && !Number.isNaN(fraction)) return [Number(step), fraction];
  throw new SparseError('format', `"${text}": "${part}" is no stage`, {
    hint: 'write the step, a colon and the fraction or n:m: stepwise(10: 0.5, 20: 0.9)',
  });
}

/** Names that are known, said without what they need. */
const unsaid: Readonly<Record<string, ScheduleMaker>> = {
  stepwise: () => {
    throw new SparseError('format', 'stepwise has no stages', {
      hint: 'write stepwise(10: 0.5, 20: 0.9)',
    });
  },
  layerWise: () => {
    throw new SparseError('format', 'layerWise has no schedule', {
      hint: 'write layerWise(cubic(to=0.9, end=100), delay=10, places=3)',
    });
  },
};
