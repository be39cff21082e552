// Quantised tensors in files.
import { assemble, dense, q4, q8, quantised, toDense } from '@lacuna/ir';
import { bcsr } from '@lacuna/layouts';
import { expect, test } from 'vitest';
import { readSafetensors, writeSafetensors } from '../index.js';

test('a quantised tensor keeps its bytes, its codec and its layout in a file', () => {
  const numbers = Array.from({ length: 64 }, (_, at) => Math.sin(at) * Number(at % 32 < 16));
  const w = assemble(quantised(bcsr(1, 16), q4(16, { zero: true })), [2, 32], numbers);
  const b = assemble(quantised(dense, q8(5)), [64], numbers);
  const { tensors } = readSafetensors(writeSafetensors({ w, b }));
  const [again, bias] = [tensors.get('w')!, tensors.get('b')!];
  expect(again.toString()).toBe('bcsr(1,16)+q4(16,zero) [2, 32] float32, 32 stored');
  expect(again.storage.encoded).toEqual(w.storage.encoded);
  expect(toDense(again)).toEqual(toDense(w));
  expect(toDense(bias)).toEqual(toDense(b));
});

test('a file that lies about a codec is refused as corrupt', () => {
  const w = assemble(quantised(dense, q8(4)), [8], [1, 2, 3, 4, 5, 6, 7, 8]);
  const text = new TextDecoder('latin1').decode(writeSafetensors({ w }));
  for (const [from, to] of [
    ['q8(4)', 'q8(1)'],
    ['q8(4)', 'q9(4)'],
  ]) {
    const bytes = Uint8Array.from(text.replace(from!, to!), (c) => c.charCodeAt(0));
    expect(() => readSafetensors(bytes)).toThrow(expect.objectContaining({ code: 'corrupt' }));
  }
});
