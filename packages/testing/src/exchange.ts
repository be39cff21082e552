// Laws of exchange: a format prints and parses, a tensor survives a file, and other layouts.
import {
  convert,
  dense,
  describe,
  holdsAny,
  makeTensor,
  parseFormat,
  printFormat,
  restore,
  sameFormat,
  SparseError,
  toDense,
  type Descriptor,
  type FormatLike,
  type Layout,
} from '@lacuna/ir';
import { coo, csc, csr, dcsr } from '@lacuna/layouts';
import { claim, type Law } from './law.js';
import { firstDifference } from './numbers.js';
import { randomSample } from './sample.js';
import { sameNumbers } from './storage.js';

/** Laws about printing, files and conversion. */
export function exchangeLaws(like: FormatLike): readonly Law[] {
  const layout = typeof like === 'function' ? like : like.layout;
  return [
    {
      name: 'a format reads back from its print',
      run(random) {
        const { format } = randomSample(random, like).tensor;
        const text = printFormat(format);
        const again = parseFormat(` ${text.replaceAll(',', ' , ')} `, [dense, csr, layout]);
        claim(
          sameFormat(again, format) && printFormat(again) === text,
          `${text} reads as ${printFormat(again)}`,
        );
      },
    },
    {
      name: 'a tensor survives its description, whether its layout is known there or not',
      run(random) {
        const { tensor, dtype, words } = randomSample(random, like);
        const descriptor = JSON.parse(JSON.stringify(describe(tensor))) as Descriptor;
        for (const known of [[layout], []]) {
          const pattern = restore(descriptor, tensor.pattern.structure, known);
          const where = `${words}, restored ${known.length ? 'as its layout' : 'without its layout'}`;
          claim(
            firstDifference(pattern.structure, tensor.pattern.structure) < 0,
            `${where}: its structure changed`,
          );
          sameNumbers(makeTensor(pattern, dtype, tensor.values), toDense(tensor), where);
        }
      },
    },
    {
      name: 'a description that lies is refused as corrupt',
      run(random) {
        const { tensor, words } = randomSample(random, like);
        const { structure } = tensor.pattern;
        const good = describe(tensor);
        const refused = (what: string, descriptor: Descriptor, bytes: Uint8Array): void => {
          try {
            restore(descriptor, bytes, [layout]);
          } catch (error) {
            if (error instanceof SparseError) return;
            throw error;
          }
          claim(false, `${words}: restored with ${what}`);
        };
        refused('16 bytes too many', good, new Uint8Array(structure.byteLength + 16));
        if (structure.byteLength > 0) refused('16 bytes too few', good, structure.slice(16));
        refused('a dimension too many', { ...good, shape: [...good.shape, 2] }, structure);
        if (good.positions.length > 0)
          refused(
            'a position too many',
            { ...good, positions: [...good.positions.slice(0, -1), good.positions.at(-1)! + 1] },
            structure,
          );
        refused(
          'an unknown level',
          { ...good, levels: [...good.levels, { ...good.levels[0]!, kind: 'dense', name: 'z' }] },
          structure,
        );
      },
    },
    {
      name: 'other layouts take its numbers and give them back, without loss',
      run(random) {
        const { tensor, format, shape, words } = randomSample(random, like);
        const others: Layout[] = shape.length === 2 ? [dense, csr, csc, dcsr, coo] : [dense];
        for (const other of others) {
          const there = convert(tensor, other);
          sameNumbers(there, toDense(tensor), `${words} as ${printFormat(there.format)}`);
          const back = convert(there, holdsAny(format, shape) ? format : tensor.format);
          sameNumbers(back, toDense(tensor), `${words} as ${printFormat(there.format)} and back`);
        }
      },
    },
  ];
}
