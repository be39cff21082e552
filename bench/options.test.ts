// What the command line may say, and what it is told where it cannot be understood.
import { expect, test } from 'vitest';
import { parseOptions, suiteNames } from './options.js';

test('commas inside brackets do not part layouts', () => {
  expect(parseOptions({ layout: 'nmg(2,4,8),csr' }).layouts).toEqual(['nmg(2,4,8)', 'csr']);
});

test('a layout named alone runs the suite of its family', () => {
  expect(parseOptions({ layout: 'bcsr(4,1)' }).suites).toEqual(['rowgroup']);
  expect(parseOptions({ layout: 'csr' }).suites).toEqual(['unstructured']);
});

test('a sparsity is a share or a percentage', () => {
  expect(parseOptions({ sparsity: '0.83,95%' }).sparsities).toEqual([0.83, 0.95]);
});

test('a quick run has fewer shapes, and leaves out what takes long', () => {
  const [whole, quick] = [parseOptions({}), parseOptions({ quick: true })];
  expect(whole.suites).toEqual(suiteNames);
  expect(quick.shapes.length).toBeLessThan(whole.shapes.length);
  expect(quick.suites).not.toContain('growth');
});

test('threads run the suites that can use them', () => {
  const { suites, threads } = parseOptions({ threads: '2' });
  expect(threads).toBe(2);
  expect(suites).toContain('threads');
  expect(suites).not.toContain('startup');
  expect(() => parseOptions({ threads: '0' })).toThrow(/at least 1/);
});

test('WebGPU runs the suites that say something of a GPU', () => {
  const { backend, suites } = parseOptions({ backend: 'webgpu' });
  expect(backend).toBe('webgpu');
  expect(suites).toContain('rowgroup');
  expect(suites).not.toContain('threads');
  expect(() => parseOptions({ backend: 'webgpu', suite: 'startup' })).toThrow(/there are: dense/);
  expect(() => parseOptions({ backend: 'webgpu', threads: '2' })).toThrow(/threads/);
  expect(parseOptions({ backend: 'webgpu', tiles: 'shared' }).tiles).toBe('shared');
  expect(() => parseOptions({ tiles: 'round' })).toThrow(/register, shared/);
  expect(() => parseOptions({ backend: 'cuda' })).toThrow(/wasm, webgpu/);
});

test('what is not understood is refused with what there is', () => {
  expect(() => parseOptions({ suite: 'spare' })).toThrow(/there are: startup, dense/);
  expect(() => parseOptions({ shape: '768x768' })).toThrow(/768x768x128/);
  expect(() => parseOptions({ sparsity: '83' })).toThrow(/0\.\.1 or 83%/);
  expect(() => parseOptions({ seed: 'x' })).toThrow(/whole number/);
});
