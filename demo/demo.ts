// One run of the demo, from arguments to tables and files.
import { basename, resolve } from 'node:path';
import { cpus, loadavg, totalmem } from 'node:os';
import colours from 'picocolors';
import { SparseError } from '@lacuna/lacuna';
import { difference, goldenOutputs } from './agreement.js';
import type { Contender, Numbers } from './contenders/contender.js';
import { lacunaDense, lacunaSparse, referenceOutputs } from './contenders/lacuna.js';
import { tfjs } from './contenders/tfjs.js';
import { isRecipe, makeInput } from './inputs.js';
import { loadModel, type Model } from './model.js';
import { writeInput, writeJson, writeSpy } from './report/files.js';
import { layersTable, runsTable, whole, type Run } from './report/tables.js';
import { speedup, time } from './timing.js';

export interface DemoArguments {
  readonly model: string;
  readonly input: string;
  readonly out: string;
  readonly seconds: string;
  readonly json?: string | undefined;
}

const say = (text: string): void => console.log(text);
const step = (text: string): void => say(`${colours.dim('·')} ${text}`);
const title = (text: string): void => say(`\n${colours.bold(text)}`);

/** npm runs scripts in the repository's folder; paths are meant from where it was called. */
const path = (given: string): string => resolve(process.env['INIT_CWD'] ?? '.', given);

/** Runs it; the exit status says whether the outputs agree. */
export async function demo(args: DemoArguments): Promise<void> {
  try {
    const input = isRecipe(args.input) ? args.input : path(args.input);
    const json = args.json && path(args.json);
    if (!(Number(args.seconds) > 0))
      throw new SparseError('unsupported', `--seconds ${args.seconds}`, {
        hint: 'write a number of seconds',
      });
    await run({ ...args, input, json, model: path(args.model), out: path(args.out) });
  } catch (error) {
    const expected = error instanceof SparseError || (error instanceof Error && 'code' in error);
    console.error(colours.red(expected ? error.message : String(error)));
    if (!expected && error instanceof Error) console.error(error.stack);
    process.exitCode = 1;
  }
}

