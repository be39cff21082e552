// A shown program as a module that checks itself. `expression; // value` becomes a call that compares the
// two, `console.log` is heard, and blank lines keep each line where it is in its page.
import { inspect } from 'node:util';
import ts from 'typescript';
import type { Program } from './blocks.js';

/** What a program calls as it runs. */
export interface Heard {
  check(line: number, expected: string, value: () => unknown): Promise<void>;
  print(...values: readonly unknown[]): void;
  /** What a page would be served from the repository. */
  fetch(path: string): Promise<Response>;
}

/** The program's text, each block at the lines it has in its page. */
export function sourceOf({ blocks }: Program): string {
  let source = '';
  let line = 1;
  for (const block of blocks) {
    source += '\n'.repeat(block.line - line) + block.text;
    line = block.line + block.text.split('\n').length - 1;
  }
  return source;
}

/** The module: `key` is the property of `globalThis` under which it finds a {@link Heard}. */
export function moduleOf(program: Program, key: string): string {
  const source = sourceOf(program);
  const file = ts.createSourceFile('program.ts', source, ts.ScriptTarget.Latest, true);
  const edits: { from: number; to: number; text: string }[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isExpressionStatement(node)) {
      const [comment] = ts.getTrailingCommentRanges(source, node.end) ?? [];
      if (comment?.kind === ts.SyntaxKind.SingleLineCommentTrivia) {
        const expected = source.slice(comment.pos + 2, comment.end).trim();
        const { line } = file.getLineAndCharacterOfPosition(node.getStart());
        const expression = node.expression.getText();
        const text = `await $.check(${line + 1}, ${JSON.stringify(expected)}, async () => (${expression}));`;
        edits.push({ from: node.getStart(), to: node.end, text });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  let text = source;
  for (const edit of edits.reverse())
    text = text.slice(0, edit.from) + edit.text + text.slice(edit.to);
  const heard =
    `const $ = globalThis[${JSON.stringify(key)}], console = { log: (...all) => $.print(...all) }, ` +
    `fetch = (path) => $.fetch(path), document = { body: {} };`;
  return `${heard} ${text}\nexport {};\n`;
}

/** A value as comments write it: what `inspect` prints, without lengths; spaces do not count. */
export function show(value: unknown): string {
  const options = { depth: Infinity, breakLength: Infinity, maxArrayLength: Infinity } as const;
  return compact(inspect(value, options));
}

/** A text without what {@link show} leaves out. */
export function compact(text: string): string {
  return text.replaceAll(/\(\d+\)(?= [[{])/g, '').replaceAll(/\s+/g, '');
}
