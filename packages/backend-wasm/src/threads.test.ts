// Threads as kernels see them: the bits of one thread whatever the number of workers, and what happens when
// a worker dies, cannot start, or may not.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Worker } from 'node:worker_threads';
import { assemble, dense, SparseError, type Kernel, type Tensor } from '@lacuna/ir';
import { csr } from '@lacuna/layouts';
import { conv2d, relu } from '@lacuna/ops';
import { cases, firstDifference, launch, Random, runLaw, threadLaws } from '@lacuna/testing';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { makeBackend, type Tuning, type WasmBackend, type WasmOptions } from './backend.js';
import { plain } from './generated/plain.js';
import { relaxed } from './generated/relaxed.js';
import { wasmKernel } from './kernel.js';
import { kernels } from './kernels/index.js';
import { bestVariant, compileOurs, inflated } from './module.js';
import { shareModule } from './poolmodule.js';

const compile = compileOurs('plain', (family) => inflated(plain[family]));
const make = (options: WasmOptions, tuning?: Tuning): Promise<WasmBackend> =>
  makeBackend({ compile, variant: 'plain' }, options, tuning);
/** Cuts everything into ranges of one unit, so that small sizes show what large ones do. */
const always = { always: true };
const crews = Promise.all([1, 2, 7].map((threads) => make({ threads }, always)));
afterAll(async () => {
  for (const backend of await crews) backend.dispose();
});
afterEach(() => {
  vi.unstubAllGlobals();
});

const label = (k: Kernel): string => `${k.name}(${k.takes.map((l) => l.layoutName).join()})`;

const known = kernels.filter(({ op }) => cases.has(op));
test.each(known.map((k) => [label(k), k] as const))(
  'kernel %s gives the same bits on 1, 2 and 7 threads',
  async (_, kernel) => {
    const [one, ...several] = await crews;
    for (const backend of several)
      for (const law of threadLaws(kernel, one!, backend, cases.get(kernel.op)!))
        expect(await runLaw(law, { seed: 5, cases: 25 })).toBeUndefined();
  },
);

async function sameBits(
  backends: readonly WasmBackend[],
  kernel: Kernel,
  inputs: readonly (Tensor | undefined)[],
  attrs: object,
  words: string,
): Promise<void> {
  const results: ArrayLike<number>[] = [];
  for (const backend of backends) {
    const { used } = backend.memory;
    const launched = await launch(backend, kernel, inputs, attrs);
    if (!launched) return;
    expect(launched.trespass, words).toBeUndefined();
    expect(launched.unwritten, words).toBe(-1);
    expect(backend.memory.used, words).toBe(used);
    results.push(launched.numbers);
  }
  for (const other of results.slice(1)) expect(firstDifference(results[0]!, other), words).toBe(-1);
}

test.runIf(bestVariant() === 'relaxed')('the law sees other bits', async () => {
  const fused = await makeBackend(
    { compile: compileOurs('relaxed', (family) => inflated(relaxed[family])), variant: 'relaxed' },
    { threads: 2 },
    always,
  );
  const kernel = kernelNamed('csr-matmul');
  const [law] = threadLaws(kernel, (await crews)[0]!, fused, cases.get(kernel.op)!);
  expect((await runLaw(law!, { seed: 5, cases: 100 }))?.error.message).toMatch(/csr-matmul/);
  fused.dispose();
});

const numbers = (count: number, share = 1): Float32Array => {
  const random = new Random(3);
  return Float32Array.from({ length: count }, () =>
    random.chance(share) ? 2 * random.next() - 1 : 0,
  );
};
const kernelNamed = (name: string): Kernel => kernels.find((k) => k.name === name)!;
const product = (m: number, k: number, n: number): Tensor[] => [
  assemble(csr(), [m, k], numbers(m * k, 0.3)),
  assemble(dense(), [k, n], numbers(k * n)),
];
const none = { transposeA: false, transposeB: false, activation: 'none' };

describe('large odd sizes, cut by cost', () => {
  test('a product and a convolution give the same bits on 1, 2 and 7 threads', async () => {
    const backends = await Promise.all([1, 2, 7].map((threads) => make({ threads })));
    const attrs = {
      stride: [1, 1],
      dilation: [1, 1],
      padding: [1, 1, 1, 1],
      groups: 1,
      activation: 'relu',
    };
    const images = [
      assemble(dense(), [2, 13, 37, 41], numbers(2 * 13 * 37 * 41)),
      assemble(dense(), [29, 13, 3, 3], numbers(29 * 13 * 9)),
    ];
    const inputs = product(517, 301, 97);
    for (let time = 0; time < 20; time++)
      await sameBits(backends, kernelNamed('csr-matmul'), inputs, none, 'csr');
    await sameBits(
      backends,
      kernels.find((k) => k.op === conv2d && k.name.startsWith('im2col'))!,
      images,
      attrs,
      'conv',
    );
    for (const backend of backends) backend.dispose();
  });
});

