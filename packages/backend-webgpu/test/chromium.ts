// Chromium with WebGPU on its software GPU, and a server for a page: what tests of pages share.
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { chromium, type Browser } from 'playwright-core';

const programs = [process.env['CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser'];

const flags = [
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-quic',
];
const software = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];

/** Starts Chromium; `gpu: false` is a browser without WebGPU. */
export function launch({ gpu = true } = {}): Promise<Browser> {
  const executablePath = programs.find((path) => path && existsSync(path));
  if (!executablePath)
    throw new Error('no Chromium was found: apt-get install chromium, or set CHROMIUM to its path');
  const args = gpu
    ? [...flags, ...software]
    : [...flags, '--disable-features=WebGPU,WebGPUService'];
  return chromium.launch({ executablePath, args });
}

/** A file as a server sends it. */
export interface Served {
  readonly type: string;
  readonly body: string | Uint8Array;
}

/** Serves files on this machine; `find` says what is at a path. */
export async function serve(
  find: (path: string) => Served | undefined | Promise<Served | undefined>,
): Promise<{ readonly url: string; readonly close: () => void }> {
  const server = createServer((request, response) => {
    void Promise.resolve(find(new URL(request.url ?? '/', 'http://localhost').pathname)).then(
      (found) => {
        response.writeHead(found ? 200 : 404, { 'content-type': found?.type ?? 'text/plain' });
        response.end(found?.body ?? 'not here');
        return found;
      },
    );
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close() };
}
