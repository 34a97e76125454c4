import { existsSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { dirname, join, relative, sep } from 'node:path';

/** For `new Worker`: threads inherit node's own options, but for those of a program given by `node -e`: with them no thread loads its file. */
export const workerExecArgv: string[] = process.execArgv.some((option) => /^(-e|-p|--(eval|print|input-type)(=.*)?)$/.test(option)) ? [] : process.execArgv;

/**
 * Where a worker's compiled entry file is. Built code finds it beside itself; code that runs from source (the tests)
 * finds it under dist/, in the same folder.
 *
 * @param importMetaUrl `import.meta.url` of the caller
 * @param name the entry beside the caller, without extension: 'actor-worker'
 */
export function workerUrl(importMetaUrl: string, name: string): URL {
  if (!importMetaUrl.endsWith('.ts')) return new URL(`./${name}.js`, importMetaUrl);
  const folder = dirname(fileURLToPath(importMetaUrl));
  const root = projectRoot(folder);
  const built = join(root, 'dist', relative(root, folder), `${name}.js`);
  if (!existsSync(built)) throw new Error(`${built.split(sep).slice(-3).join('/')} is missing: build first (npm run build)`);
  return pathToFileURL(built);
}

/** The folder with package.json above this file. */
export const packageRoot = (): string => projectRoot(dirname(fileURLToPath(import.meta.url)));

function projectRoot(folder: string): string {
  let root = folder;
  while (!existsSync(join(root, 'package.json'))) {
    const parent = dirname(root);
    if (parent === root) throw new Error(`no package.json above ${folder}`);
    root = parent;
  }
  return root;
}
