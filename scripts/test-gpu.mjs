// `npm run test:gpu`: the tests that need a WebGPU device, on Dawn in Node, on a software GPU where there is no other.
import { spawnSync } from 'node:child_process';
import { environment } from './softwaregpu.mjs';

const { status } = spawnSync(
  process.execPath,
  ['scripts/test.mjs', '--config', 'vitest.gpu.config.ts', ...process.argv.slice(2)],
  { stdio: 'inherit', env: { ...process.env, ...environment } },
);
process.exitCode = status ?? 1;
