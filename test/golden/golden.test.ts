import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { runFolder, type Outcome } from '../../tools/golden/run.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));
const own = mkdtempSync(join(tmpdir(), 'lacuna-golden-'));
afterAll(() => rmSync(own, { recursive: true, force: true }));

async function all(from: string): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for await (const outcome of runFolder(from)) outcomes.push(outcome);
  return outcomes;
}

describe('golden files', () => {
  it('every golden file agrees with our code', async () => {
    const outcomes = await all(folder);
    expect(outcomes.length).toBeGreaterThan(20);
    expect(outcomes.filter(({ ok }) => !ok)).toEqual([]);
  });

  it('a changed index, a file of unknown kind and a broken file fail, with the reason', async () => {
    const changed = JSON.parse(readFileSync(join(folder, 'nmg_1_4_g1.json'), 'utf8')) as {
      idx: number[];
    };
    changed.idx[5] = 7;
    writeFileSync(join(own, 'a.json'), JSON.stringify(changed));
    writeFileSync(join(own, 'b.json'), '{"kind":"weather"}');
    writeFileSync(join(own, 'c.json'), '{"kind":');
    writeFileSync(join(own, 'd.json'), '{"kind":"orders"}');
    const said = (await all(own)).map((outcome) => `${outcome.ok} ${outcome.said}`);
    expect(said[0]).toBe('false idx[5] is 0, and the file says 7');
    expect(said[1]).toMatch(/^false unknown kind "weather"; there are nmg, orders/);
    expect(said[2]).toMatch(/^false .*JSON/);
    expect(said[3]).toBe('false orders is no object');
  });
});
