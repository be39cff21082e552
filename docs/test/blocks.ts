// The programs that the documentation shows: fenced blocks of pages, and @example blocks of doc comments.
import { readFileSync } from 'node:fs';

/** A fenced block: what stands behind the fence, its text, and the line of the file on which the text begins, from 1. */
export interface Block {
  readonly language: string;
  readonly text: string;
  readonly line: number;
}

/** One program: blocks that continue each other, and what the program prints, if the page says. */
export interface Program {
  readonly path: string;
  readonly blocks: readonly Block[];
  readonly printed?: string;
}

const fence = /^([ \t]*(?:\* ?)?)```([^\n]*)\n([\s\S]*?)^[ \t]*(?:\* ?)?```/gm;

const shownFile = /^(?:\/\/|#) ((?:examples|packages|docs)\/\S+)\n([\s\S]*)$/;

/** The fenced blocks of a text that starts at `line`, without the `*` of doc comments. */
export function blocksOf(text: string, line = 1): Block[] {
  return [...text.matchAll(fence)].map(({ 0: whole, 1: margin, 2: language, 3: body, index }) => ({
    language: language!.trim(),
    text: margin === '' ? body! : body!.replace(/^[ \t]*\* ?/gm, ''),
    line: line + lines(text.slice(0, index)) + lines(whole.slice(0, whole.indexOf('\n') + 1)),
  }));
}

const lines = (text: string): number => text.split('\n').length - 1;

/**
 * The programs of a page. A `ts` block that begins with an import begins a program, others, and those that
 * say `ts continued`, go on with it. A `text` block is what the program prints after the one before.
 */
export function programsOfPage(path: string, page: string): Program[] {
  const programs: { path: string; blocks: Block[]; printed?: string }[] = [];
  for (const block of blocksOf(page)) {
    const current = programs.at(-1);
    if (shownFile.test(block.text)) continue;
    if (block.language === 'ts' || block.language === 'ts continued') {
      const goesOn = block.language === 'ts continued' || !block.text.startsWith('import ');
      if (current && goesOn) current.blocks.push(block);
      else programs.push({ path, blocks: [block] });
    } else if (block.language === 'text' && current) {
      current.printed = (current.printed ?? '') + block.text;
    }
  }
  return programs;
}

const comments = /(\/\*\*[\s\S]*?\*\/)\s*(?:export (?:async )?(?:function|const|class) (\w+))?/g;

/**
 * The programs of a source's doc comments: each `ts` block after an `@example`. One that imports nothing,
 * as a private function's does, gets the name that it is the example of.
 */
export function programsOfSource(path: string, source: string): Program[] {
  return [...source.matchAll(comments)].flatMap(({ 1: comment, 2: name, index }) => {
    const at = comment!.indexOf('@example');
    if (at < 0) return [];
    const line = 1 + lines(source.slice(0, index + at));
    return blocksOf(comment!.slice(at), line)
      .filter(({ language }) => language === 'ts')
      .map((block) => {
        if (block.text.startsWith('import ') || name === undefined)
          return { path, blocks: [block] };
        const text = `import { ${name} } from '#root/${path}'; ${block.text}`;
        return { path, blocks: [{ ...block, text }] };
      });
  });
}

/** Blocks that show a file of the repository or a part of one: their first line is a comment with its path. */
export function filesOf(page: string): { path: string; text: string }[] {
  return blocksOf(page).flatMap(({ text }) => {
    const [, path, body] = shownFile.exec(text) ?? [];
    return path === undefined ? [] : [{ path, text: body! }];
  });
}

/** A file's text with `\n` at line ends. */
export function textOf(path: URL | string): string {
  return readFileSync(path, 'utf8').replaceAll('\r\n', '\n');
}
