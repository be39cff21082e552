// The page in real Chromium, with WebGPU and without. SCREENSHOTS names a folder to look at afterwards.
import type { Server } from 'node:http';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch } from '../../../packages/backend-webgpu/test/chromium.js';
import { serve } from './serve.js';

let server: Server;
let url: string;
beforeAll(async () => ({ server, url } = await serve(0)));
afterAll(() => void server.close());

async function visit(gpu: boolean, look: (page: Page) => Promise<void>): Promise<void> {
  const browser = await launch({ gpu });
  try {
    const page = await browser.newPage({ viewport: { width: 1100, height: 1000 } });
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(url);
    await page.waitForSelector('body[data-sides]', { timeout: 120_000 });
    const folder = process.env['SCREENSHOTS'];
    if (folder) await page.screenshot({ path: join(folder, gpu ? 'gpu.png' : 'no-gpu.png') });
    await look(page);
    expect(errors).toEqual([]);
  } finally {
    await browser.close();
  }
}

describe('the page', () => {
  it('shows both backends, and they agree', async () => {
    await visit(true, async (page) => {
      expect(await page.locator('body').getAttribute('data-sides')).toBe('2');
      const apart = await page.locator('body').getAttribute('data-apart');
      expect(Number(apart)).toBeLessThan(0.01);
      expect(await page.locator('section').first().textContent()).toContain('csr');
    });
  });

  it('says why there is no WebGPU, and runs on WASM', async () => {
    await visit(false, async (page) => {
      expect(await page.locator('body').getAttribute('data-sides')).toBe('1');
      expect(await page.locator('.fell').textContent()).toMatch(/no WebGPU|no adapter/);
      expect(await page.locator('section').nth(1).textContent()).toContain('ms');
    });
  });
});
