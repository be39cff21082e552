// What products cost against the dense one on the same adapter, or another with --own, all in turns in one run:
//
//   node --conditions=@lacuna/source --import tsx packages/backend-webgpu/scripts/products.mjs \
//     --shape 768x768x128 csr:0.9 'bcsr(4,1):0.75' 'nmg(1,8,16)' 'csr+q8(32):0.9' csr:0.9:float16 csr:0.9:skewed
//
// A word is a layout, with a codec if one writes the values; the share of zeros, where the layout does not fix it;
// the type of values; and `skewed`, where one row holds half of all entries. Times are the best of a round of
// replays that are sent together and waited for once; ratios are of one round, and their median is printed.
// `--clock cpu` counts this process's time instead: a software adapter runs in it, whatever else the machine does.
import { parseArgs } from 'node:util';
import { environment } from '../../../scripts/softwaregpu.mjs';

Object.assign(process.env, environment);
const { create, globals } = await import('webgpu');
const ir = await import('@lacuna/ir');
const lacuna = await import('@lacuna/lacuna');
const { linear, matmul } = await import('@lacuna/ops');
const { Random, boundOf, firstOutside } = await import('@lacuna/testing');
const { webgpu } = await import('../src/index.ts');
Object.assign(globalThis, globals);

const { values: options, positionals: words } = parseArgs({
  allowPositionals: true,
  options: {
    shape: { type: 'string', default: '768x768x128' },
    rounds: { type: 'string', default: '11' },
    op: { type: 'string', default: 'matmul' },
    own: { type: 'string', default: 'dense' },
    clock: { type: 'string', default: 'wall' },
  },
});
const [m, k, n] = options.shape.split('x').map(Number);
const random = new Random(1);
const numbers = (count) => Float32Array.from({ length: count }, () => random.next() * 2 - 1);
const full = ir.assemble(ir.dense(), [m, k], numbers(m * k));

/** Half of the entries in the first row, as many as it holds; the rest anywhere. */
function skewed(sparsity) {
  const total = Math.round(m * k * (1 - sparsity));
  const out = new Float32Array(m * k);
  const first = Math.min(k, Math.round(total / 2));
  for (const at of random.order(k).slice(0, first)) out[at] = full.values[at];
  const rest = random.order((m - 1) * k).slice(0, total - first);
  for (const at of rest) out[k + at] = full.values[k + at];
  return ir.assemble(ir.dense(), [m, k], out);
}

function sparsifierOf({ layout, params }, fraction) {
  switch (layout.layoutName) {
    case 'nm':
      return lacuna.nmMagnitude(params);
    case 'nmg':
      return lacuna.nmgMagnitude({ ...params, mode: 'greedy' });
    case 'bcsr':
      return lacuna.blocks({ ...params, fraction });
    default:
      return lacuna.magnitude({ fraction });
  }
}

function weightOf(word) {
  const [format, ...rest] = word.split(':');
  const parsed = ir.parseFormat(format, [ir.dense, ...lacuna.layouts]);
  const plain = ir.quantised(parsed);
  const sparsity = Number(rest.find((each) => !Number.isNaN(Number(each))) ?? 0);
  const dtype = rest.find((each) => ir.dtypes.includes(each)) ?? 'float32';
  let tensor = full;
  if (rest.includes('skewed')) tensor = ir.convert(skewed(sparsity), plain);
  else if (!ir.isDense(plain)) tensor = lacuna.sparsify(full, sparsifierOf(plain, sparsity), plain);
  if (parsed.codec) return ir.encoded(tensor, parsed.codec);
  return ir.makeTensor(tensor.pattern, dtype, ir.encodeValues(dtype, tensor.values));
}

const backend = await webgpu({ gpu: create([]) });
const engine = await lacuna.createEngine(backend, { fallback: 'refuse' });
const input = ir.assemble(ir.dense(), options.op === 'linear' ? [n, k] : [k, n], numbers(k * n));

function graphOf(weight) {
  const builder = new ir.GraphBuilder();
  const x = builder.input('x', input.shape, input.format);
  const w = builder.constant(weight, 'w');
  const y =
    options.op === 'linear'
      ? builder.apply(linear, [x, w, undefined], linear.spec.defaults, 'y')
      : builder.apply(matmul, [w, x, undefined], matmul.spec.defaults, 'y');
  return builder.finish({ y });
}

const contenders = [];
for (const word of [options.own, ...words]) {
  const weight = weightOf(word);
  const compiled = engine.compile(graphOf(weight));
  const { y } = await compiled.run({ x: input.values });
  const op = options.op === 'linear' ? linear : matmul;
  const inputs = options.op === 'linear' ? [input, weight] : [weight, input];
  const bound = boundOf(op, inputs, op.spec.defaults);
  if (firstOutside(y, bound) >= 0) throw new Error(`${word}: number ${firstOutside(y, bound)}`);
  contenders.push({ word, weight, compiled, times: [] });
}

function now() {
  if (options.clock === 'wall') return performance.now();
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function time({ compiled }, repeats) {
  const start = now();
  for (let at = 0; at < repeats; at++) compiled.replay();
  await backend.finish();
  return (now() - start) / repeats;
}

for (const each of contenders) {
  await time(each, 2);
  each.repeats = Math.max(2, Math.ceil(20 / (await time(each, 3))));
}
for (let round = 0; round < Number(options.rounds); round++)
  for (const each of contenders) each.times.push(await time(each, each.repeats));

const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];
const [own] = contenders;
console.log(`${backend.about}; [${m}, ${k}] times ${n} positions, ${options.op}`);
for (const { word, weight, compiled, times } of contenders) {
  const best = Math.min(...times);
  const ratio = median(times.map((t, round) => own.times[round] / t));
  const gflops = (2 * weight.stored * n) / best / 1e6;
  const [{ kernel }] = compiled.report();
  console.log(
    `${word.padEnd(28)} ${kernel.padEnd(16)} ${best.toFixed(3).padStart(8)} ms  ${(Math.min(...own.times) / best).toFixed(2).padStart(6)}× best ${ratio.toFixed(2).padStart(6)}× median  ${gflops.toFixed(2).padStart(6)} GFLOP/s stored`,
  );
}
engine.dispose();
