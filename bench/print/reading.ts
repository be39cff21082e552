// How to read a report: the same words on the page and in the documentation.
import type { Report } from '../report.js';

/** What each number means. */
export function reading({ adapter }: Report): readonly string[] {
  return adapter ? ofGpu : ofProcessor;
}

const right =
  'Before anything is timed, each contender’s Y is compared with the reference in double precision, within the bound of float32 arithmetic (8-bit ones with the product of the numbers that they round to). Who is wrong or cannot take part is listed below with the reason.';
const dashed =
  '“× dense” is against our own dense product, “× peer” against the fastest float32 peer of the race. On the plots of speed-up, the dashed diagonal is a gain of all that the zeros promise.';

const ofGpu: readonly string[] = [
  'Y [M, N] = W [M, K] · X [K, N], W constant. All contenders of a race run in one process or page, on one adapter, in turns: a round times each once, several calls long, until the device has done all that was sent to it. Times are the best and the median of the rounds, by the wall’s clock; ratios are taken round by round, and their median is given.',
  right,
  '“plan” replays a compiled graph on inputs in place, one submission a call; “run” also writes the input and reads the output; “linear” is x [N, K] → y [N, M]; “eager” is a call on tensors. tfjs-webgpu keeps inputs and outputs on the GPU, and so does ort-webgpu, whose buffers are bound ahead.',
  '“eff” counts the operations of the dense product, “stored” those of entries that are stored. “roofline” is the share of what the adapter’s own multiply-adds and loads, measured in the same race, allow for the stored entries.',
  dashed,
];

const ofProcessor: readonly string[] = [
  'Y [M, N] = W [M, K] · X [K, N], W constant. All contenders of a race run in one process, in turns: a round times each once, for at least 2 ms. Times are the best and the median of the rounds; ratios are taken round by round, and their median is given.',
  right,
  '“plan” replays a compiled graph on inputs in place; “run” also writes the input and reads the output, as ONNX Runtime’s run does; “linear” is x [N, K] → y [N, M]; “eager” is a call on tensors. tfjs and LiteRT.js keep inputs and outputs in their memory, as “plan” does.',
  '“eff” counts the operations of the dense product, “stored” those of entries that are stored. “roofline” is the share of what the machine’s own multiply-adds and loads, measured in the same race, allow for the stored entries.',
  dashed,
  'Threads are timed by the wall’s clock. “× one thread” is against the same call on one thread, in the same rounds. A share of the roofline is of as many cores as the contender has threads; tfjs has one in Node.',
  '“network” is an image through all of a network. “LiteRT.js, sparse weights” is XNNPACK’s sparse inference: the same model with the weights of its 1 × 1 convolutions stored sparse. It takes whole convolutional networks only, so it is absent from races of one product.',
  '“train” is a step forward and backward: Y = W · X, then dW of the stored entries and dX. Its “eff” counts all three products.',
  'Float32 sparsity is not the frontier below some 75 % of zeros: ONNX Runtime’s 8-bit dense product is listed with every race.',
];

/** Above the table of losses. */
export const lossNote =
  'How fast we are as a multiple of what we lose to, for layouts that lose anywhere, and the N where they do.';

/** Processor, engine and rates in a line. */
export function machineLine({
  machine,
  engine,
  adapter,
  clock,
  load,
  peakGflops,
  loadGBs,
  date,
  rows,
}: Report): string {
  return `${machine}; ${engine}; ${adapter ?? threadsOf(rows)}; ${peakGflops.toFixed(1)} GFLOP/s of multiply-adds and ${loadGBs.toFixed(0)} GB/s of loads, measured in the same run; ${clock} clock; load average ${load.join(' to ')}; ${date}`;
}

function threadsOf(rows: Report['rows']): string {
  const most = Math.max(1, ...rows.filter((r) => r.suite !== 'threads').map((r) => r.threads));
  return most === 1 ? 'one thread' : `up to ${most} threads`;
}

/** A warning where the run was stopped or other programs ran, or undefined. */
export function disturbance(report: Report): string | undefined {
  const stopped = report.stopped && 'The run was stopped before all suites had run.';
  return [stopped, busyness(report)].filter(Boolean).join(' ') || undefined;
}

function busyness({ load, machine }: Report): string | undefined {
  const cores = Number(/(\d+) cores/.exec(machine)?.[1] ?? 1);
  const most = Math.max(...load);
  if (most <= cores * 0.75) return undefined;
  return `The machine was busy with other work (load average ${most} on ${cores} cores): medians are worse than they would be, and ratios noisy.`;
}
