/** Source files of this folder, imported outside of vitest: #-imports lead to source too. */
import { fileURLToPath } from 'node:url';
import { createServer } from 'vite';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const root = at('../..');
const alias = Object.entries({ '#engine': 'engine', '#games': 'games', '#games/chess': 'games/chess', '#selfplay': 'selfplay', '#arena': 'arena', '#arena/protocol': 'arena/protocol', '#arena/server': 'arena/server' })
  .map(([name, path]) => ({ find: new RegExp(`^${name}$`), replacement: `${root}/${path}/index.ts` }));

/** Loads `file`, hands the module to `use`, and closes when that has ended: until then modules may import others. */
export async function withSource(file, use) {
  const server = await createServer({
    root, configFile: false, resolve: { alias }, logLevel: 'error', appType: 'custom',
    server: { middlewareMode: true, ws: false, hmr: false, watch: null }, optimizeDeps: { noDiscovery: true, include: [] },
  });
  try {
    await use(await server.ssrLoadModule(at(file)));
  } finally {
    await server.close();
  }
}
