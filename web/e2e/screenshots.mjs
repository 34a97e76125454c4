import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runnerImport } from 'vite';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const { values, positionals: [folder = 'screenshots', url] } = parseArgs({ allowPositionals: true, options: { only: { type: 'string' } } });
const root = at('../..');
const alias = Object.entries({ '#engine': 'engine', '#games': 'games', '#games/chess': 'games/chess', '#selfplay': 'selfplay', '#arena': 'arena', '#arena/protocol': 'arena/protocol', '#arena/server': 'arena/server' })
  .map(([name, path]) => ({ find: new RegExp(`^${name}$`), replacement: `${root}/${path}/index.ts` }));
const { module } = await runnerImport(at('./screenshots.ts'), { root, resolve: { alias }, logLevel: 'error' });
await module.main(folder, url, values.only?.split(','));
