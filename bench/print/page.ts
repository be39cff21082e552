import type { Report } from '../report.js';
export const page = (r: readonly Report[]): string => JSON.stringify(r);
