/** The page of the cluster in a real browser, of a server beside a real Redis: nobody there, a worker that joins, a worker that leaves. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { redisAddress, selfPlayKind, startWorker } from '#selfplay/cluster';
import { hasRedis, startRedis, type TestRedis } from '../../testing/redis.js';
import { open, seriousFindings, sidewaysScroll } from './browser.js';
import { chromiumPath, launch, noChromium } from './chromium.js';

const skipped = chromiumPath === undefined ? noChromium : 'the page of the cluster (needs redis-server)';

describe.skipIf(chromiumPath === undefined || !hasRedis)(skipped, () => {
  let browser: Browser;
  let redis: TestRedis;
  let server: ChildProcess;
  let url = '';
  let folder = '';

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ludus-cluster-page-'));
    redis = await startRedis();
    const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
    server = spawn(process.execPath, [main, 'start', '--game', 'tic-tac-toe', '--no-train', '--no-open', '--redis', redis.url, '--run', join(folder, 'run'), '--port', '0', '--json'], { stdio: ['ignore', 'pipe', 'inherit'] });
    // It says where it is once it serves; one that ends before has said why on stderr.
    for await (const line of createInterface({ input: server.stdout! })) {
      url = (JSON.parse(line) as { url: string }).url;
      break;
    }
    expect(url).toMatch(/^http:/);
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    if (server?.exitCode === null) {
      const ended = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGINT');
      await ended;
    }
    await redis?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('says how to begin, shows a worker that joins, and no longer one that has left', async () => {
    const { page, context, errors } = await open(browser, `${url}/#/cluster`);
    await page.getByRole('heading', { name: '0 workers' }).waitFor();
    await page.getByText('ludus worker --redis redis://HOST:6379').waitFor();
    expect(await seriousFindings(page)).toEqual([]);

    const worker = await startWorker({ address: redisAddress(redis.url, {}), version: '0.0.0-test', kinds: [selfPlayKind('0.0.0-test')], threads: 1, device: 'cpu' });
    try {
      await page.getByRole('heading', { name: '1 worker', exact: true }).waitFor();
      const row = page.getByRole('row', { name: new RegExp(`^${worker.id}`) });
      await expect.poll(async () => (await row.getByRole('cell').allTextContents()).slice(0, 2)).toEqual(['1', 'cpu']);
      await expect.poll(() => page.getByRole('columnheader').allTextContents()).toEqual(['Worker', 'Threads', 'Device', 'Games a second', 'Weights', 'Failures']);
      expect(await seriousFindings(page)).toEqual([]);
      const phone = await open(browser, `${url}/#/cluster`, { viewport: { width: 360, height: 740 }, colorScheme: 'dark' });
      await phone.page.getByRole('heading', { name: '1 worker', exact: true }).waitFor();
      await expect.poll(() => sidewaysScroll(phone.page)).toBeLessThanOrEqual(0);
      expect(await seriousFindings(phone.page)).toEqual([]);
      expect(phone.errors).toEqual([]);
      await phone.context.close();
    } finally {
      await worker.stop();
    }
    await page.getByRole('heading', { name: '0 workers' }).waitFor();
    expect(errors).toEqual([]);
    await context.close();
  });
});
