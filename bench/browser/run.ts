// A run in Chromium: bundles the page, serves it isolated, and asks it for its report.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import type { BackendName, Options } from '../options.js';
import type { Report } from '../report.js';
import { serve } from './server.js';
import type { FromPage, Numbers } from './sides.js';

const programs = [
  process.env['CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

const flags = [
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-quic',
];

/** What a browser's run adds to a report. */
export type InBrowser = FromPage & Pick<Report, 'engine'>;

/** Measures in Chromium. */
export async function chromiumReport(
  options: Options,
  keep: (soFar: InBrowser) => void,
): Promise<InBrowser> {
  const executablePath = programs.find((path) => path && existsSync(path));
  if (!executablePath)
    throw new Error(
      'no Chromium was found: install it (apt-get install chromium) or set CHROMIUM to its path',
    );
  const server = await serve(await bundle(options.backend));
  const start = (more: readonly string[]): Promise<Browser> =>
    chromium.launch({
      executablePath,
      args: [...flags, ...more],
      handleSIGINT: false, // the report so far is written first
    });
  const browser =
    options.backend === 'webgpu' ? await withAdapter(start, server.url) : await start([]);
  try {
    const context = await browser.newContext();
    await context.exposeFunction('freshPage', (settings: Numbers) =>
      fresh(context, server.url, settings),
    );
    const engine = `Chromium ${browser.version()}`;
    await context.exposeFunction('hear', (soFar: FromPage) => keep({ engine, ...soFar }));
    const page = await open(context, server.url);
    page.on('console', (message) => {
      if (message.type() === 'log') process.stderr.write(`${message.text()}\n`);
    });
    const measured = await page.evaluate((given) => globalThis.side.bench(given), options);
    return { engine, ...measured };
  } finally {
    await browser.close();
    server.close();
  }
}

async function open(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage();
  page.on('pageerror', (error) => process.stderr.write(`${error.stack ?? error.message}\n`));
  await page.goto(url);
  await page.waitForFunction(() => globalThis.side !== undefined);
  return page;
}

async function fresh(context: BrowserContext, url: string, settings: Numbers): Promise<Numbers> {
  const page = await open(context, url);
  const seen = await page.evaluate((given) => globalThis.side.startup(given), settings);
  await page.close();
  return seen;
}

/** On the machine's own GPU where Chromium has WebGPU on it, else on the software one that comes with it. */
async function withAdapter(
  start: (more: readonly string[]) => Promise<Browser>,
  url: string,
): Promise<Browser> {
  const browser = await start(['--enable-unsafe-webgpu', '--enable-features=Vulkan']);
  const page = await browser.newPage();
  await page.goto(url); // WebGPU is for secure contexts: localhost is one
  const found = await page.evaluate(async () => Boolean(await navigator.gpu?.requestAdapter()));
  await page.close();
  if (found) return browser;
  await browser.close();
  return start(['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader']);
}

async function bundle(backend: BackendName): Promise<string> {
  const result = await build({
    entryPoints: [fileURLToPath(new URL(`${backend}.ts`, import.meta.url))],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    conditions: ['@lacuna/source'],
    external: ['node:*', 'fs', 'path', 'worker_threads', 'perf_hooks', 'util', 'crypto', 'os'],
    logLevel: 'error',
    write: false,
  });
  return result.outputFiles[0]!.text;
}
