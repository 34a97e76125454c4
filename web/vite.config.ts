import { fileURLToPath } from 'node:url';
import preact from '@preact/preset-vite';
import { defineConfig } from 'vite';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const port = Number(process.env.LUDUS_PORT ?? 8420);

export default defineConfig({
  root: at('.'),
  // Relative addresses: the same build is served by the server's root and, exported, from any folder of a static host.
  base: './',
  plugins: [preact({ devToolsEnabled: false })],
  resolve: {
    // The same names as package.json's imports, but to the source, so that the page and the server never disagree.
    alias: [
      { find: /^#engine$/, replacement: at('../engine/index.ts') },
      { find: /^#engine\/web$/, replacement: at('../engine/web/index.ts') },
      { find: /^#games$/, replacement: at('../games/index.ts') },
      { find: /^#games\/(chess|minatar)$/, replacement: at('../games/') + '$1/index.ts' },
      { find: /^#arena\/protocol$/, replacement: at('../arena/protocol/index.ts') },
      { find: /^#arena\/browser$/, replacement: at('../arena/agents/browser.ts') },
    ],
  },
  worker: { format: 'es', rolldownOptions: { checks: { pluginTimings: false } } },
  build: {
    outDir: at('../dist/web'),
    emptyOutDir: true,
    target: 'es2022',
    // The server's content policy allows files of its own only: nothing inline.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The 14 MB runtime is copied as an asset: that takes its time, and is no fault.
    rolldownOptions: { checks: { pluginTimings: false } },
  },
  server: {
    port: 5173,
    proxy: {
      '/socket': { target: `ws://127.0.0.1:${port}`, ws: true },
    },
  },
});
