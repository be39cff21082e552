// How every package is built: esm and cjs side by side, with types, for any platform.

import { defineConfig } from 'tsup';

/** A package's tsup config; each entry is a file of `src` that `exports` names. */
export const library = (entry = ['src/index.ts']) =>
  defineConfig({
    entry,
    format: ['esm', 'cjs'],
    target: 'es2022',
    platform: 'neutral',
    dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
    sourcemap: true,
    clean: true,
    treeshake: false,
    shims: true,
    removeNodeProtocol: false,
    external: [/^node:/, /^@lacuna\//],
  });
