import type { Options } from '../options.js';
import type { Report } from '../report.js';
export async function chromiumReport(
  o: Options,
): Promise<Pick<Report, 'engine' | 'peers' | 'rows' | 'absent' | 'peakGflops' | 'loadGBs'>> {
  throw new Error(JSON.stringify(o));
}
