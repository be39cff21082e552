// `npm run build`: every package, each after those it depends on. Arguments go to turbo.

import { spawnSync } from 'node:child_process';

const { status } = spawnSync(
  'turbo',
  ['run', 'build', '--output-logs=errors-only', ...process.argv.slice(2)],
  {
    stdio: 'inherit',
    shell: process.platform === 'win32',
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' },
  },
);
process.exitCode = status ?? 1;
