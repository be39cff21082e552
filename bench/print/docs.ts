// The documentation's pages from the committed reports: `npm run bench -- --docs`.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Report } from '../report.js';
import { absentLines } from './absent.js';
import { races } from './cells.js';
import { losses } from './losses.js';
import { drawing, folded, markdown, plain, reports, writePage } from './markdown.js';
import { page } from './page.js';
import { disturbance, lossNote, machineLine, reading } from './reading.js';
import { rooflineChart } from './roofline.js';
import { speedUpChart } from './speedup.js';
import { estimated } from './webgpu.js';

/** Engines whose reports are committed, by file. */
const engines = ['node', 'chromium', 'node20'] as const;

/** Tables that a page shows; the others are on the reports' own pages. */
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
  ['train 768×768×128', 'A step of training'],
  ['growth', 'Growth'],
];

/** Writes docs/benchmarks.md and docs/benchmarks-webgpu.md, and a page and drawings for each committed report. */
export function writeDocs(): void {
  const parts = engines.flatMap((name) => measured(name, name === engines[0]));
  if (parts.length === 0)
    throw new Error('no report is committed: npm run bench -- --json docs/public/bench/node.json');
  writePage('benchmarks', parts);
  const counted = read('webgpu-cards');
  writePage('benchmarks-webgpu', [
    ...(counted ? estimated(counted) : []),
    ...measured('webgpu', true),
  ]);
}

function read(name: string): Report | undefined {
  const file = new URL(`${name}.json`, reports);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Report) : undefined;
}

/** The section of a committed report; nothing where there is none. */
function measured(name: string, explained: boolean): string[] {
  const report = read(name);
  if (!report) return [];
  writeFileSync(new URL(`${name}.html`, reports), page(report));
  const lost = losses(report);
  const busy = disturbance(report);
  const tables = races(report.rows);
  const what = report.engine.split(',')[0]!;
  return [
    `## ${report.adapter ? `Measured: WebGPU in ${what}` : what}`,
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
    ...(explained
      ? ['### How to read it', '', ...reading(report).flatMap((line) => [line, ''])]
      : []),
    ...drawings(name, report),
    `### Where we lose in ${report.engine.split(' ')[0]!}`,
    '',
    ...(lost.lines.length > 0 ? [lossNote, '', ...markdown(lost)] : ['Nowhere in what was run.']),
    '',
    ...shown.flatMap(([title, why]) => folded(`${why} (${title}, ${name})`, tables.get(title))),
    `### Absent from ${report.engine.split(' ')[0]!}, or wrong`,
    '',
    ...absentLines(report.absent).map((line) => `- ${plain(line)}`),
    '',
  ];
}

/** Drawings as files beside the report, for the shapes that the page shows. */
function drawings(name: string, report: Report): string[] {
  return [
    ...[1, 8, 128].flatMap((n) =>
      drawing(
        `${name}-${n}.svg`,
        `Speed-up over sparsity for 768×768×${n}`,
        speedUpChart(report, [768, 768, n]),
      ),
    ),
    ...drawing(`${name}-roofline.svg`, 'Roofline', rooflineChart(report)),
  ];
}
