// `npm run example:browser`: bundles the page from the sources and serves it with the model.
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = new URL('../', import.meta.url);
const models = new URL('../../models/', here);
const types: Readonly<Record<string, string>> = {
  html: 'text/html',
  js: 'text/javascript',
  json: 'application/json',
};

async function bundle(): Promise<Uint8Array> {
  const result = await build({
    entryPoints: [fileURLToPath(new URL('src/main.ts', here))],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    conditions: ['@lacuna/source'],
    external: ['node:*'],
    logLevel: 'error',
    write: false,
  });
  return result.outputFiles[0]!.contents;
}

/** Serves the page; port 0 takes any that is free. */
export async function serve(port: number): Promise<{ server: Server; url: string }> {
  const script = await bundle();
  const find = (path: string): Promise<Uint8Array> => {
    if (path === '/main.js') return Promise.resolve(script);
    const model = /^\/models\/([\w.-]+)$/.exec(path);
    if (model) return readFile(new URL(model[1]!, models));
    return readFile(new URL('index.html', here));
  };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const type = types[/\.(\w+)$/.exec(pathname)?.[1] ?? 'html'] ?? 'application/octet-stream';
    void find(pathname).then(
      (body) => response.writeHead(200, { 'content-type': type }).end(body),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  const address = server.address();
  const found = typeof address === 'object' && address ? address.port : port;
  return { server, url: `http://localhost:${found}/` };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { url } = await serve(Number(process.env['PORT'] ?? 8080));
  console.log(`the page is at ${url}`);
}
