// Broken ways to apply compositions.
import { isComposition, writtenOut } from '@lacuna/compositions';
import { add, linear, matmul } from '@lacuna/ops';
import { csr } from '@lacuna/layouts';
import { dense } from '@lacuna/ir';
import { compositionLaws, type Composing } from '../compositions.js';
import type { ShelfEntry } from './entry.js';

const sound: Composing = { linear, matmul, writtenOut };

const broken = (name: string, rejectedBy: string, change: Partial<Composing>): ShelfEntry => ({
  name,
  laws: compositionLaws([dense, csr], { ...sound, ...change }),
  rejectedBy,
});

/** Ways to apply compositions that the laws must reject. */
export const brokenCompositions: readonly ShelfEntry[] = [
  broken(
    'every part of a sum adds the bias',
    'a composition is applied as the matrix that it stands for',
    {
      linear(x, w, bias) {
        if (!isComposition(w) || w.combine === 'product') return linear(x, w, bias);
        return w.parts.map((part) => linear(x, part, bias)).reduce((y, term) => add(y, term));
      },
    },
  ),
  broken('a sum loses its last part', 'a composition is applied as the matrix that it stands for', {
    linear(x, w, bias) {
      const [first] = isComposition(w) && w.combine === 'sum' ? w.parts : [w];
      return linear(x, first, bias);
    },
  }),
  broken(
    'a turned composition is not turned',
    'either operand of a product may be composed, and turned',
    {
      matmul(a, b, attrs) {
        const square = isComposition(b) && b.shape[0] === b.shape[1];
        return matmul(a, b, square ? { ...attrs, transposeB: false } : attrs);
      },
    },
  ),
];
