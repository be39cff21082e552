// What the page and Node's side ask of each other.
import type { Measured } from '../measure.js';
import type { Options } from '../options.js';
import type { Report } from '../report.js';

/** Settings and results of probes. */
export type Numbers = Readonly<Record<string, number>>;

/** What a page says of what it measured. */
export type FromPage = Measured & Pick<Report, 'peers' | 'adapter'>;

/** What Node's side may ask of the page. */
export interface PageSide {
  readonly startup: (settings: Numbers) => Promise<Numbers>;
  readonly bench: (options: Options) => Promise<FromPage>;
}

declare global {
  /** The page's functions, once its script ran. */
  var side: PageSide;
  /** Tells Node's side what was measured so far. */
  var hear: (soFar: FromPage) => void;
  /** Runs the startup probe in a new page. */
  var freshPage: (settings: Numbers) => Promise<Numbers>;
}
