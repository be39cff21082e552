// Buffers of COO, CSR, CSC and BSR as SciPy makes them.
import { assemble, bufferOf, check, convert, toDense, type Format } from '@lacuna/ir';
import { bcsr, bitmask, coo, csc, csr, dcsr, ell } from '@lacuna/layouts';
import { same } from './compare.ts';
import type { Fields } from './fields.ts';

type Buffers = readonly (readonly [level: number, role: 'pos' | 'crd', field: string])[];

const compressed: Buffers = [
  [1, 'pos', 'indptr'],
  [1, 'crd', 'indices'],
];

/** Formats that a case may have, by field: ours, and where their arrays are in it. */
function known(field: string): readonly [Format, Buffers] | undefined {
  const [, rows, columns] = /^bsr_(\d+)x(\d+)$/.exec(field) ?? [];
  if (rows && columns) return [bcsr(Number(rows), Number(columns)), compressed];
  if (field === 'csr') return [csr(), compressed];
  if (field === 'csc') return [csc(), compressed];
  if (field !== 'coo_rowmajor') return undefined;
  return [
    coo(),
    [
      [0, 'crd', 'row'],
      [1, 'crd', 'col'],
    ],
  ];
}

/** Compares the buffers of `dense` in the format that `field` names, if it names one. */
export function sameBuffers(
  name: string,
  field: string,
  theirs: Fields,
  shape: readonly number[],
  numbers: Float32Array,
): boolean {
  const found = known(field);
  if (!found) return false;
  const [format, buffers] = found;
  const tensor = assemble(format, shape, numbers);
  check(tensor.pattern);
  for (const [level, role, part] of buffers)
    same(`${name}: ${field}.${part}`, bufferOf(tensor.pattern, level, role), theirs.numbers(part));
  same(`${name}: ${field}.data`, tensor.values, theirs.floats('data'));
  for (const other of [coo(), csr(), csc(), dcsr(), bitmask(), ell()])
    same(`${name}: ${field} through another layout`, toDense(convert(tensor, other)), numbers);
  return true;
}

export function runLayouts(file: Fields): string {
  const seen = new Set<string>();
  const cases = file.objects('cases');
  cases.forEach((item, at) => {
    const shape = item.numbers('shape');
    for (const field of item.names()) {
      if (field === 'shape' || field === 'dense') continue;
      const name = `case ${at} (${shape.join('×')})`;
      if (!sameBuffers(name, field, item.object(field), shape, item.floats('dense')))
        throw new Error(`${name} has a format "${field}" that this runner does not know`);
      seen.add(field);
    }
  });
  return `buffers and values of ${[...seen].join(', ')} for ${cases.length} matrices`;
}
