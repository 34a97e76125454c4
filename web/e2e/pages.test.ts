/** The training page, a lost connection, and what holds on every page: accessibility and phones. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../testing/ports.js';
import { open, seriousFindings, sidewaysScroll, smallControls } from './browser.js';
import { chromiumPath, launch, noChromium } from './chromium.js';
import { writeRun } from './runs.js';
import { pretendRun, serve, smallAgents, type Served } from './server.js';

let browser: Browser;
let served: Served;
const run = pretendRun(6);

describe.skipIf(chromiumPath === undefined)(chromiumPath === undefined ? noChromium : 'the pages', () => {
  beforeAll(async () => {
    served = await serve({ agents: smallAgents(100), training: run });
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await served?.close();
  });

  it('training: numbers, plots, a live game and checkpoints to play', async () => {
    const { page, context, errors } = await open(browser, `${served.url}/#/training`);
    await page.locator('.plot canvas').nth(4).waitFor();
    await expect.poll(() => page.locator('.plot').count()).toBeGreaterThanOrEqual(6);
    await page.getByRole('heading', { name: 'Rating by checkpoint' }).waitFor();
    await page.locator('.live .disc').nth(10).waitFor();
    run.tell({ kind: 'board', board: { gameNumber: 9, game: 'connect4', setup: null, actions: [0], values: [0], returns: null } });
    await page.locator('.live').getByText('game 9').waitFor();
    await expect.poll(() => page.getByRole('link', { name: /^Play this checkpoint/ }).count()).toBe(3);
    await page.getByRole('heading', { name: 'Settings of this run' }).waitFor();
    await page.getByRole('button', { name: 'Pause training' }).click();
    await page.getByRole('button', { name: 'Resume training' }).click();
    await page.getByRole('button', { name: 'Pause training' }).waitFor();
    expect(errors).toEqual([]);
    await context.close();
  });

  it('training: two more runs laid over this one, and in what they differ', async () => {
    const workDir = mkdtempSync(join(tmpdir(), 'ludus-runs-'));
    writeRun(workDir, 'strong-search', 1.4, 64, 3);
    writeRun(workDir, 'weak-search', 0.5, 8, 3);
    const several = await serve({ training: pretendRun(3), workDir });
    const { page, context, errors } = await open(browser, `${several.url}/#/training`);
    const losses = page.locator('.plot', { hasText: 'How far the network is from what it is taught' });
    await losses.locator('canvas').waitFor();
    const compare = page.getByRole('group', { name: 'Compare with other runs' });
    await compare.getByRole('button', { name: 'strong-search' }).click();
    await compare.getByRole('button', { name: 'weak-search' }).click();
    await page.getByRole('heading', { name: 'In what they differ' }).waitFor();
    const simulations = page.locator('.differences tr', { hasText: 'search.simulations' });
    await expect.poll(() => simulations.locator('td').allTextContents()).toEqual(['32', '64', '8']);
    for (const label of ['strong-search: policy', 'weak-search: value']) await losses.getByText(label).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await compare.getByRole('button', { name: 'weak-search' }).click();
    await expect.poll(() => simulations.locator('td').count()).toBe(2);
    await expect.poll(() => losses.getByText('weak-search').count()).toBe(0);
    expect(errors).toEqual([]);
    await context.close();
    await several.close();
    rmSync(workDir, { recursive: true, force: true });
  });

  it('without a run the training page says how to start one', async () => {
    const bare = await serve();
    const { page, context } = await open(browser, `${bare.url}/#/training`);
    await page.getByRole('heading', { name: 'No training run yet' }).waitFor();
    await context.close();
    await bare.close();
  });

  it('a lost connection is said, and mended by itself', async () => {
    const port = await freePort();
    const fragile = await serve({ port });
    const { page, context } = await open(browser, fragile.url);
    await page.getByRole('button', { name: 'Play Connect Four' }).waitFor();
    await fragile.close();
    await page.getByText('The connection to the server is lost').waitFor();
    const again = await serve({ port });
    // The page may have come back by itself before anybody asks it to.
    await page.getByRole('button', { name: 'Try now' }).click({ timeout: 2000 }).catch(() => undefined);
    await page.locator('.connection.open').waitFor();
    await expect.poll(() => page.locator('.banner').count()).toBe(0);
    await context.close();
    await again.close();
  });

  it('a game that is gone is said in plain words', async () => {
    const { page, context } = await open(browser, `${served.url}/#/room/nosuchroom`);
    await page.getByRole('heading', { name: 'This game is no longer here' }).waitFor();
    await context.close();
  });

  /** Each with what is there once it is; the heading of the page before must not be taken for it. */
  const headings: Readonly<Record<string, string | RegExp>> = { '#/': /^It learns/, '#/new/connect4': 'Connect Four', '#/new/tic-tac-toe?agent=random': 'Tic-tac-toe' };
  const places = [...Object.keys(headings), '#/training', 'game'];

  it.each(places.flatMap((place) => (['light', 'dark'] as const).map((scheme) => [place, scheme] as const)))('%s in %s: axe-core finds nothing serious', async (place, scheme) => {
    const { page, context } = await open(browser, served.url, { colorScheme: scheme, reducedMotion: 'reduce' });
    await visit(page, place);
    expect(await seriousFindings(page)).toEqual([]);
    await context.close();
  });

  it.each(places)('%s fits a phone of 360 × 740 without scrolling sideways, and its controls are big enough', async (place) => {
    const { page, context } = await open(browser, served.url, { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });
    await visit(page, place);
    await expect.poll(() => sidewaysScroll(page)).toBe(0);
    await expect.poll(() => smallControls(page, 'button, select, .button, .segments label, .nav a, .board .cell')).toEqual([]);
    await context.close();
  });

  async function visit(page: Awaited<ReturnType<typeof open>>['page'], place: string): Promise<void> {
    await page.locator('.connection.open').waitFor();
    if (place === 'game') {
      await page.getByRole('button', { name: 'Play Connect Four' }).click();
      await page.getByRole('gridcell', { name: /row 1, column 4/ }).click();
      await page.locator('.moves-table').waitFor();
      await page.locator('.move-list li').nth(1).waitFor();
    } else {
      await page.goto(`${served.url}/${place}`);
      await (place === '#/training' ? page.locator('.plot canvas').first() : page.getByRole('heading', { level: 1, name: headings[place] })).waitFor();
    }
  }
});
