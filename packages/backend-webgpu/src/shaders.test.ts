// The shaders of ops beside products as text: a reviewer reads a change of a kernel in its snapshot.
import { describe, expect, it } from 'vitest';
import { binding, type Dispatch } from './kernel.js';
import { batchedProgram } from './kernels/batched.js';
import { linesOf, overLines } from './kernels/lines.js';
import { softmaxLines } from './kernels/softmax.js';
import type { GpuBlock } from './memory.js';
import { program } from './program.js';
import { fitted } from './spans.js';

describe('the shaders of lines', () => {
  it.each([
    ['a thread a line', false],
    ['a workgroup a line', true],
  ])('%s', (_, shared) => {
    const { program } = overLines(softmaxLines, linesOf([4, 64], -1), { shared }, [], []);
    expect(program.code).toMatchSnapshot();
  });

  it('short lines, and lines that do not lie in one piece, are a thread each', () => {
    for (const [shape, axis] of [
      [[4, 31], -1],
      [[64, 4], 0],
    ] as const)
      expect(overLines(softmaxLines, linesOf(shape, axis), { shared: true }, [], []).program).toBe(
        overLines(softmaxLines, linesOf([1, 64], -1), { shared: false }, [], []).program,
      );
  });
});

describe('a shader over what is larger than a binding', () => {
  it('asks in which span an element lies', () => {
    const [block, none] = [{ offset: 0 } as GpuBlock, undefined];
    const add = program({
      name: 'add',
      params: ['count'],
      buffers: [
        { name: 'index', type: 'array<u32>' },
        { name: 'x', type: 'array<vec4f>' },
        { name: 'y', type: 'array<vec4f>', write: true },
        { name: 'most', type: 'array<atomic<u32>>', write: true },
      ],
      workgroup: [64, 1, 1],
      body: `
if (x[index[id.x] + 1u][0] == y[0].x) { return; }
y[id.x] = x[index[id.x]];
y[id.x + 1u] += x[0] * 2.0;
atomicMax(&most[index[0]], atomicLoad(&most[1]));`,
    });
    const buffers = [none, binding(block, 1600), binding(block, 2048), binding(block, 2052)];
    const limits = { maxStorageBuffersPerShaderStage: 8 } as GPUSupportedLimits;
    const dispatch: Dispatch = { program: add, params: [1], buffers, workgroups: [1, 1, 1] };
    const fitting = fitted(dispatch, 1100, { limits });
    expect(fitting.program.code).toMatchSnapshot();
    expect(fitting.buffers.map((each) => each && [each.block.offset, each.bytes])).toEqual([
      none,
      [0, 1024],
      [1024, 576],
      [0, 1024],
      [1024, 1024],
      [0, 1024],
      [1024, 1024],
      [2048, 4],
    ]);
    expect(() => fitted(dispatch, 512, { limits })).toThrow(/takes 14 bindings.* GPU has 8/);
    expect(fitted(dispatch, 4096, { limits })).toBe(dispatch);
  });
});

describe('the shader of products in pairs', () => {
  it.each(['along', 'down', 'single'] as const)('A is read %s', (lie) => {
    const variant = { lie, rows: 4, wide: 1, across: 8, whole: true, onto: false, loose: false };
    expect(batchedProgram(variant).code).toMatchSnapshot();
  });
});
