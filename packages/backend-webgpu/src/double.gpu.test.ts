// Sums in double precision on a device without it are those of the host, to the bit.
import { Random } from '@lacuna/testing';
import { afterAll, expect, it } from 'vitest';
import { dawn } from '../test/dawn.js';
import { binding } from './kernel.js';
import { doubleHead } from './kernels/mask/double.js';
import { program } from './program.js';

const backend = await dawn();
afterAll(() => backend.dispose());

const [sums, terms] = [4096, 12];
const adds = program({
  name: 'adds',
  params: ['count'],
  buffers: [
    { name: 'x', type: 'array<u32>' },
    { name: 'y', type: 'array<vec2u>', write: true },
  ],
  workgroup: [64, 1, 1],
  head: doubleHead,
  body: `
var sum = vec2u();
for (var k = 0u; k < p.count; k++) { sum = plus(sum, toDouble(x[id.x * p.count + k])); }
y[id.x] = sum;`,
});

it('adds magnitudes up as doubles do', async () => {
  const random = new Random(Number(process.env['LAWS_SEED'] ?? 1), 1);
  // Exponents near each other and far apart, the smallest numbers, halves between two doubles.
  const number = (): number =>
    random.pick([
      random.next(),
      random.whole(0, 9) * 2 ** random.whole(-149, 100),
      2 ** random.whole(-149, 127),
      (1 + random.next()) * 2 ** random.whole(-30, 30),
      (2 ** 24 - 1) * 2 ** random.whole(-40, 40),
    ]);
  const x = Float32Array.from({ length: sums * terms }, number);
  const { memory } = backend;
  const [from, to] = [memory.alloc(x.byteLength), memory.alloc(sums * 8)];
  memory.write(from, x);
  const buffers = [binding(from, x.byteLength), binding(to, sums * 8)];
  backend.run([{ program: adds, params: [terms], buffers, workgroups: [sums / 64, 1, 1] }])();
  const words = new Uint32Array((await memory.read(to, sums * 8)).buffer);
  const wanted = new Uint32Array(
    Float64Array.from({ length: sums }, (_, at) =>
      x.subarray(at * terms, (at + 1) * terms).reduce((sum, v) => sum + v, 0),
    ).buffer,
  );
  for (let at = 0; at < sums; at++)
    expect([at, words[2 * at + 1], words[2 * at]]).toEqual([
      at,
      wanted[2 * at],
      wanted[2 * at + 1],
    ]);
});
