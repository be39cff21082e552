import { createRequire } from 'node:module';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { assemble, dense, GraphBuilder, relu } from '@lacuna/lacuna';
import { demo } from './demo.js';
import { difference } from './agreement.js';
import { makeInput, recipes, type Recipe } from './inputs.js';
import { drawPicture, drawSvg, landmarks } from './pictures/hand.js';
import { readPng, writePng } from './pictures/png.js';
import { inputPicture, readPicture } from './pictures/read.js';
import { spy } from './pictures/spy.js';
import { median } from './timing.js';

const recipe = createRequire(import.meta.url)('../models/golden/inputs.cjs') as Record<
  'smooth' | 'noise' | 'handlike',
  () => Float32Array
>;
const folder = mkdtempSync(join(tmpdir(), 'lacuna-demo-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('inputs', () => {
  it('are those of the goldens, to the bit', () => {
    const wanted = { smooth: recipe.smooth, noise: recipe.noise, drawn: recipe.handlike };
    for (const name of recipes satisfies readonly Recipe[])
      expect(makeInput(name, [1, 224, 224, 3])).toEqual(wanted[name]());
  });

  it('fit other shapes, and stay in 0..1', () => {
    for (const name of recipes)
      for (const shape of [
        [1, 64, 48, 3],
        [1, 5, 7, 1],
        [1, 9],
      ]) {
        const input = makeInput(name, shape);
        expect(input.length).toBe(shape.reduce((a, b) => a * b, 1));
        expect(input.every((x) => x >= 0 && x <= 1)).toBe(true);
      }
  });

  it('come from raw float32, PNG and PPM files, and say what a file should be', () => {
    const [raw, png, ppm] = ['raw.bin', 'a.png', 'a.ppm'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    const picture = { width: 2, height: 1, rgb: Uint8Array.of(255, 0, 0, 0, 0, 255) };
    writeFileSync(raw, new Uint8Array(Float32Array.of(1, 0, 0, 0, 0, 1).buffer));
    writeFileSync(png, writePng(picture));
    writeFileSync(ppm, Buffer.concat([Buffer.from('P6\n# a comment\n2 1\n255\n'), picture.rgb]));
    for (const file of [raw, png, ppm])
      expect(makeInput(file, [1, 1, 2, 3])).toEqual(Float32Array.of(1, 0, 0, 0, 0, 1));
    expect(() => makeInput(raw, [1, 2, 2, 3])).toThrow(
      /has 24 bytes; write a PNG, a PPM, or 12 numbers/,
    );
  });
});

describe('pictures', () => {
  it('survive PNG', () => {
    const picture = inputPicture(makeInput('drawn', [1, 32, 17, 3]), [1, 32, 17, 3])!;
    expect(readPng(writePng(picture))).toEqual(picture);
    expect(readPicture(Uint8Array.of(1, 2, 3))).toBeUndefined();
  });

  it('show landmarks in pixels, and not those in metres', () => {
    const picture = { width: 8, height: 8, rgb: new Uint8Array(192) };
    const pixels = Float32Array.from({ length: 63 }, (_, i) => (i % 3 === 2 ? 0 : i / 9));
    const points = landmarks({ metres: new Float32Array(63).fill(0.01), pixels }, picture)!;
    expect(points[20]).toEqual([pixels[60], pixels[61]]);
    expect(drawSvg(picture, points).match(/<circle/g)).toHaveLength(21);
    expect(drawPicture(picture, points).rgb.some((x) => x > 0)).toBe(true);
    expect(landmarks({ other: new Float32Array(5) }, picture)).toBeUndefined();
  });

  it('show the zeros of the weights that have most to see', () => {
    const builder = new GraphBuilder();
    const full = assemble(dense(), [2, 2], [1, 2, 3, 4]);
    const half = assemble(dense(), [2, 2, 1, 1], [1, 0, 0, -1]);
    builder.constant(full, 'full');
    builder.constant(half, 'half');
    const { name, sparsity, picture } = spy(builder.finish({}))!;
    expect([name, sparsity, picture.width]).toEqual(['half', 0.5, 480]);
    expect(picture.rgb.slice(3 * 479, 3 * 480)).toEqual(Uint8Array.of(255, 255, 255));
  });
});

describe('agreement', () => {
  const builder = new GraphBuilder();
  const graph = builder.finish({ y: builder.apply(relu, [builder.input('x', [2], dense())]) });
  const numbers = (...y: number[]) => ({ y: Float32Array.from(y) });

  it('allows roundings of the largest value, and nothing else', () => {
    expect(difference(graph, numbers(100, 1), numbers(100, 1 + 2 ** -23))).toMatchObject({
      within: true,
    });
    expect(difference(graph, numbers(100, 1), numbers(100, 1.001))).toMatchObject({
      within: false,
      output: 'y',
    });
    expect(difference(graph, numbers(NaN, 1), numbers(1, 1)).within).toBe(false);
    expect(difference(graph, {}, numbers(1, 1))).toMatchObject({ within: false, abs: Infinity });
  });

  it('takes the middle of timings', () => {
    expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5]);
  });
});

describe('npm run demo', () => {
  it('writes its results as data', async () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    const json = join(folder, 'demo.json');
    const model = join(import.meta.dirname, '../models/handlandmark-sparse.json');
    await demo({ model, input: 'noise', out: folder, seconds: '0.1', json });
    log.mockRestore();
    expect(process.exitCode).toBeUndefined();
    const results = JSON.parse(readFileSync(json, 'utf8')) as {
      runs: { name: string; maxAbsDiff: number }[];
      layers: object[];
    };
    expect(Object.keys(results)).toEqual([
      'machine',
      'engine',
      'peakGflops',
      'model',
      'runs',
      'layers',
    ]);
    expect(results.runs.map((run) => Object.keys(run))).toEqual(
      results.runs.map(() => ['name', 'ms', 'ratioToTfjs', 'weightBytes', 'maxAbsDiff']),
    );
    expect(results.runs.every(({ maxAbsDiff }) => maxAbsDiff < 1e-3)).toBe(true);
    expect(results.layers.length).toBeGreaterThan(50);
  });
});
