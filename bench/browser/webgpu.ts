// The page's script for WebGPU: ours and peers on one adapter.
import { webgpu } from '@lacuna/backend-webgpu';
import { createEngine } from '@lacuna/lacuna';
import { wall } from '../clock.js';
import { onnxruntimeWebgpu } from '../contenders/onnxruntime-webgpu.js';
import { tfjs } from '../contenders/tfjs.js';
import { tfjsWebgpu } from '../contenders/tfjs-webgpu.js';
import { powerPreference } from '../gpu/adapter.js';
import { pace } from '../measure.js';
import { webgpuPeaks } from '../peaks/webgpu.js';
import { offer } from './page.js';

const peers = [tfjs(tfjsWebgpu), onnxruntimeWebgpu('/ort/')];

offer(async (options) => {
  const { tiles } = options;
  const another = () => webgpu({ powerPreference, ...(tiles && { tiles }) });
  const backend = await another();
  return {
    engine: await createEngine(backend, { fallback: 'refuse' }),
    backend: another,
    peaks: webgpuPeaks(backend),
    tfjs: tfjsWebgpu,
    peers,
    networks: [],
    clock: wall,
    race: { clock: wall, ...pace(options) },
  };
});
