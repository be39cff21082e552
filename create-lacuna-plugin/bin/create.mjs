#!/usr/bin/env node
// `npm create lacuna-plugin FOLDER [-- --kind layout|sparsifier]`: a plug-in that builds and passes its tests, to
// change line by line. Files of template/all and of template/<kind> are copied; three words in them are replaced:
//
//     __package__    lacuna-layout-arrow      the package
//     __name__       arrow                    what it prints as
//     __version__    0.1.0                    this version of Lacuna

import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const here = fileURLToPath(new URL('..', import.meta.url));
const kinds = readdirSync(join(here, 'template')).filter((name) => name !== 'all');

function stop(why) {
  console.error(`${why}\n\nnpm create lacuna-plugin FOLDER -- --kind ${kinds.join('|')}`);
  process.exit(1);
}

const { values, positionals } = parseArgs({
  options: { kind: { type: 'string', default: 'layout' } },
  allowPositionals: true,
});
const { kind } = values;
if (!kinds.includes(kind)) stop(`there is no kind "${kind}"`);
if (positionals.length !== 1) stop('name one folder');

const folder = resolve(positionals[0]);
const name = basename(folder)
  .replace(/^(lacuna-)?((layout|sparsifier)-)?/, '')
  .toLowerCase();
if (!/^[a-z][a-z0-9]*$/.test(name))
  stop(`"${basename(folder)}" gives no name: end it with a word of letters and digits, like arrow`);
if (existsSync(folder) && (!statSync(folder).isDirectory() || readdirSync(folder).length > 0))
  stop(`${folder} is there already`);

const { version } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));
const words = { package: `lacuna-${kind}-${name}`, name, version };
const fill = (text) => text.replaceAll(/__(package|name|version)__/g, (_, word) => words[word]);

for (const part of ['all', kind]) {
  const from = join(here, 'template', part);
  for (const file of readdirSync(from, { recursive: true }).map(String)) {
    if (!statSync(join(from, file)).isFile()) continue;
    // npm leaves .gitignore out of packages, and a nested package.json would be read as one.
    const to = join(
      folder,
      fill(file).replace(/(^|[\\/])_/, (_, at) => at),
    );
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(
      to.replace(/[\\/]gitignore$/, (end) => `${end[0]}.gitignore`),
      fill(readFileSync(join(from, file), 'utf8')),
    );
  }
}
console.log(`${words.package} is in ${folder}. Next:

  cd ${positionals[0]}
  npm install
  npm test

Then change src/index.ts, starting with the drawing at its head.`);
