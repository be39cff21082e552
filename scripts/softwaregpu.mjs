// The software GPU that Chromium ships, for machines without another; VK_ICD_FILENAMES is for another.
import { existsSync } from 'node:fs';

const drivers = ['/usr/lib/chromium', '/usr/lib/chromium-browser', '/opt/google/chrome'].map(
  (folder) => `${folder}/vk_swiftshader_icd.json`,
);
const driver = process.env['VK_ICD_FILENAMES'] ?? drivers.find((file) => existsSync(file));
if (driver === undefined)
  console.error('no software GPU found: apt-get install chromium libvulkan1');

/** What Vulkan's loader reads of the environment; it complains without a folder of its own. */
export const environment = {
  XDG_RUNTIME_DIR: process.env['XDG_RUNTIME_DIR'] ?? '/tmp',
  ...(driver !== undefined && { VK_ICD_FILENAMES: driver }),
};
