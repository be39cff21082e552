// Changes of layout in linear memory: the host's bits on 1, 2 and 7 threads, no room, and what is left to the host.
import {
  assemble,
  assignedPattern,
  convert,
  dense,
  entriesOf,
  fillPattern,
  sizeOf,
  type Changed,
  type Format,
  type Tensor,
} from '@lacuna/ir';
import { bcsr, csr, nm, nmg, patternCount } from '@lacuna/layouts';
import { changeLaws, Random, runLaw } from '@lacuna/testing';
import { expect, test } from 'vitest';
import { makeBackend, type WasmBackend } from './backend.js';
import { plain } from './generated/plain.js';
import { relaxed } from './generated/relaxed.js';
import type { WasmBlock } from './memory.js';
import { bestVariant, compileOurs, inflated } from './module.js';

const mebibyte = 2 ** 20;
const layouts = [dense, csr, bcsr, nmg];

for (const [variant, texts] of [
  ['plain', plain],
  ['relaxed', relaxed],
] as const)
  for (const threads of [1, 2, 7])
    test.runIf(variant === 'plain' || bestVariant() === 'relaxed')(
      `changes of layout keep the laws on ${threads} threads, ${variant}`,
      async () => {
        const compile = compileOurs(variant, (family) => inflated(texts[family]));
        const options = { threads, memoryLimit: 16 * mebibyte };
        const backend = await makeBackend({ compile, variant }, options, { always: true });
        for (const law of changeLaws(backend, layouts))
          expect(await runLaw(law, { seed: 3, cases: 60 })).toBeUndefined();
        backend.dispose();
      },
    );

test('what fits n:m:g is placed as the host places it, and what the greedy would lose is left to the host', async () => {
  const compile = compileOurs('plain', (family) => inflated(plain[family]));
  const backend = await makeBackend({ compile, variant: 'plain' }, {});
  const random = new Random(11);
  for (const [n, m, g] of [
    [2, 4, 8],
    [1, 4, 2],
    [3, 6, 1],
    [2, 10, 2],
  ] as const) {
    const format = nmg(n, m, g);
    const shape = [3 * m, 2 * patternCount(n, m) * g];
    const numbers = Float32Array.from({ length: sizeOf(shape) }, () => 0.1 + random.next());
    const all = assemble(dense, shape, numbers);
    expect(change(backend, all, format)).toBeUndefined();
    const pattern = assignedPattern(format, shape, numbers);
    const pruned = convert(fillPattern(pattern, entriesOf(all), 'float32', 'drop'), dense);
    for (const from of [pruned, convert(pruned, csr)]) {
      const made = change(backend, from, format)!;
      const want = convert(from, format);
      expect(made.pattern.structure).toEqual(want.pattern.structure);
      expect(await backend.memory.read(made.values as WasmBlock, 4 * want.stored)).toEqual(
        new Uint8Array(want.values.buffer),
      );
    }
  }
  backend.dispose();
});

/** Changes a host tensor that is put into a backend's memory. */
function change(backend: WasmBackend, tensor: Tensor, to: Format): Changed | undefined {
  const { pattern, values, shape, stored, format } = tensor;
  const put = (bytes: ArrayBufferView): WasmBlock => {
    const block = backend.memory.alloc(bytes.byteLength);
    backend.memory.write(block, bytes);
    return block;
  };
  const type = { shape, stored, format, pattern, dtype: 'float32', constant: false } as const;
  const structure = pattern.structure.byteLength > 0 ? put(pattern.structure) : undefined;
  return backend.change({ ...type, values: put(values), ...(structure && { structure }) }, to);
}

test('what no kernel makes is left to the host', async () => {
  const compile = compileOurs('plain', (family) => inflated(plain[family]));
  const all = await makeBackend({ compile, variant: 'plain' }, {});
  const core = await makeBackend({ compile, variant: 'plain', families: ['core'] }, {});
  const tensor = assemble(dense, [2, 2], [1, 0, 0, 2]);
  for (const [backend, format] of [
    [all, nm(1, 2)],
    [core, csr()],
  ] as const) {
    expect(change(backend, tensor, format)).toBeUndefined();
    backend.dispose();
  }
});
