// Global magnitude pruning. Where magnitudes are equal, STen leaves open which of them it drops; the
// stable ranks in the file say what ours does.
import { assemble, dense, sparsify, toDense } from '@lacuna/ir';
import { csr } from '@lacuna/layouts';
import { magnitude } from '@lacuna/sparsifiers';
import { same } from './compare.ts';
import type { Fields } from './fields.ts';

export function runFraction(file: Fields): string {
  const cases = file.objects('cases');
  cases.forEach((item, at) => {
    const [shape, fraction] = [item.numbers('shape'), item.number('fraction')];
    const numbers = item.floats('dense');
    const name = `case ${at} (${shape.join('×')}, fraction ${fraction})`;
    const how = magnitude({ fraction });
    const mask = how.keep(numbers, shape);
    const tensor = assemble(dense(), shape, numbers);
    const out = toDense(sparsify(tensor, how, shape.length === 2 ? csr : dense));
    if (item.flag('tie_unspecified')) {
      const sizes = (x: Iterable<number>): Float64Array => Float64Array.from(x, Math.abs).sort();
      same(`${name}: kept magnitudes`, sizes(out), sizes(item.floats('out')));
    } else {
      same(`${name}: mask`, mask, item.numbers('mask'));
      same(`${name}: out`, out, item.floats('out'));
    }
    if (item.has('out_stable')) same(`${name}: out_stable`, out, item.floats('out_stable'));
    if (item.has('rank_stable')) {
      const least = Math.fround(fraction * numbers.length);
      const kept = item.numbers('rank_stable').map((rank) => Number(rank >= least));
      same(`${name}: mask by stable rank`, mask, kept);
    }
  });
  return `masks and kept numbers of ${cases.length} cases`;
}
