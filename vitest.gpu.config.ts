// `npm run test:gpu`: tests that need a WebGPU device, on Dawn in Node. One process: a device each would be
// several copies of a software GPU on one machine.
import { configDefaults, mergeConfig } from 'vitest/config';
import base from './vitest.config.js';

const { include: _, exclude: __, ...test } = base.test ?? {};

export default mergeConfig(
  { ...base, test },
  {
    test: {
      include: ['{packages,examples,bench}/**/*.gpu.test.ts'],
      exclude: configDefaults.exclude,
      pool: 'forks',
      fileParallelism: false,
      testTimeout: 300_000,
      hookTimeout: 60_000,
    },
  },
);
