// Laws of changes of layout that a backend makes in its own memory: they are the host's, to the bit, and leave
// nothing behind.
import {
  check,
  convert,
  dense,
  printFormat,
  SparseError,
  type Backend,
  type Block,
  type Layout,
  type Operand,
  type Tensor,
} from '@lacuna/ir';
import { claim, type Law } from './law.js';
import { firstDifference } from './numbers.js';
import type { Random } from './random.js';
import { placeIn, randomTensor, type Place } from './sample.js';

/** Laws about `change` of a backend with room enough, between any two of `layouts`. */
export function changeLaws(backend: Backend, layouts: readonly Layout[]): readonly Law[] {
  return [
    {
      name: 'a change of layout in memory is the host’s, to the bit, and takes what it gives',
      async run(random) {
        const { from, to } = pair(random, layouts);
        const dtype = random.pick(['float32', 'int32'] as const);
        const tensor = randomTensor(random, from, dtype, true);
        const words = `${tensor.toString()} as ${printFormat(to.format)}`;
        const before = backend.memory.used;
        const operand = put(backend, tensor);
        const used = backend.memory.used;
        const made = backend.change?.(operand, to.format);
        if (made) {
          const want = convert(tensor, to.format);
          const bytes = await backend.memory.read(made.values, want.stored * 4);
          const { pattern } = made;
          claim(pattern.checksum === want.pattern.checksum, `${words}: another checksum`);
          sameBytes(pattern.structure, want.pattern.structure, `${words}: structure`);
          if (made.structure) {
            const length = want.pattern.structure.byteLength;
            const own = await backend.memory.read(made.structure, length);
            sameBytes(own, want.pattern.structure, `${words}: structure on the device`);
          }
          const { buffer, byteOffset, length } = want.values;
          sameBytes(bytes, new Uint8Array(buffer, byteOffset, length * 4), `${words}: values`);
          const blocks = [made.values, made.structure].filter((b) => b !== undefined);
          const own = blocks.reduce((sum, b) => sum + b.bytes, 0);
          claim(
            backend.memory.used - used === own,
            `${words}: ${backend.memory.used - used} bytes are in use for ${own}`,
          );
          for (const block of blocks) backend.memory.free(block);
        }
        free(backend, operand);
        claim(backend.memory.used === before, `${words}: something is left behind`);
      },
    },
    {
      name: 'the pattern of a change reads the same after its structure went, or says disposed where nobody had read it',
      run(random) {
        const { from, to } = pair(random, layouts);
        const tensor = randomTensor(random, from);
        const operand = put(backend, tensor);
        for (const early of [true, false]) {
          const made = backend.change?.(operand, to.format);
          if (!made) continue;
          const { pattern } = made;
          const want = convert(tensor, to.format).pattern.structure;
          const words = `${tensor.toString()} as ${printFormat(to.format)}: structure`;
          if (early) sameBytes(pattern.structure, want, words);
          for (const block of [made.values, made.structure]) if (block) backend.memory.free(block);
          const held = backend.memory.alloc(want.byteLength + 64); // where it was there is something else
          backend.memory.write(held, new Uint8Array(want.byteLength + 64).fill(0xa5));
          try {
            sameBytes(pattern.structure, want, `${words} that went`);
            check(pattern);
          } catch (error) {
            const said = error instanceof SparseError && error.code === 'disposed';
            if (early || !said) throw error;
          }
          backend.memory.free(held);
        }
        free(backend, operand);
      },
    },
    {
      name: 'a change of layout that does not fit says capacity, changes nothing, and fits later',
      run(random) {
        const { from, to } = pair(random, layouts);
        const tensor = randomTensor(random, from);
        const operand = put(backend, tensor);
        const { memory } = backend;
        const held = filled(backend, 64 << random.whole(0, 8));
        const { used } = memory;
        try {
          const made = backend.change?.(operand, to.format);
          for (const block of [made?.values, made?.structure]) if (block) memory.free(block);
        } catch (error) {
          claim(
            error instanceof SparseError && error.code === 'capacity',
            `no room was said as ${String(error)}`,
          );
        }
        claim(memory.used === used, `${memory.used - used} bytes are left of what did not fit`);
        for (const block of held) memory.free(block);
        const made = backend.change?.(operand, to.format);
        for (const block of [made?.values, made?.structure]) if (block) memory.free(block);
        free(backend, operand);
      },
    },
  ];
}

/** Two layouts of one shape, which is small, long enough for whole vectors, or wide enough for long coordinates. */
function pair(random: Random, layouts: readonly Layout[]): { from: Place; to: Place } {
  for (let attempt = 0; attempt < 100; attempt++) {
    const shape = random.pick([
      () => [random.extent(), random.extent()],
      () => [random.whole(1, 9), random.whole(20, 200)],
      () => [random.whole(1, 2), random.whole(65_530, 65_545)],
    ])();
    const wide = shape[1]! > 1000;
    const holders = wide ? layouts.filter((l) => l === dense || l.spec.rank === 2) : layouts;
    const pick = (): Place | undefined => placeIn(random, random.pick(holders), shape);
    const [from, to] = [pick(), pick()];
    if (from && to) return { from, to };
  }
  claim(false, 'no two layouts were found for a shape');
}

function put(backend: Backend, { pattern, dtype, values, shape, format, stored }: Tensor): Operand {
  const { memory } = backend;
  const block = (bytes: ArrayBufferView): Block => {
    const own = memory.alloc(Math.max(1, bytes.byteLength));
    memory.write(own, bytes);
    return own;
  };
  const structure = pattern.structure.byteLength > 0 ? block(pattern.structure) : undefined;
  const type = { format, shape, dtype, stored, constant: false, pattern };
  return { ...type, values: block(values), ...(structure && { structure }) };
}

/** Blocks that leave less than `least` bytes free in one place. */
function filled({ memory }: Backend, least: number): readonly Block[] {
  const blocks: Block[] = [];
  for (let bytes = memory.limit; bytes >= least;) {
    try {
      blocks.push(memory.alloc(bytes));
    } catch {
      bytes = Math.floor(bytes / 2);
    }
  }
  return blocks;
}

function free({ memory }: Backend, { values, structure }: Operand): void {
  memory.free(values);
  if (structure) memory.free(structure);
}

function sameBytes(got: Uint8Array, want: Uint8Array, words: string): void {
  claim(got.length === want.length, `${words}: ${got.length} bytes, not ${want.length}`);
  const at = firstDifference(got, want);
  claim(at < 0, `${words}: byte ${at} is ${got[at]}, not ${want[at]}`);
}
