import { configDefaults, defineConfig } from 'vitest/config';
import { defaultClientConditions, defaultServerConditions } from 'vite';

/** Packages resolve to their sources, so that tests need no build. */
const source = '@lacuna/source';

export default defineConfig({
  resolve: { conditions: [source, ...defaultClientConditions] },
  ssr: {
    resolve: {
      conditions: [source, ...defaultServerConditions],
      externalConditions: [source, 'node', 'module-sync'],
    },
  },
  test: {
    include: ['{packages,docs,demo,bench}/**/*.test.ts', '{test,tools,scripts}/**/*.test.ts'],
    exclude: [...configDefaults.exclude, '**/*.browser.test.ts', '**/*.gpu.test.ts'],
    server: { deps: { inline: [/^@lacuna\//] } },
    testTimeout: 30_000,
    coverage: { include: ['packages/*/src/**/*.ts'] },
  },
});
