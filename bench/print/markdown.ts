// Markdown that is made, inside of pages that are written by hand: what stands between two marks is replaced.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Row } from '../report.js';
import { grid, type Grid } from './cells.js';

const root = new URL('../../', import.meta.url);
/** Where the committed reports are, and what is drawn of them. */
export const reports = new URL('docs/public/bench/', root);
const [begin, end] = ['<!-- made by `npm run bench -- --docs`: begin -->', '<!-- end -->'];

/** Replaces the made part of a page of the documentation, `docs/NAME.md`. */
export function writePage(name: string, parts: readonly string[]): void {
  const path = `docs/${name}.md`;
  const file = new URL(path, root);
  const made = [begin, '', ...parts, end].join('\n');
  writeFileSync(file, placed(readFileSync(file, 'utf8'), made));
  const format = fileURLToPath(new URL('node_modules/.bin/oxfmt', root));
  execFileSync(format, [path], {
    cwd: fileURLToPath(root),
    shell: process.platform === 'win32',
  });
}

/** The text with its made part replaced, or added at the end. */
export function placed(text: string, made: string): string {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) return `${text.trimEnd()}\n\n${made}\n`;
  return text.slice(0, from) + made + text.slice(to + end.length);
}

/** A drawing as a file beside the reports, and the line that shows it. */
export function drawing(file: string, alt: string, svg: string | undefined): string[] {
  if (svg === undefined) return [];
  writeFileSync(new URL(file, reports), `${svg}\n`);
  return [`![${alt}](/bench/${file})`, ''];
}

/** A table that opens on a click. */
export function folded(summary: string, rows: readonly Row[] | undefined): string[] {
  if (!rows) return [];
  const head = `<details><summary>${summary}</summary>`;
  return [head, '', ...markdown(grid(rows)), '', '</details>', ''];
}

/** A table. */
export function markdown({ head, numeric, lines }: Grid): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map(plain).join(' | ')} |`;
  return [
    line(head),
    `| ${numeric.map((is) => (is ? '--:' : '---')).join(' | ')} |`,
    ...lines.map(line),
  ];
}

/** Text that Markdown and Vue leave as it is. */
export const plain = (text: string): string =>
  text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('{{', '{ {');