async function run(args: DemoArguments): Promise<void> {
  step(`machine: ${machine()}`);
  step(`reading ${args.model}`);
  const model = await loadModel(args.model);
  const applied = model.graph.nodes.filter(({ kind }) => kind === 'apply').length;
  step(
    `${applied} ops, ${model.inputs.map((i) => `${i.name} [${i.shape.join(', ')}]`).join(', ')}`,
  );
  const inputs: Record<string, Float32Array> = {};
  for (const { name, shape } of model.inputs) inputs[name] = makeInput(args.input, shape);

  step('compiling: tfjs-wasm dense, Lacuna dense, Lacuna sparse');
  const peer = await attempt(model);
  const dense = await lacunaDense(model.graph);
  const sparse = await lacunaSparse(model.graph);
  step(sparse.about);
  const contenders: Contender[] = [...(peer ? [peer] : []), dense, sparse];

  title('Is it right?');
  const outputs = new Map<Contender, Numbers>();
  for (const contender of contenders) outputs.set(contender, await contender.run(inputs));
  const theirs = peer && outputs.get(peer);
  const golden = goldenOutputs(model.name, args.input);
  const isRight = await check(model, inputs, theirs ?? golden, [
    [dense.name, outputs.get(dense) ?? {}],
    [sparse.name, outputs.get(sparse) ?? {}],
  ]);

  title('Is it smaller?');
  const bytes = peer?.weightBytes ?? dense.weightBytes;
  const share = sparse.weightBytes / bytes;
  say(
    `${share < 1 ? colours.green('Yes') : 'No'}: ${whole(sparse.weightBytes)} bytes of weights, ${share.toFixed(2)} times the ${whole(bytes)} of dense float32.`,
  );

  title('Is it faster?');
  const timings = await time(contenders, inputs, Number(args.seconds), (done, of) => {
    if (done === of || done % Math.ceil(of / 4) === 0) step(`measured ${done} of ${of} rounds`);
  });
  const base = peer ? timings[0] : undefined;
  const runs = contenders.map((contender, at): Run => {
    const timing = timings[at] ?? { name: '', best: NaN, median: NaN, rounds: [] };
    const mine = outputs.get(contender) ?? {};
    return {
      name: contender.name,
      ms: { best: timing.best, median: timing.median },
      ratioToTfjs: speedup(base, timing),
      weightBytes: contender.weightBytes,
      maxAbsDiff: theirs ? difference(model.graph, mine, theirs).abs : null,
    };
  });
  const ratio = runs.at(-1)?.ratioToTfjs;
  if (typeof ratio === 'number')
    say(
      `${ratio > 1 ? colours.green('Yes') : 'No'}: Lacuna sparse is ${ratio.toFixed(2)} times as fast as tfjs-wasm here.`,
    );
  const toGolden = contenders.map(
    (c) => golden && difference(model.graph, outputs.get(c) ?? {}, golden).abs,
  );
  say(`\n${runsTable(runs, toGolden)}`);

  title('What became of each layer of Lacuna sparse');
  const layers = await sparse.layers();
  say(layersTable(layers));

  title('Files');
  const picture = model.inputs[0] && {
    numbers: inputs[model.inputs[0].name]!,
    shape: model.inputs[0].shape,
  };
  const name = `${model.name}-${basename(args.input).replace(/\W+/g, '-')}`;
  const written = [
    ...(picture ? writeInput(args.out, name, picture, outputs.get(sparse) ?? {}) : []),
    ...writeSpy(args.out, model.name, model.graph),
  ];
  if (args.json)
    written.push(
      writeJson(args.json, {
        machine: machine(),
        engine: sparse.about,
        peakGflops: sparse.peakGflops(),
        model: model.name,
        runs,
        layers,
      }),
    );
  for (const { path, what } of written) say(`${path}  ${colours.dim(what)}`);
  for (const contender of contenders) contender.dispose();
  if (!isRight) process.exitCode = 1;
}

/** tfjs with this model, or word of why not. */
async function attempt(model: Model): Promise<Contender | undefined> {
  try {
    return await tfjs(model);
  } catch (error) {
    step(
      `tfjs-wasm cannot run this model: ${error instanceof Error ? error.message : String(error)}`,
    );
    return undefined;
  }
}

async function check(
  model: Model,
  inputs: Numbers,
  wanted: Numbers | undefined,
  contenders: readonly (readonly [string, Numbers])[],
): Promise<boolean> {
  let exact: Numbers | undefined;
  if (!wanted) {
    step('nothing to compare with: our references, in double precision');
    wanted = exact = await referenceOutputs(model.graph, inputs);
  }
  let all = true;
  for (const [name, ours] of contenders) {
    const { abs, output, largest, within } = difference(model.graph, ours, wanted);
    let good = within;
    let why = 'roundings of float32: at most one of the largest value for each op on the way';
    if (!within) {
      exact ??= await referenceOutputs(model.graph, inputs);
      const [mine, peer] = [
        difference(model.graph, ours, exact),
        difference(model.graph, wanted, exact),
      ];
      good = mine.within || mine.abs <= 4 * peer.abs;
      why = `from references in double precision it is off by ${mine.abs.toExponential(1)}, tfjs by ${peer.abs.toExponential(1)}`;
    }
    all &&= good;
    const verdict = good ? colours.green('Yes') : colours.red('No');
    say(
      `${verdict}: ${name} differs by ${abs.toExponential(1)} at most, in ${output || 'no output'} whose largest value is ${largest.toPrecision(3)}; ${why}.`,
    );
  }
  return all;
}

function machine(): string {
  const all = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${all[0]?.model.trim() ?? 'unknown CPU'}, ${all.length} cores, ${memory} GB, ${process.platform} ${process.arch}, Node ${process.version}, load ${loadavg()[0]?.toFixed(1)}`;
}
