// Every kernel of this backend, and the families of exports that it calls.
import { families as all, type Family } from '../families.js';
import type { WasmKernel } from '../kernel.js';
import { batchKernels } from './batch.js';
import { bcsrFamily, bcsrTurned, singleRows } from './bcsr.js';
import { columnKernels } from './columns.js';
import { compressKernels } from './compress.js';
import { anyFamily, anyTurned, csrTurned, sortedFamily } from './compressed.js';
import { convertKernels } from './convert.js';
import { conv2dKernels } from './conv2d.js';
import { csrFamily } from './csr.js';
import { denseFamily } from './dense.js';
import { densifyKernels } from './densify.js';
import { lanesFamily } from './lanes.js';
import { lookupKernels } from './lookup.js';
import { maskKernels } from './masks.js';
import { mergedFamily } from './merged.js';
import { moveKernels } from './move.js';
import { nm24Family, nmFamily, nmTurned } from './nm.js';
import { nmgFamily, nmgTurned } from './nmg.js';
import { normKernels } from './norm.js';
import { packKernel } from './packing.js';
import { pairKernels } from './pairs.js';
import { planeKernels } from './planes.js';
import { pointwiseKernels } from './pointwise.js';
import { products } from './products.js';
import { reduceKernels } from './reduce.js';
import { sampledKernels } from './sampled.js';
import { orderedFamilies, twinsFamilies } from './twins.js';

/** Kernels, with the families whose exports they call beside the core's. */
const sets: readonly (readonly [needs: readonly Family[], kernels: readonly WasmKernel[]])[] = [
  [['dense'], products(denseFamily)],
  [['rows'], [csrFamily, bcsrFamily, singleRows].flatMap(products)],
  [['nmg'], products(nmgFamily)],
  [['nm'], [nmFamily, nm24Family].flatMap(products)],
  [['merged'], [mergedFamily, ...twinsFamilies, lanesFamily, ...orderedFamilies].flatMap(products)],
  [['rows'], [anyFamily, sortedFamily, csrTurned, bcsrTurned].flatMap(products)],
  [['nmg'], products(nmgTurned)],
  [['nm'], products(nmTurned)],
  [['rows'], products(anyTurned)],
  [['sampled'], sampledKernels],
  [[], [packKernel, ...convertKernels]],
  [['convert'], [...densifyKernels, ...compressKernels]],
  [['pairs'], pairKernels],
  [['masks'], maskKernels],
  [['conv', 'dense'], conv2dKernels],
  [['ops'], [...planeKernels, ...pointwiseKernels, ...moveKernels]],
  [['dense'], batchKernels],
  [['conv', 'dense', 'ops'], columnKernels],
  [['ops'], [...reduceKernels, ...normKernels, ...lookupKernels]],
];

/** The kernels that need no other families than these. */
export const kernelsOf = (loaded: readonly Family[]): readonly WasmKernel[] =>
  Object.freeze(
    sets.flatMap(([needs, list]) => (needs.every((name) => loaded.includes(name)) ? list : [])),
  );

/** Every kernel. */
export const kernels = kernelsOf(all);
