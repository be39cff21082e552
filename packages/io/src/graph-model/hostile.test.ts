// Models that lie, and models that need what we lack.
import { describe, expect, it } from 'vitest';
import { SparseError } from '@lacuna/ir';
import { a, placeholder, tinyModel, type TinyConst, type TinyNode } from '../../test/tiny.js';
import { readGraphModel } from './read.js';

const x = placeholder('x', 1, 4);
const relu: TinyNode = { name: 'y', op: 'Relu', input: ['x'] };
const w: TinyConst = { shape: [4], data: [1, 2, 3, 4] };
const sum: TinyNode = { name: 'y', op: 'AddV2', input: ['x', 'w'] };
const manifest = (weight: object): object => ({
  modelTopology: { node: [x, relu] },
  weightsManifest: [{ paths: ['a.bin'], weights: [weight] }],
});
const good = { name: 'w', shape: [1], dtype: 'float32' };

const corrupt: Record<string, [unknown, RegExp]> = {
  'text that is no JSON': ['{', /is not JSON/],
  'no topology': [{}, /no modelTopology/],
  'nodes that are no list': [{ modelTopology: { node: 1 } }, /no list of nodes/],
  'no nodes': [{ modelTopology: { node: [] } }, /no outputs/],
  'a node without an op': [{ modelTopology: { node: [{ name: 'x' }] } }, /without a name or an op/],
  'inputs that are no names': [
    { modelTopology: { node: [{ name: 'y', op: 'Relu', input: [1] }] } },
    /inputs are no names/,
  ],
  'a name twice': [tinyModel([x, x, relu]).json, /two nodes called "x"/],
  'an input that is missing': [tinyModel([relu]).json, /"y" that reads "x", which is missing/],
  'an output that is missing': [
    { ...tinyModel([x, relu]).json, signature: { outputs: { z: { name: 'z:0' } } } },
    /output "z:0"/,
  ],
  'an output of a node that has fewer': [
    { ...tinyModel([x, relu]).json, signature: { outputs: { y: { name: 'y:1' } } } },
    /output 1 of "y"/,
  ],
  'a circle': [
    tinyModel([
      x,
      { name: 'p', op: 'AddV2', input: ['x', 'q'] },
      { name: 'q', op: 'Relu', input: ['p'] },
      { name: 'y', op: 'Relu', input: ['q'] },
    ]).json,
    /circle through/,
  ],
  'a node that reads itself': [
    {
      ...tinyModel([{ name: 'y', op: 'Relu', input: ['y'] }]).json,
      signature: { outputs: { y: { name: 'y' } } },
    },
    /circle through/,
  ],
  'too few inputs': [
    tinyModel([x, { name: 'y', op: 'MatMul', input: ['x'] }]).json,
    /has 1 inputs, and needs 2/,
  ],
  'a constant without weights': [
    tinyModel([x, sum, { name: 'w', op: 'Const' }]).json,
    /constant "w" is not in the weights manifest/,
  ],
  'no manifest': [{ modelTopology: { node: [x, relu] } }, /manifest is no list/],
  'a group without paths': [
    { modelTopology: { node: [x, relu] }, weightsManifest: [{ weights: [] }] },
    /without paths/,
  ],
  'a weight twice': [
    { modelTopology: { node: [x, relu] }, weightsManifest: [{ paths: [], weights: [good, good] }] },
    /two weights called "w"/,
  ],
  'a weight of an unknown dtype': [manifest({ ...good, dtype: 'float8' }), /dtype "float8"/],
  'a weight of strings': [manifest({ ...good, dtype: 'string' }), /dtype "string"/],
  'a negative extent': [manifest({ ...good, shape: [-1] }), /shape \[-1\]/],
  'a fractional extent': [manifest({ ...good, shape: [1.5] }), /shape \[1.5\]/],
  'a shape whose size overflows': [manifest({ ...good, shape: [2 ** 40, 2 ** 40] }), /shape/],
  'a shape larger than the file': [
    manifest({ ...good, shape: [2 ** 30] }),
    /describes 4294967296 bytes/,
  ],
  'an unknown quantisation': [
    manifest({ ...good, quantization: { dtype: 'int4' } }),
    /quantised to "int4"/,
  ],
  'a quantisation of the prototype': [
    manifest({ ...good, quantization: { dtype: 'toString' } }),
    /quantised to/,
  ],
  'a scale that is no number': [
    manifest({ ...good, quantization: { dtype: 'uint8', scale: '1', min: 0 } }),
    /scale or min/,
  ],
  'fewer bytes than described': [manifest(good), /describes 4 bytes, and 0 were given/],
};

const refused = async (json: unknown, weights = new Uint8Array()): Promise<SparseError> => {
  const error = await readGraphModel(json, weights).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(SparseError);
  return error as SparseError;
};

describe('a hostile graph model', () => {
  for (const [what, [json, message]] of Object.entries(corrupt)) {
    it(`with ${what} is refused`, async () => {
      const error = await refused(json);
      expect(error.code).toBe('corrupt');
      expect(error.message).toMatch(message);
    });
  }

  it('with a shard that is missing is refused, with its cause', async () => {
    const { json } = tinyModel([x, sum], { w });
    const lost = new Error('no such file');
    await expect(readGraphModel(json, () => Promise.reject(lost))).rejects.toMatchObject({
      code: 'corrupt',
      message: 'the weight shard "tiny.bin" could not be loaded; put it beside model.json',
      cause: lost,
    });
  });

  it('with a shard of the wrong length is refused', async () => {
    const { json } = tinyModel([x, sum], { w });
    await expect(readGraphModel(json, () => new Uint8Array(15))).rejects.toThrow(
      /shards tiny.bin have 15 bytes, and 16 are described/,
    );
  });

  it('that folds to an enormous shape is refused before it is made', async () => {
    const nodes = [
      x,
      { name: 'f', op: 'Fill', input: ['s', 'w'] },
      { name: 'y', op: 'AddV2', input: ['x', 'f'] },
    ];
    const s = { shape: [2], data: [2 ** 30, 2 ** 30], whole: true };
    const { json, weights } = tinyModel(nodes, { s, w: { shape: [], data: [1] } });
    expect((await refused(json, weights)).message).toMatch(/folds to the shape/);
  });
});

