// The documentation's page from the committed reports: what stands between the two marks is made here, what
// stands around them is written by hand.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Report, Row } from '../report.js';
import { absentLines } from './absent.js';
import { grid, races, type Grid } from './cells.js';
import { losses } from './losses.js';
import { page } from './page.js';
import { disturbance, lossNote, machineLine, reading } from './reading.js';
import { rooflineChart } from './roofline.js';
import { speedUpChart } from './speedup.js';

const root = new URL('../../', import.meta.url);
const reports = new URL('docs/public/bench/', root);
const [begin, end] = ['<!-- made by `npm run bench -- --docs`: begin -->', '<!-- end -->'];

/** Engines whose reports are committed, by file. */
const engines = ['node', 'chromium', 'node20'] as const;

/** Tables that the page shows whole; the others are on the reports' own pages. */
const shown: readonly (readonly [title: string, why: string])[] = [
  ['dense 768×768×128', 'Dense'],
  ['unstructured 768×768×128', 'Unstructured: csr'],
  ['rowgroup 768×768×128', 'Row groups: bcsr(v,1)'],
  ['nmg 768×768×128', 'n:m:g'],
  ['nm 768×768×128', 'n:m, each row for itself'],
  ['matvec 768×768×1', 'Matrix times vector'],
  ['overhead 16×16×1', 'Overhead of a call'],
  ['startup', 'Start'],
  ['convert 768×768×1', 'Changes of layout'],
  ['network', 'A network trained sparse'],
  ['growth', 'Growth'],
];

/** Writes docs/benchmarks.md, and a page and drawings for each committed report. */
export function writeDocs(): void {
  const found = engines.filter((name) => existsSync(new URL(`${name}.json`, reports)));
  if (found.length === 0)
    throw new Error('no report is committed: npm run bench -- --json docs/public/bench/node.json');
  const parts = found.map((name) => {
    const report = JSON.parse(readFileSync(new URL(`${name}.json`, reports), 'utf8')) as Report;
    writeFileSync(new URL(`${name}.html`, reports), page(report));
    return engineSection(name, report);
  });
  const file = new URL('docs/benchmarks.md', root);
  const made = [begin, '', ...parts, end].join('\n');
  writeFileSync(file, placed(readFileSync(file, 'utf8'), made));
  const format = fileURLToPath(new URL('node_modules/.bin/oxfmt', root));
  execFileSync(format, ['docs/benchmarks.md'], {
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

function engineSection(name: string, report: Report): string {
  const lost = losses(report);
  const busy = disturbance(report);
  const tables = races(report.rows);
  return [
    `## ${report.engine.split(',')[0]!}`,
    '',
    machineLine(report) + '.',
    ...(busy ? ['', `**${busy}**`] : []),
    '',
    '```sh',
    report.command,
    '```',
    '',
    `The whole report: <a href="/bench/${name}.html" target="_self">page</a>, <a href="/bench/${name}.json" target="_self">JSON</a>.`,
    '',
    ...(name === engines[0]
      ? ['### How to read it', '', ...reading.flatMap((line) => [line, ''])]
      : []),
    ...drawings(name, report),
    `### Where we lose in ${report.engine.split(' ')[0]!}`,
    '',
    ...(lost.lines.length > 0 ? [lossNote, '', ...markdown(lost)] : ['Nowhere in what was run.']),
    '',
    ...shown.flatMap(([title, why]) => table(why, title, tables.get(title), name)),
    `### Absent from ${report.engine.split(' ')[0]!}, or wrong`,
    '',
    ...absentLines(report.absent).map((line) => `- ${plain(line)}`),
    '',
  ].join('\n');
}

/** Drawings as files beside the report, for the shapes that the page shows. */
function drawings(name: string, report: Report): string[] {
  const charts: [file: string, alt: string, svg: string | undefined][] = [
    ...[1, 8, 128].map((n): [string, string, string | undefined] => [
      `${name}-${n}.svg`,
      `Speed-up over sparsity for 768×768×${n}`,
      speedUpChart(report, [768, 768, n]),
    ]),
    [`${name}-roofline.svg`, 'Roofline', rooflineChart(report)],
  ];
  return charts.flatMap(([file, alt, svg]) => {
    if (svg === undefined) return [];
    writeFileSync(new URL(file, reports), `${svg}\n`);
    return [`![${alt}](/bench/${file})`, ''];
  });
}

function table(
  why: string,
  title: string,
  rows: readonly Row[] | undefined,
  name: string,
): string[] {
  if (!rows) return [];
  const summary = `<details><summary>${why} (${title}, ${name})</summary>`;
  return [summary, '', ...markdown(grid(rows)), '', '</details>', ''];
}

function markdown({ head, numeric, lines }: Grid): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map(plain).join(' | ')} |`;
  return [
    line(head),
    `| ${numeric.map((is) => (is ? '--:' : '---')).join(' | ')} |`,
    ...lines.map(line),
  ];
}

/** Text that Markdown and Vue leave as it is. */
const plain = (text: string): string =>
  text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('{{', '{ {');