/** The workers that are started meanwhile. */
async function workersOf<T>(start: () => Promise<T>): Promise<readonly [T, Worker[]]> {
  const workers: Worker[] = [];
  const note = (worker: Worker): void => void workers.push(worker);
  process.on('worker', note);
  try {
    return [await start(), workers];
  } finally {
    process.off('worker', note);
  }
}

describe('a worker that dies', () => {
  const [inputs, kernel] = [product(64, 64, 16), kernelNamed('csr-matmul')];
  const run = (backend: WasmBackend) => launch(backend, kernel, inputs, none);
  const lost = expect.objectContaining({ code: 'device-lost' });

  test('between two calls is a device-lost error, and the next engine works', async () => {
    const [backend, [first]] = await workersOf(() => make({ threads: 3 }, always));
    await run(backend);
    await first!.terminate();
    await expect(run(backend)).rejects.toEqual(lost);
    await expect(run(backend)).rejects.toThrow(/create another engine/);
    backend.dispose();
    backend.dispose();
    const next = await make({ threads: 3 }, always);
    expect((await run(next))!.unwritten).toBe(-1);
    next.dispose();
  });

  test('in the midst of calls is one too, soon, or never noticed', async () => {
    for (let time = 0; time < 5; time++) {
      const [backend, [first]] = await workersOf(() =>
        make({ threads: 2 }, { ...always, patience: 50 }),
      );
      const gone = once(first!, 'exit');
      void first!.terminate();
      try {
        for (let call = 0; call < 40; call++) await run(backend);
      } catch (error) {
        expect(error).toEqual(lost);
      }
      await gone;
      await expect(run(backend)).rejects.toEqual(lost);
      backend.dispose();
    }
  });

  test('or cannot start is a device-lost error that names workerUrl', async () => {
    const started = make({ threads: 2, workerUrl: 'file:///nowhere/worker.js' });
    await expect(started).rejects.toEqual(lost);
    await expect(started).rejects.toThrow(/workerUrl/);
  });
});

describe("a plug-in's module", () => {
  test('runs on every thread too, where its kernels launch stages', async () => {
    const bytes = await inflated(plain.ops);
    const kernel = wasmKernel({
      name: 'stranger',
      op: relu,
      takes: [dense],
      gives: dense,
      module: bytes,
      launch: ({ inputs, output }) => {
        const args = [inputs[0]!.values, output.values];
        return [{ name: 'relu', units: output.operand.stored, args, work: 1e6 }];
      },
    });
    const backends = await crews;
    for (const backend of backends) await backend.load([kernel]);
    const x = assemble(dense(), [61, 7], numbers(61 * 7));
    for (let time = 0; time < 10; time++) await sameBits(backends, kernel, [x], {}, 'relu');
    await sameBits(backends, kernelNamed('csr-matmul'), product(31, 17, 9), none, 'ours after it');
  });

  test('is known to every worker before any of several that are loaded at once is', async () => {
    const backend = await make({ threads: 3 });
    const kernels = await Promise.all(
      [0, 1, 2].map(async (k) =>
        wasmKernel({
          name: `stranger ${k}`,
          op: relu,
          takes: [dense],
          gives: dense,
          module: await inflated(plain.ops),
          launch: () => [],
        }),
      ),
    );
    await Promise.all(kernels.map((kernel) => backend.load([kernel])));
    backend.dispose();
  });

  test('is told the stack of each thread, unless it keeps state between calls', () => {
    // (module (import "env" "memory" (memory 1)) (global (mut i32) …) (export "f" (func 0)) …)
    const [header, type, code] = [
      [0, 97, 115, 109, 1, 0, 0, 0],
      [1, 4, 1, 96, 0, 0], // no arguments, no results
      [10, 4, 1, 2, 0, 11],
    ];
    const memoryImport = [2, 15, 1, 3, 101, 110, 118, 6, 109, 101, 109, 111, 114, 121, 2, 0, 1];
    const [functions, exported] = [
      [3, 2, 1, 0],
      [7, 5, 1, 1, 102, 0, 0],
    ];
    const leaf = (...globals: readonly (readonly number[])[]): Uint8Array => {
      const list = [6, 1 + globals.flat().length, globals.length, ...globals.flat()];
      return Uint8Array.from([header, type, memoryImport, functions, list, exported, code].flat());
    };
    const [stack, state, constant] = [
      [0x7f, 1, 0x41, 0x80, 0x80, 0x04, 0x0b],
      [0x7d, 1, 0x43, 0, 0, 0, 0, 0x0b],
      [0x7f, 0, 0x41, 0, 0x0b],
    ];
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    const names = (bytes: Uint8Array): { threads: boolean; names: string[] } => {
      const shared = shareModule(bytes, 'a plug-in');
      const module = new WebAssembly.Module(shared.bytes);
      const { exports } = new WebAssembly.Instance(module, { env: { memory } });
      return { threads: shared.threads, names: Object.keys(exports) };
    };
    expect(names(leaf(stack))).toEqual({ threads: true, names: ['f', '__stack_pointer'] });
    expect(names(leaf(stack, constant))).toMatchObject({ threads: true });
    expect(names(leaf(constant))).toEqual({ threads: true, names: ['f'] });
    expect(names(leaf(stack, state))).toEqual({ threads: false, names: ['f'] });
    expect(names(leaf(constant, state))).toEqual({ threads: false, names: ['f'] });
  });
});

