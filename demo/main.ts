// The demo: a network that was trained sparse, run by tfjs-wasm, by Lacuna dense and by Lacuna sparse.
// Is it right? Is it smaller? Is it faster? In that order.
//
//   npm run demo -- [--model PATH.json] [--input smooth|noise|drawn|FILE] [--json FILE] [--out FOLDER]
import { fileURLToPath } from 'node:url';
import { defineCommand, runMain } from 'citty';
import { demo } from './demo.js';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

await runMain(
  defineCommand({
    meta: {
      name: 'npm run demo --',
      description:
        'A network run by tfjs-wasm, Lacuna dense and Lacuna sparse: right, smaller, faster?',
    },
    args: {
      model: {
        type: 'string',
        description:
          'a TFJS graph model, its weights beside it; default models/handlandmark-sparse.json',
        valueHint: 'PATH.json',
      },
      input: {
        type: 'string',
        description: 'smooth, noise, drawn, or a file: PNG, PPM, or raw float32',
        default: 'drawn',
        valueHint: 'smooth|noise|drawn|FILE',
      },
      json: { type: 'string', description: 'write the results there as data', valueHint: 'FILE' },
      out: {
        type: 'string',
        description: 'where pictures go; default demo/out',
        valueHint: 'FOLDER',
      },
      seconds: { type: 'string', description: 'how long to measure, about', default: '12' },
    },
    run: ({ args }) =>
      demo({
        ...args,
        model: args.model ?? here('../models/handlandmark-sparse.json'),
        out: args.out ?? here('out'),
      }),
  }),
);
