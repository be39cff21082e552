// Laws of what is derived from a layout's levels: index, entries, counts and bytes tell one story.
import {
  buffersOf,
  byteWidth,
  bytesOf,
  check,
  countOf,
  decodeValues,
  densityOf,
  entriesOf,
  flatIndex,
  outside,
  positionsOf,
  sizeOf,
  stridesOf,
  structureBytes,
  toDense,
  valueCount,
  walk,
  type FormatLike,
} from '@lacuna/ir';
import { claim, type Law } from './law.js';
import { randomSample } from './sample.js';

/** Laws about `walk` and what is made of it. */
export function derivationLaws(like: FormatLike): readonly Law[] {
  return [
    {
      name: 'the flat index says of every position what a walk says',
      run(random) {
        const { tensor, shape, words } = randomSample(random, like);
        const index = flatIndex(tensor.pattern);
        const seen = new Uint32Array(valueCount(tensor.pattern)).fill(outside);
        const strides = stridesOf(shape);
        walk(tensor.pattern, (coordinates, position) => {
          claim(
            position < seen.length,
            `${words}: the walk names position ${position} of ${seen.length}`,
          );
          claim(
            seen[position] === outside,
            `${words}: the walk comes to position ${position} twice`,
          );
          claim(
            coordinates.every((c, dim) => c >= 0 && c < shape[dim]!),
            () => `${words}: the walk leaves the shape at [${coordinates.join(', ')}]`,
          );
          seen[position] = coordinates.reduce((flat, c, dim) => flat + c * strides[dim]!, 0);
        });
        claim(
          index.length === seen.length,
          `${words}: the flat index has ${index.length} positions`,
        );
        const at = seen.findIndex((flat, position) => flat !== index[position]);
        claim(
          at < 0,
          () => `${words}: position ${at} is ${seen[at]}, and ${index[at]} by the index`,
        );
        const inside = seen.reduce((n, flat) => n + Number(flat !== outside), 0);
        claim(
          countOf(tensor.pattern) === inside,
          `${words}: ${inside} entries are walked and ${countOf(tensor.pattern)} counted`,
        );
        claim(
          densityOf(tensor.pattern) === inside / Math.max(1, sizeOf(shape)),
          `${words}: the density is not count / size`,
        );
      },
    },
    {
      name: 'entries ascend, and are the numbers that are stored',
      run(random) {
        const { tensor, words } = randomSample(random, like);
        const { index, values } = entriesOf(tensor);
        const numbers = toDense(tensor);
        const rest = numbers.slice();
        index.forEach((flat, e) => {
          claim(e === 0 || index[e - 1]! < flat, `${words}: entry ${e} does not ascend`);
          claim(
            Object.is(values[e], numbers[flat]),
            `${words}: entry ${e} is ${values[e]}, and the number at ${flat} is ${numbers[flat]}`,
          );
          rest[flat] = 0;
        });
        claim(
          rest.every((x) => x === 0),
          `${words}: a number is no entry`,
        );
        claim(
          index.length === countOf(tensor.pattern),
          `${words}: ${index.length} entries, ${countOf(tensor.pattern)} counted`,
        );
      },
    },
    {
      name: 'buffers follow from levels and positions, lie apart, and add up to the bytes',
      run(random) {
        const { tensor, dtype, words } = randomSample(random, like);
        const { levels, positions, buffers, structure } = tensor.pattern;
        const specs = buffersOf(levels, positions);
        claim(
          JSON.stringify(specs) === JSON.stringify(buffers),
          `${words}: its buffers are not those of buffersOf`,
        );
        let end = 0;
        for (const spec of specs) {
          claim(
            spec.offset % 16 === 0 && spec.offset >= end,
            `${words}: buffer ${spec.role} of level ${spec.level} starts at ${spec.offset}, before ${end} or off the grid`,
          );
          end = spec.offset + spec.length * byteWidth(spec.type);
        }
        claim(
          structure.byteLength >= end && structure.byteLength === structureBytes(specs),
          `${words}: the structure has ${structure.byteLength} bytes`,
        );
        levels.forEach((level, k) => {
          const known = positionsOf(level, k === 0 ? 1 : positions[k - 1]!);
          claim(
            known === undefined || known === positions[k],
            `${words}: level ${level.name} has ${positions[k]} positions, not ${known}`,
          );
        });
        const values = decodeValues(dtype, tensor.values);
        claim(values.length === valueCount(tensor.pattern), `${words}: ${values.length} values`);
        claim(
          bytesOf(tensor.pattern, dtype) === tensor.bytes &&
            tensor.bytes === structure.byteLength + values.length * byteWidth(dtype),
          `${words}: ${tensor.bytes} bytes are not structure and values`,
        );
      },
    },
    {
      name: 'what is made passes check',
      run: (random) => check(randomSample(random, like).tensor.pattern),
    },
  ];
}
