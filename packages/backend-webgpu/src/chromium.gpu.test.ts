// The laws in a page of real Chromium, whose WebGPU talks to another process.
import { expect, it } from 'vitest';
import { bundle } from '../test/bundle.js';
import { launch, serve } from '../test/chromium.js';
import type { Conformance } from '../test/conform.js';

it('keeps every law in Chromium', { timeout: 600_000 }, async () => {
  const code = await bundle('conform.ts');
  const server = await serve((path) =>
    path === '/conform.js'
      ? { type: 'text/javascript', body: code }
      : { type: 'text/html', body: '<!doctype html><title>laws</title>' },
  );
  const browser = await launch();
  try {
    const page = await browser.newPage();
    await page.goto(server.url);
    const cases = process.env['LAWS_CASES'] ?? 4;
    const found = await page.evaluate<Conformance>(
      `import('/conform.js').then((m) => m.conform(1, ${cases}))`,
    );
    const { passed, failures } = found;
    expect(failures).toEqual([]);
    expect(passed).toBeGreaterThan(200);
  } finally {
    await browser.close();
    server.close();
  }
});
