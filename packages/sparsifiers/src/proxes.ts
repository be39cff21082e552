// The proximal steps by name.
import { groupSoft, wgsef } from './groupprox.js';
import { hardThreshold, mcp, scad, softThreshold } from './prox.js';

/** The proximal steps by name, each from its parameters. */
export const proxes = {
  soft: softThreshold,
  hard: hardThreshold,
  scad,
  mcp,
  groupSoft,
  wgsef,
} as const;
