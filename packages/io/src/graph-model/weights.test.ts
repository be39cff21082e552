import { describe, expect, it } from 'vitest';
import { SparseError, toFloat16 } from '@lacuna/ir';
import { a, placeholder, tinyModel } from '../../test/tiny.js';
import { evaluate } from '../../test/evaluate.js';
import { readWeights } from './manifest.js';
import { readGraphModel } from './read.js';

const group = (paths: string[], ...weights: object[]): object => ({ paths, weights });

describe('weights of a graph model', () => {
  it('are decoded from float16, uint8 and uint16, and rounded where they are whole', async () => {
    const bytes = new DataView(new ArrayBuffer(13));
    bytes.setUint16(0, toFloat16(-1.5), true);
    bytes.setUint8(2, 3);
    bytes.setUint16(3, 500, true);
    bytes.setInt32(5, -7, true);
    bytes.setUint8(9, 1);
    bytes.setUint8(10, 200);
    bytes.setUint16(11, toFloat16(2), true);
    const q = (dtype: string, scale = 1, min = 0): object => ({
      quantization: { dtype, scale, min },
    });
    const one = { shape: [1], dtype: 'float32' };
    const found = await readWeights(
      [
        group(
          ['a'],
          { name: 'half', ...one, ...q('float16') },
          { name: 'byte', ...one, ...q('uint8', 0.5, -2) },
          { name: 'word', ...one, ...q('uint16', 0.01, 1) },
        ),
        group(
          ['b', 'c'],
          { name: 'whole', shape: [], dtype: 'int32' },
          { name: 'truth', shape: [1], dtype: 'bool' },
          { name: 'round', shape: [1], dtype: 'int32', ...q('uint8', 0.33, 0) },
          { name: 'scalar', shape: [], dtype: 'float32', ...q('float16') },
        ),
      ],
      new Uint8Array(bytes.buffer),
    );
    const data = [...found.values()].map((weight) => weight.data);
    expect(data).toEqual([
      Float32Array.of(-1.5),
      Float32Array.of(-0.5),
      Float32Array.of(6),
      Int32Array.of(-7),
      Int32Array.of(1),
      Int32Array.of(66),
      Float32Array.of(2),
    ]);
  });

  it('may lie across shards', async () => {
    const shards: Record<string, Uint8Array> = {
      p: Uint8Array.of(0, 0),
      q: Uint8Array.of(128, 63, 0, 0, 0, 64),
    };
    const weights = { name: 'w', shape: [2], dtype: 'float32' };
    const found = await readWeights([group(['p', 'q'], weights)], (path) => shards[path]!);
    expect(found.get('w')!.data).toEqual(Float32Array.of(1, 2));
  });

  it('stop being loaded when a signal says so', async () => {
    const { json } = tinyModel([placeholder('x', 1)], {});
    const stopped = readGraphModel(json, () => new Uint8Array(), { signal: AbortSignal.abort() });
    await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('the reader', () => {
  const window = { strides: a.ints(1, 1, 1, 1), padding: a.string('SAME') };
  const { json, weights } = tinyModel(
    [
      placeholder('x', 1, 3, 3, 2),
      { name: 'c', op: 'Conv2D', input: ['x', 'w'], attr: window },
      { name: 'b', op: 'BiasAdd', input: ['c', 'v'] },
      { name: 'm', op: 'Mean', input: ['b', 'i'], attr: { keep_dims: a.bool(true) } },
      { name: 'y', op: 'Reshape', input: ['m', 's'] },
    ],
    {
      w: { shape: [1, 1, 2, 2], data: [1, 0, 0, 1] },
      v: { shape: [2], data: [10, 20] },
      i: { shape: [2], data: [1, 2], whole: true },
      s: { shape: [2], data: [1, -1], whole: true },
    },
  );

  it('turns images once, where they come in', async () => {
    const graph = await readGraphModel(json, weights);
    const ops = graph.nodes.flatMap((node) => (node.kind === 'apply' ? [node.op.opName] : []));
    expect(ops).toEqual(['transpose', 'conv2d', 'biasAdd', 'mean', 'reshape']);
    expect(graph.nodes.flatMap((n) => (n.kind === 'apply' ? [n.name] : []))).toEqual([
      'x/nchw',
      'c',
      'b',
      'm',
      'y',
    ]);
    const [y] = evaluate(graph, { x: new Float32Array(18).fill(1) }).values();
    expect(y).toEqual(Float32Array.of(11, 21));
  });

  it('throws a SparseError, and nothing else, whatever one value of the file is', async () => {
    const junk: unknown[] = [null, -1, 1e300, 0.5, '', 'x', '-1', true, [], [null], {}, ['x', 'x']];
    const text = JSON.stringify(json);
    let tried = 0;
    const places = (value: unknown, path: string[] = []): string[][] =>
      typeof value === 'object' && value !== null
        ? [path, ...Object.entries(value).flatMap(([key, item]) => places(item, [...path, key]))]
        : [path];
    for (const path of places(json).filter(({ length }) => length > 0)) {
      for (const value of junk) {
        const changed = JSON.parse(text) as Record<string, unknown>;
        let at = changed;
        for (const key of path.slice(0, -1)) at = at[key] as Record<string, unknown>;
        at[path.at(-1)!] = value;
        const error = await readGraphModel(changed, weights).then(
          () => undefined,
          (reason: unknown) => reason,
        );
        if (error !== undefined)
          expect(error, `${path.join('.')} = ${JSON.stringify(value)}`).toBeInstanceOf(SparseError);
        tried++;
      }
    }
    expect(tried).toBeGreaterThan(1000);
  });
});
