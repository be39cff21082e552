// The table of rooms in docs/architecture.md, and the drawing, are what scripts/rooms.mjs enforces.
import { expect, test } from 'vitest';
import { textOf } from './blocks.js';

const file = (path: string): string => textOf(new URL(`../../${path}`, import.meta.url));

const [, table] = /^const rooms = \{\n([\s\S]*?)^\};/m.exec(file('scripts/rooms.mjs')) ?? [];
const enforced = new Map(
  [...table!.matchAll(/^ {2}'?([\w-]+)'?: \[([^\]]*)\]/gm)].map(({ 1: room, 2: others }) => [
    room!,
    [...others!.matchAll(/[\w-]+/g)].map(String),
  ]),
);

test('docs/architecture.md says of every room what scripts/rooms.mjs enforces', () => {
  const rows = file('docs/architecture.md').matchAll(/^\| `([\w-]+)` *\|[^|]*\| ([^|]*?) *\|$/gm);
  const said = [...rows]
    .filter(([, room]) => enforced.has(room!))
    .map(({ 1: room, 2: list }) => [room!, list === 'nothing' ? [] : list!.split(', ')]);
  expect(Object.fromEntries(said)).toEqual(Object.fromEntries(enforced));
});

test('the drawing of the house has every room', () => {
  const drawing = file('docs/public/house.svg');
  for (const room of enforced.keys()) expect(drawing).toContain(`>${room}<`);
});
