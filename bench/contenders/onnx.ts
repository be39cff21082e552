// ONNX models of one product with constant weights, x [N, K] · Wᵀ [K, M]: the form that ONNX Runtime packs
// ahead. Field numbers are those of onnx.proto.
import { encode, type Message } from './protobuf.js';

const types = { float32: 1, uint8: 2, int8: 3 } as const;

/** A constant of a model. */
interface Initializer {
  readonly name: string;
  readonly type: keyof typeof types;
  readonly dims: readonly number[];
  readonly data: Uint8Array | Int8Array | Float32Array;
}

type Node = readonly [
  op: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes?: Message,
];

/** y = x · w, float32. */
export function floatModel(
  n: number,
  k: number,
  m: number,
  turned: Float32Array,
): Uint8Array<ArrayBuffer> {
  const w: Initializer = { name: 'w', type: 'float32', dims: [k, m], data: turned };
  return model([n, k], [n, m], [w], [['MatMul', ['x', 'w'], ['y']]]);
}

/** The same with x quantised to 8 bits as it comes and w ahead: ONNX Runtime's dynamic quantisation. */
export function int8Model(
  n: number,
  k: number,
  m: number,
  turned: Int8Array,
  step: number,
): Uint8Array<ArrayBuffer> {
  const constants: readonly Initializer[] = [
    { name: 'w', type: 'int8', dims: [k, m], data: turned },
    { name: 'w_zero', type: 'int8', dims: [], data: Int8Array.of(0) },
    { name: 'w_step', type: 'float32', dims: [], data: Float32Array.of(step) },
  ];
  const toFloat: Message = [
    [
      5,
      [
        [1, 'to'],
        [3, types.float32],
        [20, 2],
      ],
    ],
  ];
  return model([n, k], [n, m], constants, [
    ['DynamicQuantizeLinear', ['x'], ['q', 'x_step', 'x_zero']],
    ['MatMulInteger', ['q', 'w', 'x_zero', 'w_zero'], ['sum']],
    ['Cast', ['sum'], ['wide'], toFloat],
    ['Mul', ['x_step', 'w_step'], ['step']],
    ['Mul', ['wide', 'step'], ['y']],
  ]);
}

function model(
  x: readonly number[],
  y: readonly number[],
  constants: readonly Initializer[],
  nodes: readonly Node[],
): Uint8Array<ArrayBuffer> {
  const graph: Message = [
    ...nodes.map(
      ([op, inputs, outputs, attributes = []]) =>
        [1, node(op, inputs, outputs, attributes)] as const,
    ),
    [2, 'product'],
    ...constants.map((c) => [5, initializer(c)] as const),
    [11, value('x', x)],
    [12, value('y', y)],
  ];
  const opset: Message = [
    [1, ''],
    [2, 17],
  ];
  return encode([
    [1, 8],
    [7, graph],
    [8, opset],
  ]);
}

function node(
  op: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Message,
): Message {
  return [
    ...inputs.map((name) => [1, name] as const),
    ...outputs.map((name) => [2, name] as const),
    [4, op],
    ...attributes,
  ];
}

function initializer({ name, type, dims, data }: Initializer): Message {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return [...dims.map((d) => [1, d] as const), [2, types[type]], [8, name], [9, bytes]];
}

function value(name: string, dims: readonly number[]): Message {
  const shape: Message = dims.map((d) => [1, [[1, d]]] as const);
  return [
    [1, name],
    [
      2,
      [
        [
          1,
          [
            [1, types.float32],
            [2, shape],
          ],
        ],
      ],
    ],
  ];
}
