import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';

const docs = new URL('../', import.meta.url);

const guide = [
  { text: 'Start', link: '/start' },
  { text: 'Architecture', link: '/architecture' },
  { text: 'Glossary', link: '/glossary' },
  { text: 'Sparsify a model', link: '/guide/sparsify' },
  { text: 'Coming from PyTorch', link: '/guide/pytorch' },
  { text: 'Sparsifiers', link: '/guide/sparsifiers' },
  { text: 'Train sparse', link: '/guide/train' },
  { text: 'Methods', link: '/guide/methods' },
  { text: 'Read explain', link: '/guide/explain' },
  { text: 'Threads', link: '/guide/threads' },
  { text: 'WebGPU', link: '/guide/webgpu' },
  { text: 'Layouts and codecs', link: '/guide/layouts' },
  { text: 'n:m and n:m:g', link: '/guide/nm' },
  { text: 'Compositions', link: '/guide/compositions' },
  { text: 'Plug-ins', link: '/guide/plugins' },
  { text: 'Write a layout', link: '/write-a-layout' },
  { text: 'Write an operator', link: '/write-an-operator' },
  { text: 'Write a kernel', link: '/write-a-kernel' },
  { text: 'What bounds the kernels', link: '/kernels' },
  { text: 'Compatibility', link: '/compatibility' },
  { text: 'Benchmarks', link: '/benchmarks' },
  { text: 'WebGPU: measured, estimated', link: '/benchmarks-webgpu' },
];

/** One page a package, as typedoc wrote them; `npm run docs` runs it first. */
const api = new URL('api/@lacuna/', docs);
const reference = existsSync(api)
  ? readdirSync(api).map((name) => ({ text: `@lacuna/${name}`, link: `/api/@lacuna/${name}/` }))
  : [];

// VitePress looks for dead links in pages, not in its own configuration.
for (const { text, link } of [{ text: 'Home', link: '/index' }, ...guide]) {
  const page = new URL(`.${link}.md`, docs);
  if (!existsSync(page)) throw new Error(`the guide "${text}" has no page ${fileURLToPath(page)}`);
}

export default defineConfig({
  title: 'Lacuna',
  description: 'Sparse tensors for TypeScript',
  cleanUrls: true,
  ignoreDeadLinks: false,
  srcExclude: ['**/README.md'],
  themeConfig: {
    nav: [
      { text: 'Guide', link: '/start' },
      { text: 'Reference', link: '/api/' },
    ],
    sidebar: [
      { text: 'Guide', items: guide },
      { text: 'Reference', items: reference },
    ],
    search: { provider: 'local' },
    outline: [2, 3],
  },
  vite: { build: { chunkSizeWarningLimit: 8000 } },
});
