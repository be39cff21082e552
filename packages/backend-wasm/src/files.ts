// Where the binaries lie beside this module. Every address is written out, since bundlers that emit assets look for
// exactly these words.
import type { Family } from './families.js';
import type { Variant } from './module.js';

/** Addresses of the binaries of a variant. */
export const files: Readonly<Record<Variant, () => Readonly<Record<Family, URL>>>> = {
  relaxed: () => ({
    core: new URL('../wasm/relaxed/core.wasm', import.meta.url),
    dense: new URL('../wasm/relaxed/dense.wasm', import.meta.url),
    rows: new URL('../wasm/relaxed/rows.wasm', import.meta.url),
    merged: new URL('../wasm/relaxed/merged.wasm', import.meta.url),
    nm: new URL('../wasm/relaxed/nm.wasm', import.meta.url),
    nmg: new URL('../wasm/relaxed/nmg.wasm', import.meta.url),
    sampled: new URL('../wasm/relaxed/sampled.wasm', import.meta.url),
    convert: new URL('../wasm/relaxed/convert.wasm', import.meta.url),
    pairs: new URL('../wasm/relaxed/pairs.wasm', import.meta.url),
    masks: new URL('../wasm/relaxed/masks.wasm', import.meta.url),
    conv: new URL('../wasm/relaxed/conv.wasm', import.meta.url),
    ops: new URL('../wasm/relaxed/ops.wasm', import.meta.url),
  }),
  plain: () => ({
    core: new URL('../wasm/plain/core.wasm', import.meta.url),
    dense: new URL('../wasm/plain/dense.wasm', import.meta.url),
    rows: new URL('../wasm/plain/rows.wasm', import.meta.url),
    merged: new URL('../wasm/plain/merged.wasm', import.meta.url),
    nm: new URL('../wasm/plain/nm.wasm', import.meta.url),
    nmg: new URL('../wasm/plain/nmg.wasm', import.meta.url),
    sampled: new URL('../wasm/plain/sampled.wasm', import.meta.url),
    convert: new URL('../wasm/plain/convert.wasm', import.meta.url),
    pairs: new URL('../wasm/plain/pairs.wasm', import.meta.url),
    masks: new URL('../wasm/plain/masks.wasm', import.meta.url),
    conv: new URL('../wasm/plain/conv.wasm', import.meta.url),
    ops: new URL('../wasm/plain/ops.wasm', import.meta.url),
  }),
};
