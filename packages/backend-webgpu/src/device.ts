// Getting a device: what is asked of the adapter, explicitly, and why there is none where there is none.
import { SparseError } from '@lacuna/ir';

/** What {@link webgpu} may be told. */
export interface WebgpuOptions {
  /** WebGPU's entry point; default `navigator.gpu`. In Node: `create([])` of the package `webgpu`. */
  readonly gpu?: GPU;
  /** A device of one's own, which is not destroyed with the backend. */
  readonly device?: GPUDevice;
  readonly powerPreference?: GPUPowerPreference;
  /** Optional features to use where the adapter has them; default all that kernels know. */
  readonly features?: readonly GPUFeatureName[];
  /** How dense products keep their tiles; default the faster of the two, as measured when it comes up. */
  readonly tiles?: 'register' | 'shared';
  /**
   * Who makes a row of a product for one position: a thread, or the lanes of a subgroup, where the device has them;
   * default the faster of the two, as measured when it comes up.
   */
  readonly rows?: 'threads' | 'subgroups';
  /**
   * What products with a float16 W compute with, for several positions: `float16` where the device has `shader-f16`,
   * which rounds x, products and sums of up to 19 of them to 16 bits; default `float32`, which rounds none of them.
   */
  readonly arithmetic?: 'float32' | 'float16';
  /** The most bytes of one binding, where products are to be cut earlier than the device has to; default its limit. */
  readonly maxBinding?: number;
  /** The most bytes of buffers in use; default what the adapter's largest buffer suggests. */
  readonly memoryLimit?: number;
}

/** A device, and whether disposing the backend destroys it. */
export interface OpenDevice {
  readonly device: GPUDevice;
  readonly owned: boolean;
  /** Kept alive with the device: Dawn ends the process when its entry point is collected before. */
  readonly entry: GPU | undefined;
  /** The adapter in words. */
  readonly about: string;
  /** Optional features that the device has, and that were not refused. */
  readonly features: ReadonlySet<GPUFeatureName>;
}

/** Features that some kernel has a variant for. */
const known: readonly GPUFeatureName[] = ['subgroups', 'shader-f16', 'timestamp-query'];

/** Limits that are raised to what the adapter has; all others stay at WebGPU's defaults. */
const raised = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
] as const;

/** @throws SparseError `unsupported` where there is no WebGPU, no adapter or no device, and says which. */
export async function openDevice(options: WebgpuOptions): Promise<OpenDevice> {
  const wanted = known.filter((feature) => options.features?.includes(feature) ?? true);
  const open = (
    device: GPUDevice,
    info: GPUAdapterInfo,
    rest: Pick<OpenDevice, 'owned' | 'entry'>,
  ): OpenDevice => {
    const features = new Set(wanted.filter((feature) => device.features.has(feature)));
    return { device, about: describe(info), features, ...rest };
  };
  const { device: given } = options;
  if (given) return open(given, given.adapterInfo, { owned: false, entry: options.gpu });
  const entry = findEntry(options);
  const adapter = await findAdapter(entry, options);
  const requiredFeatures = wanted.filter((feature) => adapter.features.has(feature));
  const requiredLimits = Object.fromEntries(raised.map((name) => [name, adapter.limits[name]]));
  try {
    const device = await adapter.requestDevice({ requiredFeatures, requiredLimits });
    return open(device, adapter.info, { owned: true, entry });
  } catch (cause) {
    throw new SparseError('unsupported', `the adapter ${describe(adapter.info)} gave no device`, {
      cause,
      hint: 'close other pages that use the GPU, and try again',
    });
  }
}

/** Threads of the smallest subgroup that the device may form, a power of two; 0 without the feature. */
export function leastSubgroup(
  { adapterInfo }: GPUDevice,
  features: ReadonlySet<GPUFeatureName>,
): number {
  const { subgroupMinSize = 4 }: Partial<GPUAdapterInfo> = adapterInfo;
  return features.has('subgroups') ? Math.min(64, subgroupMinSize) : 0;
}

function findEntry({ gpu }: WebgpuOptions): GPU {
  const entry = gpu ?? (globalThis.navigator as Partial<Navigator> | undefined)?.gpu;
  if (!entry) {
    const { isSecureContext: secure } = globalThis as { readonly isSecureContext?: boolean };
    const insecure = secure !== undefined && !secure;
    throw new SparseError('unsupported', 'this host has no WebGPU: navigator.gpu is absent', {
      hint: insecure
        ? 'serve the page over https or from localhost: WebGPU is for secure contexts'
        : "use a browser with WebGPU; in Node install `webgpu` and write webgpu({ gpu: create([]) }), with create from 'webgpu'",
    });
  }
  return entry;
}

async function findAdapter(entry: GPU, { powerPreference }: WebgpuOptions): Promise<GPUAdapter> {
  const adapter = await entry.requestAdapter(powerPreference ? { powerPreference } : {});
  if (!adapter)
    throw new SparseError('unsupported', 'this host has WebGPU, and offers no adapter', {
      hint: 'the GPU or its driver is blocked: see chrome://gpu, or on Linux install Vulkan drivers',
    });
  return adapter;
}

function describe(info: GPUAdapterInfo): string {
  const words = [info.vendor, info.architecture, info.description].filter((word) => word !== '');
  return words.length ? words.join(' ') : 'of unknown make';
}
