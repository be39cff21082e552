// Threads in Chromium, on three kinds of page: isolated; isolated under a strict policy, with workerUrl; and
// not isolated. Each computes one product on one thread and on two, compares the bits and tells the times.
//
//   node packages/backend-wasm/scripts/check-page.mjs          CHROMIUM=/usr/bin/chromium by default
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { chromium } from 'playwright-core';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

const program = `
import { assemble, dense } from '@lacuna/ir';
import { csr } from '@lacuna/layouts';
import { matmul } from '@lacuna/ops';
import { wasm } from '../src/index.js';

const numbers = (count, share) => {
  let state = 7;
  const next = () => ((state = (Math.imul(state, 1103515245) + 12345) >>> 1) % 65536) / 65536;
  return Float32Array.from({ length: count }, () => (next() < share ? next() - 0.5 : 0));
};
const [m, k, n] = [768, 768, 128];
const w = assemble(csr(), [m, k], numbers(m * k, 0.1));
const x = assemble(dense(), [k, n], numbers(k * n, 1));

async function product(options) {
  const backend = await wasm(options);
  const kernel = backend.kernels.find((one) => one.name === 'csr-matmul');
  const put = (bytes) => {
    const block = backend.memory.alloc(Math.max(64, bytes.byteLength));
    backend.memory.write(block, bytes);
    return block;
  };
  const operand = (t) => ({
    format: t.format, shape: t.shape, dtype: t.dtype, stored: t.stored, constant: true,
    pattern: t.pattern, values: put(t.values), structure: put(t.pattern.structure),
  });
  const y = assemble(dense(), [m, n], new Float32Array(m * n));
  const output = operand(y);
  const run = backend.bind(kernel, {
    op: matmul, attrs: matmul.spec.defaults, inputs: [operand(w), operand(x)], output,
    scratch: backend.memory.alloc(4 * k * (n + 48)),
  });
  const time = (calls) => {
    const start = performance.now();
    for (let call = 0; call < calls; call++) run();
    return (performance.now() - start) / calls;
  };
  time(100);
  const bits = new Uint32Array((await backend.memory.read(output.values, 4 * m * n)).buffer);
  return { backend, time, bits };
}

globalThis.check = async (options) => {
  const [one, two] = [await product({}), await product(options)];
  const same = one.bits.every((word, at) => word === two.bits[at]);
  let best = [Infinity, Infinity];
  for (let round = 0; round < 60; round++)
    best = best.map((ms, at) => Math.min(ms, [one, two][at].time(8)));
  const said = { about: two.backend.about, same, ms: best, ratio: best[0] / best[1] };
  for (const { backend } of [one, two]) backend.dispose();
  return said;
};
`;

const page = buildSync({
  stdin: { contents: program, resolveDir: here('.'), loader: 'ts' },
  bundle: true,
  write: false,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  conditions: ['@lacuna/source'],
}).outputFiles[0].text;

const isolated = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};
const strict = {
  ...isolated,
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'",
};
const kinds = {
  '/isolated': [isolated, { threads: 2 }],
  '/strict': [strict, { threads: 2, workerUrl: '/worker.js' }],
  '/strict-without-url': [strict, { threads: 2 }],
  '/plain': [{}, { threads: 2 }],
};
const files = {
  '/page.js': page,
  '/worker.js': readFileSync(here('../wasm/worker.js')),
};

const server = createServer(({ url }, response) => {
  const file = files[url];
  const headers = file ? strict : (kinds[url]?.[0] ?? {});
  response.writeHead(200, {
    'Content-Type': file ? 'text/javascript' : 'text/html',
    ...headers,
  });
  response.end(file ?? '<!doctype html><script type="module" src="/page.js"></script>');
});
await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-background-networking', '--no-first-run'],
});
for (const [url, [, options]] of Object.entries(kinds)) {
  const tab = await browser.newPage();
  await tab.goto(`http://127.0.0.1:${server.address().port}${url}`);
  await tab.waitForFunction(() => globalThis.check !== undefined);
  const said = await tab
    .evaluate((given) => globalThis.check(given), options)
    .catch((error) => error.message.split('\n')[0]);
  console.log(url, said);
  await tab.close();
}
await browser.close();
server.close();
