// What Node's side may ask of a page, whatever the page computes with.
import { measure } from '../measure.js';
import type { Options } from '../options.js';
import { progressLine } from '../print/progress.js';
import { startup } from '../probes/startup.js';
import type { Context, Probe } from '../suites/suite.js';

/** What a page adds to the context of its suites. */
export type Given = Omit<Context, 'options' | 'probe' | 'file'>;

/** Offers the page's functions to Node's side. */
export function offer(give: (options: Options) => Promise<Given>): void {
  globalThis.side = {
    startup,
    async bench(options) {
      const given = await give(options);
      const peers = Object.fromEntries(given.peers.map((p) => [p.name, p.version]));
      const { about } = given.engine.backend;
      const whole = { peers, ...(options.backend === 'webgpu' && { adapter: about }) };
      const measured = await measure(
        { ...given, options, probe, file },
        (suite, outcome, soFar) => {
          console.log(progressLine(suite, outcome, options.suites));
          globalThis.hear({ ...soFar, ...whole });
        },
      );
      return { ...measured, ...whole };
    },
  };
}

const file: Context['file'] = async (path) =>
  new Uint8Array(await (await fetch(`/${path}`)).arrayBuffer());

const probe: Probe = (name, settings) => {
  if (name !== 'startup') throw new Error('it needs processes of its own: --engine node');
  return globalThis.freshPage(settings);
};
