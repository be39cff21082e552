// The page of the compatibility table: a table of ops and layouts a backend and type, two letters a cell.
import type { Cell } from '../compatibility.ts';
import type { Way } from './ways.ts';

const letters: Readonly<Record<Way, string>> = {
  kernel: 'K',
  hop: 'H',
  reference: 'R',
  none: '–',
};

/** The page in Markdown. */
export function page(cells: readonly Cell[]): string {
  const unique = (name: 'op' | 'layout' | 'backend' | 'dtype'): string[] => [
    ...new Set(cells.map((cell) => cell[name])),
  ];
  const [ops, layouts] = [unique('op'), unique('layout')];
  const at = new Map(cells.map((c) => [`${c.op} ${c.layout} ${c.backend} ${c.dtype}`, c]));
  const tables = unique('backend').flatMap((backend) =>
    unique('dtype').flatMap((dtype) => {
      const mine = cells.filter((cell) => cell.backend === backend && cell.dtype === dtype);
      if (mine.length === 0) return [];
      const rows = ops.flatMap((op) => {
        if (!mine.some((cell) => cell.op === op)) return [];
        const row = layouts.map((layout) => {
          const cell = at.get(`${op} ${layout} ${backend} ${dtype}`);
          return cell ? `${letters[cell.forward]} ${letters[cell.backward]}` : '– –';
        });
        return `| \`${op}\` | ${row.join(' | ')} |`;
      });
      const head = `| op | ${layouts.join(' | ')} |\n| --- | ${layouts.map(() => '---').join(' | ')} |`;
      return `## ${backend}, ${dtype}\n\n${head}\n${rows.join('\n')}`;
    }),
  );
  const floats = cells.filter(({ dtype }) => dtype !== 'int32');
  const reasons = [
    ...new Set(floats.flatMap((c) => (c.reason ? [`\`${c.op}\`: ${c.reason}`] : []))),
  ]
    .filter((reason) => !reason.includes('no operand'))
    .map((reason) => `- ${reason}`);
  return `# Compatibility

How every op runs for an operand in every layout, forward and backward, on every backend and in every number type. The operand is the weight of a product or a convolution, and else the first; the others are dense.

- **K**, a kernel for the formats as they are.
- **H**, a kernel, and a hop: the operand is made dense without loss, or a dense gradient is restricted to the operand's pattern.
- **R**, the op's reference over stored entries, or that of an op in its gradient.
- **–**, none: no such operand exists, or mathematics has no answer.

Every cell is run: what comes of it is held against the op's bound in its number type, and a gradient against the dense gradient at the operand's places, in double precision, within a bound that is carried through the op's rule. int32 has the ops that make whole numbers of whole numbers, and no gradients, since whole numbers have no slopes.

Written by \`npm run compatibility\` to this page, and as data to \`docs/compatibility.json\`.

Without a gradient:

${reasons.join('\n')}

${tables.join('\n\n')}
`;
}
