// What the demo leaves behind: pictures, and the results as data.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import type { Graph } from '@lacuna/lacuna';
import type { Numbers } from '../contenders/contender.js';
import { drawPicture, drawSvg, landmarks } from '../pictures/hand.js';
import { writePng } from '../pictures/png.js';
import { inputPicture } from '../pictures/read.js';
import { spy } from '../pictures/spy.js';

/** A file that was written, and what it shows. */
export interface Written {
  readonly path: string;
  readonly what: string;
}

function write(path: string, data: string | Uint8Array, what: string): Written {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, data);
  const near = relative('.', path);
  return { path: near.startsWith('..') ? resolve(path) : near, what };
}

/** The input with its landmarks, as SVG and PNG. */
export function writeInput(
  folder: string,
  name: string,
  input: { readonly numbers: Float32Array; readonly shape: readonly number[] },
  outputs: Numbers,
): Written[] {
  const picture = inputPicture(input.numbers, input.shape);
  if (!picture) return [];
  const points = landmarks(outputs, picture) ?? [];
  const what =
    points.length > 0
      ? `the input, and where the network sees ${points.length} landmarks`
      : 'the input';
  return [
    write(join(folder, `${name}.svg`), drawSvg(picture, points), what),
    write(join(folder, `${name}.png`), writePng(drawPicture(picture, points)), what),
  ];
}

/** A spy plot of the weights with the most to see. */
export function writeSpy(folder: string, name: string, graph: Graph): Written[] {
  const spied = spy(graph);
  if (!spied) return [];
  const [rows, columns] = spied.shape;
  const zeros = (100 * spied.sparsity).toFixed(1);
  const what = `the weights ${spied.name}, ${rows} × ${columns}, ${zeros} % zero`;
  return [write(join(folder, `${name}-spy.png`), writePng(spied.picture), what)];
}

/** The results as JSON. */
export function writeJson(path: string, data: object): Written {
  return write(path, `${JSON.stringify(data, undefined, 2)}\n`, 'the results as data');
}
