// One backend's half of the page: its picture, its time, its layers and what it chose.
import type { Network } from '@lacuna/lacuna';
import { drawLandmarks, side } from './picture.js';

function element(name: string, text = '', className = ''): HTMLElement {
  const made = document.createElement(name);
  made.textContent = text;
  made.className = className;
  return made;
}

/** A half of the page. */
export class Panel {
  readonly #root: HTMLElement = element('section');
  readonly #about = element('p', 'starting …', 'about');
  readonly #time = element('p', '', 'time');
  readonly #layouts = element('p', '', 'layouts');
  readonly #canvas = document.createElement('canvas');
  readonly #colour: string;

  constructor(title: string, colour: string) {
    this.#colour = colour;
    this.#canvas.width = this.#canvas.height = side;
    this.#root.append(element('h2', title), this.#about, this.#canvas, this.#time, this.#layouts);
    document.querySelector('#sides')!.append(this.#root);
  }

  /** Says why this backend did not come up, and what runs in its place. */
  fell(reason: string): void {
    this.#about.textContent = reason;
    this.#about.className = 'fell';
    this.#canvas.hidden = true;
  }

  /** Shows what became of the network's layers. */
  describe(network: Network): void {
    const { about } = network.engine.backend;
    this.#about.textContent = `${about}; weights in ${(network.weightBytes / 2 ** 20).toFixed(2)} MiB`;
    const counts = new Map<string, number>();
    for (const { layout } of network.layers)
      if (layout) counts.set(layout, (counts.get(layout) ?? 0) + 1);
    const all = [...counts].sort(([, a], [, b]) => b - a).map(([name, n]) => `${n} ${name}`);
    this.#layouts.textContent = `Weights of ${all.join(', ')}`;
    const table = element('table');
    const row = (cell: string, texts: readonly string[]): HTMLElement => {
      const line = element('tr');
      line.append(...texts.map((text) => element(cell, text)));
      return line;
    };
    table.append(row('th', ['op', 'shape', 'layout', 'zeros', 'kernel']));
    for (const { op, shape, layout, sparsity, kernel } of network.layers) {
      const zeros = sparsity === undefined ? '' : `${(sparsity * 100).toFixed(0)} %`;
      table.append(row('td', [op, shape.join('×'), layout ?? '', zeros, kernel]));
    }
    const layers = element('details');
    layers.append(element('summary', `${network.layers.length} steps and their layouts`), table);
    const plan = element('details');
    plan.append(element('summary', 'explain()'), element('pre', network.explain()));
    this.#root.append(layers, plan);
  }

  /** Shows a picture with what was found in it. */
  show(picture: CanvasImageSource, landmarks: ArrayLike<number>, ms: number): void {
    const context = this.#canvas.getContext('2d')!;
    context.drawImage(picture, 0, 0);
    drawLandmarks(context, landmarks, this.#colour);
    this.#time.replaceChildren(element('b', `${ms.toFixed(1)} ms`), ' a picture, in and out');
  }

  /** Shows what the same network takes with every weight dense. */
  compare(ms: number, dense: number): void {
    const times = `; with every weight dense ${dense.toFixed(1)} ms, ${(dense / ms).toFixed(1)} times that`;
    this.#time.append(times);
  }
}
