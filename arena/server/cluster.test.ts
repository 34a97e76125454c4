/** GET /cluster.json: what the page's #/cluster shows. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { CLUSTER_PATH, type ClusterView } from '#arena/protocol';
import { createServer, type ServerOptions } from './server.js';

const folder = mkdtempSync(join(tmpdir(), 'ludus-cluster-page-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function answers(cluster: ServerOptions['cluster'], times = 1): Promise<Response[]> {
  const server = await createServer({ port: 0, dataDir: folder, modelsDir: folder, webRoot: folder, ...(cluster === undefined ? {} : { cluster }) });
  try {
    return await Promise.all(Array.from({ length: times }, () => fetch(`${server.url}${CLUSTER_PATH}`)));
  } finally {
    await server.close();
  }
}

const view: ClusterView = {
  redis: 'redis://lab:6379', memory: { used: 1e6, limit: 0 }, works: [],
  workers: [{ id: '0123456789', threads: 4, device: 'cpu', uptime: 10, gamesPerSecond: 2.5, step: 100, failures: 0, lastFailure: null }],
};

// How often the cluster is asked, however many look, is in sparing.test.ts.
test('the cluster as it fares', async () => {
  const responses = await answers(() => Promise.resolve(view), 5);
  for (const response of responses) expect(await response.json()).toEqual(view);
  expect(responses[0].headers.get('cache-control')).toBe('no-store');
});

test('null where there is none; 503 while Redis is away', async () => {
  expect(await (await answers(undefined))[0].json()).toBeNull();
  expect((await answers(() => Promise.reject(new Error('away'))))[0].status).toBe(503);
});
