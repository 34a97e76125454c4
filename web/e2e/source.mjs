/** Source files of this folder, imported outside of vitest: #-imports lead to source too. */
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const root = at('../..');
const alias = Object.entries({ '#engine': 'engine', '#games': 'games', '#games/chess': 'games/chess', '#selfplay': 'selfplay', '#arena': 'arena', '#arena/protocol': 'arena/protocol', '#arena/server': 'arena/server' })
  .map(([name, path]) => ({ find: new RegExp(`^${name}$`), replacement: `${root}/${path}/index.ts` }));

export async function importSource(file) {
  return (await runnerImport(at(file), { root, resolve: { alias }, logLevel: 'error' })).module;
}
