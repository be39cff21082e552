// `npm run test:gpu`: the tests that need a WebGPU device, on Dawn in Node. On a machine without a GPU this is
// the software one that Chromium ships; it is found here, and VK_ICD_FILENAMES is for another.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const drivers = ['/usr/lib/chromium', '/usr/lib/chromium-browser', '/opt/google/chrome'].map(
  (folder) => `${folder}/vk_swiftshader_icd.json`,
);
const driver = process.env['VK_ICD_FILENAMES'] ?? drivers.find((file) => existsSync(file));
if (driver === undefined)
  console.error('no software GPU found: apt-get install chromium libvulkan1');

const { status } = spawnSync(
  process.execPath,
  ['scripts/test.mjs', '--config', 'vitest.gpu.config.ts', ...process.argv.slice(2)],
  {
    stdio: 'inherit',
    env: {
      XDG_RUNTIME_DIR: '/tmp', // Vulkan's loader complains without one
      ...process.env,
      ...(driver !== undefined && { VK_ICD_FILENAMES: driver }),
    },
  },
);
process.exitCode = status ?? 1;
