/** A host that knows nothing: files of one folder below an address prefix, no special headers, 404 for the rest. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const kinds: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.json': 'application/json' };

export interface StaticHost {
  /** Address of the folder, with the slash at its end. */
  readonly url: string;
  /** Paths asked for, in order. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

export async function serveFolder(folder: string, prefix: string): Promise<StaticHost> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://host').pathname));
    asked.push(path);
    const inside = path.startsWith(prefix) ? path.slice(prefix.length) : undefined;
    const file = inside === '' ? 'index.html' : inside;
    if (file === undefined || file.startsWith('..')) return void response.writeHead(404).end();
    readFile(join(folder, file)).then(
      // WebAssembly and models go out as whatever a host takes them for.
      (bytes) => response.writeHead(200, { 'content-type': kinds[extname(file)] ?? 'application/octet-stream', 'content-length': bytes.length }).end(bytes),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${prefix}`,
    asked,
    close: () => new Promise((resolve) => { server.closeAllConnections(); server.close(() => resolve()); }),
  };
}

/** What `ludus export web` writes with these arguments, below a folder of that host. Its files go when it closes. */
export async function exportPage(...args: readonly string[]): Promise<StaticHost & { readonly folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'ludus-export-'));
  await promisify(execFile)(process.execPath, [fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url)), 'export', 'web', ...args, '--out', folder]);
  const host = await serveFolder(folder, '/somebody/their-site/');
  return {
    ...host, folder,
    async close() {
      await host.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
