// The laws of backends: memory gives back what it was given, counts every byte, and survives being full.
import {
  assemble,
  levelsOf,
  printFormat,
  sizeOf,
  SparseError,
  toDense,
  type Backend,
  type Block,
} from '@lacuna/ir';
import { claim, type Law } from './law.js';
import type { Random } from './random.js';

/**
 * What a backend must keep to; a fresh one is made for each case, with at most `limit` bytes where it can
 * be told.
 *
 * @example
 * ```ts
 * import { reference } from '@lacuna/reference';
 * import { backendLaws, runLaw } from '@lacuna/testing';
 * for (const law of backendLaws((limit) => reference({ limit }))) await runLaw(law, { seed: 1, cases: 5 });
 * ```
 */
export function backendLaws(make: (limit: number) => Promise<Backend>): readonly Law[] {
  const mebibyte = 2 ** 20;
  const withBackend =
    (limit: number, body: (backend: Backend, random: Random) => Promise<void>): Law['run'] =>
    async (random) => {
      const backend = await make(limit);
      try {
        await body(backend, random);
      } finally {
        backend.dispose();
      }
    };
  return [
    {
      name: 'blocks hold what is written to them, whatever else is allocated and freed',
      run: withBackend(64 * mebibyte, async ({ memory }, random) => {
        const live: (readonly [Block, Uint8Array])[] = [];
        for (let step = 0; step < 60; step++) {
          if (live.length > 0 && random.chance(0.4)) {
            const [block, bytes] = live.splice(random.whole(0, live.length - 1), 1)[0]!;
            await holds(memory.read(block, bytes.length), bytes);
            memory.free(block);
            continue;
          }
          const bytes = Uint8Array.from({ length: random.whole(0, 5000) }, () =>
            random.whole(0, 255),
          );
          const block = memory.alloc(bytes.length);
          claim(block.bytes >= bytes.length, `a block of ${bytes.length} bytes has ${block.bytes}`);
          memory.write(block, bytes);
          live.push([block, bytes]);
        }
        for (const [block, bytes] of live) {
          await holds(memory.read(block, bytes.length), bytes);
          const view = memory.view?.(block).subarray(0, bytes.length);
          claim(
            !view || bytes.every((x, at) => x === view[at]),
            'a view shows other bytes than were written',
          );
        }
      }),
    },
    {
      name: 'a part of a block is a range of its bytes',
      run: withBackend(64 * mebibyte, async ({ memory }, random) => {
        const bytes = Uint8Array.from({ length: 256 }, (_, at) => at);
        const block = memory.alloc(256);
        memory.write(block, bytes);
        const offset = random.whole(0, 15) * 16;
        const part = memory.part(block, offset, 16);
        await holds(memory.read(part, 16), bytes.subarray(offset, offset + 16));
        memory.write(part, new Uint8Array(16));
        bytes.fill(0, offset, offset + 16);
        await holds(memory.read(block, 256), bytes);
      }),
    },
    {
      name: 'a thousand rounds leave nothing behind',
      run: withBackend(64 * mebibyte, async ({ memory }, random) => {
        const before = memory.used;
        for (let round = 0; round < 1000; round++) {
          const blocks = [0, 1, 2].map(() => memory.alloc(random.whole(1, 100_000)));
          for (const at of random.order(3)) memory.free(blocks[at]!);
        }
        claim(memory.used === before, `${memory.used - before} bytes are still in use`);
        return Promise.resolve();
      }),
    },
    {
      name: 'a full memory refuses with capacity, unchanged, and works on',
      run: withBackend(mebibyte, async ({ memory }) => {
        const held = memory.alloc(1000);
        memory.write(held, Uint8Array.of(1, 2, 3));
        const before = memory.used;
        const code = codeOf(() => memory.alloc(memory.limit - before + 65_536));
        claim(code === 'capacity', `too much was asked for, and the answer is ${code}`);
        claim(
          codeOf(() => memory.alloc(2 ** 52)) === 'capacity',
          'a petabyte is not refused with capacity',
        );
        claim(memory.used === before, `${memory.used - before} bytes were lost on the way`);
        await holds(memory.read(held, 3), Uint8Array.of(1, 2, 3));
        memory.free(memory.alloc(1000));
        claim(memory.used === before, 'bytes are lost after a refusal');
      }),
    },
    {
      name: 'a freed block is not freed again, and nothing is given out after dispose',
      async run() {
        const backend = await make(mebibyte);
        const block = backend.memory.alloc(64);
        backend.memory.free(block);
        const used = backend.memory.used;
        codeOf(() => backend.memory.free(block));
        claim(backend.memory.used === used, 'freeing twice is counted twice');
        backend.dispose();
        backend.dispose();
        const code = codeOf(() => backend.memory.alloc(64));
        claim(code === 'disposed', `memory was asked for after dispose, and the answer is ${code}`);
      },
    },
    {
      name: 'rates are positive, and kernels are for their backend',
      run: withBackend(mebibyte, ({ name, rates, kernels }) => {
        claim(
          rates.flops > 0 && rates.bandwidth > 0 && rates.launch >= 0,
          `rates are ${JSON.stringify(rates)}`,
        );
        const stranger = kernels.find((k) => k.backend !== name);
        claim(
          stranger === undefined,
          `${stranger?.name} is for ${stranger?.backend}, and ${name} has it`,
        );
        return Promise.resolve();
      }),
    },
    {
      name: 'formats that values of a plan are packed in hold any matrix, and need no structure',
      run: withBackend(mebibyte, ({ packed = [] }, random) => {
        const shape = [random.extent(), random.extent()];
        const numbers = Float32Array.from({ length: sizeOf(shape) }, () => random.next() + 1);
        for (const format of packed) {
          const name = printFormat(format);
          const levels = levelsOf(format, shape);
          const { structure } = assemble(format, shape, new Float32Array(numbers.length)).pattern;
          claim(
            levels.every(({ kind, by }) => kind === 'dense' && !by) && structure.length === 0,
            `${name} has entries that a run would have to find`,
          );
          const back = toDense(assemble(format, shape, numbers));
          claim(
            numbers.every((x, at) => back[at] === x),
            `${name} loses numbers`,
          );
        }
        return Promise.resolve();
      }),
    },
  ];
}

/** The code of the error that `run` throws, or 'nothing' where it throws none. */
function codeOf(run: () => unknown): string {
  try {
    run();
    return 'nothing';
  } catch (error) {
    if (error instanceof SparseError) return error.code;
    throw error;
  }
}

async function holds(read: Promise<Uint8Array>, expected: Uint8Array): Promise<void> {
  const got = await read;
  claim(
    got.length === expected.length,
    `${expected.length} bytes were asked for, and ${got.length} read`,
  );
  const at = expected.findIndex((x, byte) => x !== got[byte]);
  claim(at < 0, () => `byte ${at} is ${got[at]}, and ${expected[at]} was written`);
}
