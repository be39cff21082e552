// The report as a page that stands alone: how to read it, plots, where we lose, every table.
import type { Report, Row, Shape } from '../report.js';
import { absentLines } from './absent.js';
import { grid, races, type Grid } from './cells.js';
import { losses } from './losses.js';
import { disturbance, lossNote, machineLine, reading } from './reading.js';
import { rooflineChart } from './roofline.js';
import { speedUpChart } from './speedup.js';
import { escape } from './svg.js';

/** The page, without anything fetched. */
export function page(report: Report): string {
  const lost = losses(report);
  const busy = disturbance(report);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Lacuna: ${escape(report.engine)}</title>
<style>${style}</style>
<h1>Lacuna against its peers</h1>
<p>${escape(machineLine(report))}</p>
<p><code>${escape(report.command)}</code></p>
${busy ? `<p><strong>${escape(busy)}</strong></p>` : ''}
<details open><summary>How to read this</summary>${paragraphs(reading(report))}</details>
<h2>Speed-up over sparsity</h2>
<div class="plots">${shapesOf(report.rows)
    .map((shape) => speedUpChart(report, shape) ?? '')
    .join('\n')}</div>
<h2>Roofline</h2>
${rooflineChart(report)}
<h2>Where we lose</h2>
${lost.lines.length > 0 ? `<p>${escape(lossNote)}</p>${tableOf(lost)}` : '<p>Nowhere in what was run.</p>'}
<h2>Absent, or wrong</h2>
${list(absentLines(report.absent))}
<h2>Every race</h2>
${[...races(report.rows)].map(([title, rows]) => section(title, rows)).join('\n')}
</html>
`;
}

const style = `
body { font: 15px/1.5 system-ui, sans-serif; max-width: 1340px; margin: 2rem auto; padding: 0 1rem; color: #222; background: #f6f6f4 }
h1, h2 { font-weight: 600 }
table { border-collapse: collapse; font-size: 13px; background: #fff }
td, th { padding: 2px 10px; text-align: left; white-space: nowrap; border-bottom: 1px solid #eee }
.n { text-align: right; font-variant-numeric: tabular-nums }
.plots { display: flex; flex-wrap: wrap; gap: 1rem }
summary { cursor: pointer; font-weight: 600 }
section { overflow-x: auto }
svg { max-width: 100%; height: auto }`;

const paragraphs = (lines: readonly string[]): string =>
  lines.map((line) => `<p>${escape(line)}</p>`).join('\n');
const list = (lines: readonly string[]): string =>
  `<ul>${lines.map((line) => `<li>${escape(line)}</li>`).join('\n')}</ul>`;

/** Shapes of products, in order. */
export function shapesOf(rows: readonly Row[]): Shape[] {
  const known = new Map(
    rows
      .filter((row) => row.vsOwnDense !== null && row.intensity)
      .map((row) => [row.shape.join(), row.shape]),
  );
  return [...known.values()];
}

function section(title: string, rows: readonly Row[]): string {
  return `<section><details><summary>${escape(title)}</summary>${tableOf(grid(rows))}</details></section>`;
}

function tableOf({ head, numeric, lines }: Grid): string {
  const cell = (tag: 'td' | 'th', text: string, at: number): string =>
    `<${tag}${numeric[at] ? ' class="n"' : ''}>${escape(text)}</${tag}>`;
  const row = (tag: 'td' | 'th', cells: readonly string[]): string =>
    `<tr>${cells.map((text, at) => cell(tag, text, at)).join('')}</tr>`;
  return `<table>${row('th', head)}${lines.map((line) => row('td', line)).join('\n')}</table>`;
}
