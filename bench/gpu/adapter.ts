// One adapter for all: each library asks for its own device, as it does for its users, and is asked what it got.

/** What our backend asks for, and TensorFlow.js. */
export const powerPreference = 'high-performance';

const described = ({ vendor, architecture, device, description }: GPUAdapterInfo): string =>
  [vendor, architecture, device, description].filter(Boolean).join(' ');

/** @throws Error where a device is of another adapter than ours. */
export async function sameAdapter({ adapterInfo }: GPUDevice): Promise<void> {
  const ours = await navigator.gpu.requestAdapter({ powerPreference });
  const [own, other] = [described(ours!.info), described(adapterInfo)];
  if (own !== other) throw new Error(`it runs on ${other}, and ours on ${own}`);
}
