// Drawings as text: a chart with two logarithmic axes, on which lines, points and words are put.

/** What a chart is told. */
export interface Frame {
  readonly title: string;
  readonly width: number;
  readonly height: number;
  readonly x: Axis;
  readonly y: Axis;
}

/** A logarithmic axis. */
export interface Axis {
  readonly label: string;
  readonly from: number;
  readonly to: number;
  /** Numbers that are marked, and how they are written. */
  readonly ticks: readonly (readonly [number, string])[];
}

/** A line with points, or points alone. */
export interface Series {
  readonly name: string;
  readonly color: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  readonly style: 'line' | 'dashed' | 'points';
}

const margin = { left: 54, right: 150, top: 34, bottom: 44 };

/** Escapes text for HTML and SVG. */
export function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** Draws a chart; names stand at the right, in the order of the last points. */
export function chart(frame: Frame, series: readonly Series[]): string {
  const { width, height, x, y, title } = frame;
  const [right, bottom] = [width - margin.right, height - margin.bottom];
  const atX = scale(x, margin.left, right);
  const atY = scale(y, bottom, margin.top);
  const inside = (value: number): number => Math.min(y.to, Math.max(y.from, value));
  const place = ([px, py]: readonly [number, number]): string =>
    `${atX(px).toFixed(1)},${atY(inside(py)).toFixed(1)}`;
  const grid = [
    ...x.ticks.map(
      ([v, text]) =>
        `<line x1="${atX(v)}" x2="${atX(v)}" y1="${margin.top}" y2="${bottom}" stroke="#ddd"/>${words(atX(v), bottom + 16, text, 'middle')}`,
    ),
    ...y.ticks.map(
      ([v, text]) =>
        `<line x1="${margin.left}" x2="${right}" y1="${atY(v)}" y2="${atY(v)}" stroke="#ddd"/>${words(margin.left - 6, atY(v) + 4, text, 'end')}`,
    ),
  ];
  const drawn = series.map(({ points, color, style, name }) => {
    const path =
      style === 'points'
        ? ''
        : `<polyline points="${points.map(place).join(' ')}" fill="none" stroke="${color}" stroke-width="${style === 'dashed' ? 1.2 : 2}"${style === 'dashed' ? ' stroke-dasharray="5 4"' : ''}/>`;
    const dots =
      style === 'dashed'
        ? ''
        : points
            .map(
              (p) =>
                `<circle cx="${atX(p[0]).toFixed(1)}" cy="${atY(inside(p[1])).toFixed(1)}" r="3" fill="${color}"><title>${escape(name)}: ${p[1].toPrecision(3)}</title></circle>`,
            )
            .join('');
    return path + dots;
  });
  const last = series.map(({ name, color, points }) => ({
    name,
    color,
    y: points.length ? atY(inside(points.at(-1)![1])) : bottom,
  }));
  const names = spread(last, 13, margin.top, bottom).map(
    ({ name, color, y: at }) =>
      `<text x="${right + 10}" y="${at + 4}" fill="${color}">${escape(name)}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="11" role="img">`,
    `<rect width="${width}" height="${height}" rx="6" fill="#fff"/>`,
    `<text x="${margin.left}" y="20" font-size="13" font-weight="600" fill="#222">${escape(title)}</text>`,
    ...grid,
    words((margin.left + right) / 2, height - 8, x.label, 'middle'),
    `<text transform="translate(14 ${(margin.top + bottom) / 2}) rotate(-90)" text-anchor="middle" fill="#555">${escape(y.label)}</text>`,
    ...drawn,
    ...names,
    '</svg>',
  ].join('\n');
}

function scale({ from, to }: Axis, start: number, end: number): (value: number) => number {
  const span = Math.log2(to / from);
  return (value) => start + ((end - start) * Math.log2(value / from)) / span;
}

function words(x: number, y: number, text: string, anchor: 'middle' | 'end'): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" fill="#555">${escape(text)}</text>`;
}

/** Moves labels apart until each has its line. */
function spread<T extends { readonly y: number }>(
  labels: readonly T[],
  line: number,
  top: number,
  bottom: number,
): T[] {
  const sorted = [...labels].sort((a, b) => a.y - b.y);
  const places = sorted.map((label) => label.y);
  places.forEach((y, at) => (places[at] = Math.max(y, at > 0 ? places[at - 1]! + line : top)));
  for (let at = places.length - 1, most = bottom; at >= 0; at--, most = places[at + 1]! - line)
    places[at] = Math.min(places[at]!, most);
  return sorted.map((label, at) => ({ ...label, y: places[at]! }));
}
