// The shaders of ops beside products as text: a reviewer reads a change of a kernel in its snapshot.
import { describe, expect, it } from 'vitest';
import { batchedProgram } from './kernels/batched.js';
import { linesOf, overLines } from './kernels/lines.js';
import { softmaxLines } from './kernels/softmax.js';

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

describe('the shader of products in pairs', () => {
  it.each(['along', 'down', 'single'] as const)('A is read %s', (lie) => {
    const variant = { lie, rows: 4, wide: 1, across: 8, whole: true, onto: false, loose: false };
    expect(batchedProgram(variant).code).toMatchSnapshot();
  });
});
