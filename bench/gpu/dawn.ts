// Dawn in Node: on a GPU where there is one, else on the software GPU that Chromium brings.
import { webgpu, type WebgpuBackend } from '@lacuna/backend-webgpu';
import { create, globals } from 'webgpu';
import { environment } from '../../scripts/softwaregpu.mjs';
import type { Tiles } from '../options.js';
import { powerPreference } from './adapter.js';

let entry: Promise<GPU> | undefined;

/** A backend on Dawn, whose entry point is one for the life of the process. */
export async function dawn(tiles?: Tiles): Promise<WebgpuBackend> {
  const gpu = await (entry ??= find());
  return webgpu({ gpu, powerPreference, ...(tiles && { tiles }) });
}

async function find(): Promise<GPU> {
  Object.assign(globalThis, globals);
  const gpu = create([]);
  if (await gpu.requestAdapter({ powerPreference })) return gpu;
  process.stderr.write('no GPU: the software one that Chromium brings takes its place\n');
  Object.assign(process.env, environment); // what Vulkan's loader reads
  return create([]);
}