describe('hosts', () => {
  test('a page that is not isolated has one thread, and a hint that says how to mend it', async () => {
    vi.stubGlobal('crossOriginIsolated', false);
    const backend = await make({ threads: 'auto' });
    expect(backend.threads).toBe(1);
    expect(backend.about).toMatch(/one thread \(.*Cross-Origin-Opener-Policy/);
    backend.dispose();
  });

  test('a host that refuses shared memory has one thread for auto, and an error otherwise', async () => {
    const { Memory } = WebAssembly;
    class Refusing extends Memory {
      constructor(descriptor: WebAssembly.MemoryDescriptor) {
        if (descriptor.shared) throw new RangeError('no');
        super(descriptor);
      }
    }
    vi.stubGlobal('WebAssembly', Object.assign(Object.create(WebAssembly), { Memory: Refusing }));
    vi.stubGlobal('navigator', { hardwareConcurrency: 4 });
    const refused = await make({ threads: 4 }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(SparseError);
    expect(refused).toMatchObject({ code: 'capacity' });
    const backend = await make({ threads: 'auto' });
    expect(backend.about).toMatch(/one thread \(the host refused/);
    backend.dispose();
  });

  test('a host that reserves little gives a smaller limit', async () => {
    const { Memory } = WebAssembly;
    class Small extends Memory {
      constructor(descriptor: WebAssembly.MemoryDescriptor) {
        if (descriptor.maximum! > 0x2000) throw new RangeError('no');
        super(descriptor);
      }
    }
    vi.stubGlobal('WebAssembly', Object.assign(Object.create(WebAssembly), { Memory: Small }));
    const backend = await make({ threads: 2 });
    expect(backend.memory.limit).toBe(0x1fff0000);
    backend.dispose();
  });

  test.each([0, -1, 1.5, NaN, 1000])('threads: %s is refused', async (threads) => {
    await expect(make({ threads })).rejects.toThrow(/whole number from 1 to 256, or 'auto'/);
  });
});

test('a shared memory grows, and what it held stays', async () => {
  const backend = await make({ threads: 2 });
  const { memory } = backend;
  const small = memory.alloc(1000);
  memory.write(small, Uint8Array.of(1, 2, 3));
  const large = memory.alloc(100_000_000);
  memory.write(large, new Uint8Array(100_000_000).fill(7));
  expect([...(await memory.read(small, 3))]).toEqual([1, 2, 3]);
  expect(memory.view(large).at(-1)).toBe(7);
  memory.free(large);
  memory.free(small);
  expect(memory.used).toBe(0);
  backend.dispose();
});

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

test('the text that workers start from is the bundle of worker.ts', () => {
  execFileSync(process.execPath, [path('../scripts/build-worker.mjs'), '--check']);
});

test('a process that never disposes ends by itself, with workers that have worked', () => {
  const program = `
    import { wasm } from ${JSON.stringify(path('index.ts'))};
    const backend = await wasm({ threads: 3 });
    console.log(backend.threads);
  `;
  const said = execFileSync(
    process.execPath,
    ['--conditions=@lacuna/source', '--import', 'tsx', '--input-type=module', '-e', program],
    { timeout: 20_000, encoding: 'utf8' },
  );
  expect(said).toBe('3\n');
});
