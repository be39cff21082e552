// One file of everything that a page or Deno needs, from the sources.
import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';

/** Bundles a file of this folder, as a module. */
export async function bundle(name: string, base: string | URL = import.meta.url): Promise<string> {
  const result = await build({
    entryPoints: [fileURLToPath(new URL(name, base))],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    conditions: ['@lacuna/source'],
    external: ['node:*'],
    logLevel: 'error',
    write: false,
  });
  return result.outputFiles[0]!.text;
}