describe('a graph model whose parts lie outside', () => {
  const axis: TinyConst = { shape: [], data: [1], whole: true };
  const far: TinyConst = { shape: [1], data: [4], whole: true };
  const one: TinyConst = { shape: [1], data: [1], whole: true };
  const sizes: TinyConst = { shape: [2], data: [3, 2], whole: true };
  const cases: Record<string, [TinyNode, RegExp]> = {
    'GatherV2 of a place': [
      { name: 'y', op: 'GatherV2', input: ['x', 'far', 'axis'] },
      /takes place 4 of 4/,
    ],
    'StridedSlice of a place': [
      {
        name: 'y',
        op: 'StridedSlice',
        input: ['x', 'far', 'far', 'one'],
        attr: { shrink_axis_mask: a.int(1) },
      },
      /takes place 4 of \[1, 4\]/,
    ],
    'SplitV of more than there is': [
      { name: 'y', op: 'SplitV', input: ['x', 'sizes', 'axis'] },
      /splits axis 1 of \[1, 4\] into 3 \+ 2/,
    ],
    'Split into more than there are': [
      { name: 'y', op: 'Split', input: ['axis', 'x'], attr: { num_split: a.int(2 ** 40) } },
      /splits 4 places into 1099511627776/,
    ],
    'SparseToDense at a place': [
      { name: 'y', op: 'SparseToDense', input: ['far', 'one', 'one', 'axis'] },
      /puts a value at 4 of 1/,
    ],
    'Slice beyond the end': [
      { name: 'y', op: 'Slice', input: ['x', 'sizes', 'sizes'] },
      /does not fit its inputs/,
    ],
  };
  for (const [what, [node, message]] of Object.entries(cases))
    it(`is refused: ${what}`, async () => {
      const { json, weights } = tinyModel([x, node], { axis, far, one, sizes });
      const error = await refused(json, weights);
      expect(error.code).toBe('corrupt');
      expect(error.message).toMatch(message);
    });
});

describe('a graph model with ops that we lack', () => {
  it('is refused with all of them at once, before its weights are asked for', async () => {
    const nodes = [
      x,
      { name: 's', op: 'Elu', input: ['x'] },
      { name: 't', op: 'Elu', input: ['s'] },
      { name: 'c', op: 'FloorDiv', input: ['x', 'w'] },
      { name: 'r', op: 'Reshape', input: ['x', 't'] },
      { name: 'z', op: 'Elu', input: ['w'] },
      { name: 'q', op: 'Reshape', input: ['x', 'z'] },
      {
        name: 'i',
        op: 'Cast',
        input: ['x'],
        attr: { SrcT: a.type('DT_FLOAT'), DstT: a.type('DT_INT32') },
      },
      {
        name: 'e',
        op: '_FusedMatMul',
        input: ['x', 'w'],
        attr: { fused_ops: a.strings('BiasAdd', 'Elu') },
      },
      { name: 'y', op: 'AddN', input: ['t', 'c', 'e', 'r', 'q', 'i'] },
    ];
    const { json } = tinyModel(nodes, { w });
    const error = await refused(json);
    expect(error.code).toBe('unsupported');
    expect(error.message).toBe(
      'the model needs 5 ops that Lacuna lacks: Elu ("s", "t", "z"), FloorDiv of run-time values ("c"), _FusedMatMul with fused Elu ("e"), Reshape with a run-time input 1 ("r"), Cast with DT_FLOAT to DT_INT32 ("i"); convert the model without them',
    );
    expect(error.detail['ops']).toEqual({
      Elu: ['s', 't', 'z'],
      'FloorDiv of run-time values': ['c'],
      '_FusedMatMul with fused Elu': ['e'],
      'Reshape with a run-time input 1': ['r'],
      'Cast with DT_FLOAT to DT_INT32': ['i'],
    });
  });

  it('is refused for its loops by their ops, not for the circle', async () => {
    const nodes = [
      x,
      { name: 'm', op: 'Merge', input: ['x', 'n'] },
      { name: 'n', op: 'NextIteration', input: ['m'] },
      { name: 'y', op: 'Exit', input: ['m'] },
    ];
    const error = await refused(tinyModel(nodes).json);
    expect(error.message).toMatch(
      /needs 3 ops .*NextIteration \("n"\), Merge \("m"\), Exit \("y"\)/,
    );
  });

  it('does not mind them where no output needs them', async () => {
    const model = {
      ...tinyModel([x, relu, { name: 's', op: 'Elu', input: ['x'] }]).json,
      signature: { outputs: { y: { name: 'y:0' } } },
    };
    const graph = await readGraphModel(model, new Uint8Array());
    expect(graph.outputs).toEqual([{ name: 'y', node: 1 }]);
  });

  it('asks for the shape of an input that leaves it open', async () => {
    const open = { ...tinyModel([placeholder('x', -1, -1, -1, 3), relu]).json };
    expect((await refused(open)).message).toBe(
      'input "x" has the shape [-1, -1, -1, 3]; write { shapes: { "x": [1, height, width, channels] } }',
    );
    const graph = await readGraphModel(open, new Uint8Array(), { shapes: { x: [1, 2, 2, 3] } });
    expect(graph.nodes[0]!.shape).toEqual([1, 2, 2, 3]);
  });
});
