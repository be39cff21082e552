// A small server for one run: the page, its bundle, and the .wasm files of peers, isolated across origins so
// that clocks are fine and shared memory is there.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Folders of the repository by the path that they are served under. */
const folders: Readonly<Record<string, string>> = {
  '/models/': 'models',
  '/ort/': 'node_modules/onnxruntime-web/dist',
  '/tfjs/': 'node_modules/@tensorflow/tfjs-backend-wasm/dist',
  '/litert/': 'node_modules/@litertjs/core/wasm',
};

const types: Readonly<Record<string, string>> = {
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
};

/** A server that listens. */
export interface Server {
  readonly url: string;
  readonly close: () => void;
}

/** Serves the page with `script`. */
export async function serve(script: string): Promise<Server> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
    response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    content(pathname, script).then(
      ([type, body]) => response.setHeader('Content-Type', type).end(body),
      () => response.writeHead(404).end(`no ${pathname}`),
    );
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close() };
}

async function content(pathname: string, script: string): Promise<[string, string | Buffer]> {
  if (pathname === '/')
    return [
      'text/html',
      '<!doctype html><meta charset="utf-8"><script type="module" src="/page.js"></script>',
    ];
  if (pathname === '/page.js') return ['text/javascript', script];
  const prefix = Object.keys(folders).find((p) => pathname.startsWith(p));
  if (!prefix) throw new Error('not served');
  const file = normalize(pathname.slice(prefix.length));
  if (file.startsWith('..')) throw new Error('not served');
  const body = await readFile(join(root, folders[prefix]!, file));
  return [types[extname(file)] ?? 'application/octet-stream', body];
}
