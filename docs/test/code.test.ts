// All code in the documentation is run: every `ts` block of README.md and docs/**/*.md, and every `@example`.
//
//   expression; // value          the value is what `inspect` prints, without lengths: Float32Array [5, 7]
//   expression; // throws code: message
//   ```text after a block         what the program has printed by then
//   … in a value or a text        anything: times, sizes, a machine's name
//
// A block that begins with an import begins a program; one that does not, or that says `ts continued`, goes
// on with the one before. A block whose first line is a comment with a path shows that file, and must be equal to it.
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { filesOf, programsOfPage, programsOfSource, textOf, type Program } from './blocks.js';
import { compact, moduleOf, show, sourceOf, type Heard } from './module.js';
import { typeErrors } from './types.js';

const root = new URL('../../', import.meta.url);
const inRoot = (path: string): URL => new URL(path, root);

const below = (folder: string, wanted: RegExp): string[] =>
  readdirSync(inRoot(folder), { recursive: true })
    .map((name) => `${folder}/${String(name).replaceAll('\\', '/')}`)
    .filter((path) => wanted.test(path) && !/\/(node_modules|api|\.vitepress|dist)\//.test(path))
    .sort();

const pages = ['README.md', ...below('docs', /\.md$/)];
const sources = readdirSync(inRoot('packages'))
  .flatMap((name) => below(`packages/${name}/src`, /\.ts$/))
  .filter((path) => !/\.test\.ts$|\/generated\//.test(path));
const programs = [
  ...pages.flatMap((path) => programsOfPage(path, textOf(inRoot(path)))),
  ...sources.flatMap((path) => programsOfSource(path, textOf(inRoot(path)))),
];
const titleOf = ({ path, blocks }: Program): string => `${path}:${blocks[0]!.line}`;

// Modules are written to where packages resolve as they do for any other file of the repository.
const cache = inRoot('docs/.vitepress/cache/code/');
rmSync(cache, { recursive: true, force: true });
mkdirSync(cache, { recursive: true });
afterAll(() => rmSync(cache, { recursive: true, force: true }));
const linked = (text: string): string => text.replaceAll("'#root/", `'${fileURLToPath(root)}`);

/** Fails where the two differ, `…` in `expected` standing for anything. */
function agree(actual: string, expected: string): void {
  const parts = expected.split('…').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  if (!new RegExp(`^${parts.join('[\\s\\S]*')}$`).test(actual)) expect(actual).toBe(expected);
}

/** What a run of a program is compared with. */
function listener({ path }: Program): Heard & { printed: string } {
  return {
    printed: '',
    print(...values) {
      this.printed += `${values.map(String).join(' ')}\n`;
    },
    fetch: (served) => Promise.resolve(new Response(readFileSync(inRoot(served)))),
    async check(line, expected, value) {
      let actual: string;
      try {
        actual = show(await value());
      } catch (error) {
        if (!expected.startsWith('throws ') || !(error instanceof Error)) throw error;
        const code = 'code' in error ? String(error.code) : error.name;
        actual = compact(`throws ${code}: ${error.message}`);
      }
      agree(`${path}:${line} ${actual}`, `${path}:${line} ${compact(expected)}`);
    },
  };
}

describe('code in the documentation does what it says', () => {
  const all = programs.map((program, at) => [titleOf(program), program, at] as const);
  test.each(all)('%s', async (_title, program, at) => {
    const heard = listener(program);
    const key = `lacuna docs ${at}`;
    Object.assign(globalThis, { [key]: heard });
    const file = fileURLToPath(new URL(`${at}.ts`, cache));
    writeFileSync(file, linked(moduleOf(program, key)));
    await import(/* @vite-ignore */ file);
    if (program.printed !== undefined) agree(heard.printed, program.printed);
  });

  test('and has no type errors', () => {
    const folder = fileURLToPath(cache);
    const pathOf = (program: Program): string =>
      `${folder}${titleOf(program).replaceAll(/[/:]/g, '-')}.ts`;
    const shown = programs.map((program) => ({
      path: pathOf(program),
      text: `${linked(sourceOf(program))}\nexport {};\n`,
    }));
    expect(typeErrors(shown, inRoot('tsconfig.base.json'))).toEqual([]);
  });
});

test('files that the documentation shows are as shown', () => {
  for (const page of pages)
    for (const { path, text } of filesOf(textOf(inRoot(page))))
      expect(`${path}\n${textOf(inRoot(path))}`).toContain(text);
});
