import { expect, test } from 'vitest';
import { reference } from './index.js';

test('blocks are counted, and a full memory is unchanged', async () => {
  const { memory } = await reference({ limit: 64 });
  const block = memory.alloc(20);
  expect(memory.used).toBe(32);
  expect(() => memory.alloc(33)).toThrow(/33 bytes were asked for, and 32 of 64 are in use/);
  expect(memory.used).toBe(32);
  memory.free(block);
  expect(memory.used).toBe(0);
});

test('what is written is read, whole and in part', async () => {
  const { memory } = await reference();
  const block = memory.alloc(8);
  memory.write(block, Float32Array.of(1, 2));
  const bytes = await memory.read(memory.part(block, 4, 4), 4);
  expect(new Float32Array(bytes.buffer)[0]).toBe(2);
  expect(memory.view!(block).byteLength).toBe(16);
});

test('a block is refused after it was freed, and by another backend', async () => {
  const [one, other] = [await reference(), await reference()];
  const block = one.memory.alloc(8);
  expect(() => other.memory.free(block)).toThrow(/another reference backend/);
  one.memory.free(block);
  expect(() => one.memory.view!(block)).toThrow(/after it was freed/);
  expect(() => one.memory.free(block)).toThrow(/after it was freed/);
  await expect(one.memory.read(block, 4)).rejects.toThrow(/after it was freed/);
});

test('nothing is given out after dispose', async () => {
  const backend = await reference();
  backend.dispose();
  expect(() => backend.memory.alloc(1)).toThrow(/disposed/);
});
