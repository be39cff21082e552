import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const packages = new URL('../packages/', import.meta.url);

test.each(readdirSync(packages))('@lacuna/%s resolves to its source', (name) => {
  expect(import.meta.resolve(`@lacuna/${name}`)).toBe(
    new URL(`${name}/src/index.ts`, packages).href,
  );
});

test.each(readdirSync(packages))('@lacuna/%s needs nothing but other rooms at run time', (name) => {
  const path = fileURLToPath(new URL(`${name}/package.json`, packages));
  const {
    dependencies = {},
    peerDependencies = {},
    peerDependenciesMeta: about = {},
  } = JSON.parse(readFileSync(path, 'utf8'));
  const needed = Object.keys(peerDependencies).filter((each) => !about[each]?.optional);
  const names = [...Object.keys(dependencies), ...needed];
  expect(names.filter((each) => !each.startsWith('@lacuna/'))).toEqual([]);
});
