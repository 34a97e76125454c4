/** Graded opponents on the page: from the first second, with their measured ratings, two clicks from a game. */
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readStrengths } from '#arena';
import { open, seriousFindings, sidewaysScroll } from './browser.js';
import { chromiumPath, launch, noChromium } from './chromium.js';
import { serve, smallAgents, type Served } from './server.js';

const modelsDir = fileURLToPath(new URL('../../models', import.meta.url));

describe.skipIf(chromiumPath === undefined)(chromiumPath === undefined ? noChromium : 'graded opponents', () => {
  let browser: Browser;
  let served: Served;
  beforeAll(async () => {
    // No run: what a visitor finds before anything has been trained.
    served = await serve({ agents: smallAgents(20), modelsDir });
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await served?.close();
  });

  it.each(['connect4', 'tic-tac-toe'])('%s: every level with its rating, and a middling one chosen', async (game) => {
    const { page, context, errors } = await open(browser, `${served.url}/#/new/${game}`);
    const { levels } = readStrengths(`${modelsDir}/${game}`)!;
    for (const { name, rating } of levels) {
      const option = page.locator('.option', { has: page.getByRole('radio', { name: new RegExp(`^${name}`) }) });
      await option.waitFor();
      if (rating !== null) await expect.poll(() => option.textContent()).toContain(`${rating.elo} ± ${rating.error}`);
    }
    const middle = levels[(levels.length - 1) >> 1];
    await expect.poll(() => page.getByRole('radio', { name: new RegExp(`^${middle.name}`) }).isChecked()).toBe(true);
    expect(await seriousFindings(page)).toEqual([]);
    expect(errors).toEqual([]);
    await context.close();
  });

  it('two clicks from the opponents to a game with the strongest; one from the first page', async () => {
    const { page, context, errors } = await open(browser, `${served.url}/#/new/connect4`);
    await page.getByRole('radio', { name: /^Merciless/ }).check();
    await page.getByRole('button', { name: 'Play', exact: true }).click();
    await page.getByRole('grid').waitFor();
    await page.getByText('Merciless').first().waitFor();
    await page.getByRole('gridcell', { name: /row 1, column 4/ }).click();
    await page.locator('.move-list li').nth(1).waitFor();
    await page.goto(served.url);
    await page.getByRole('button', { name: 'Play Connect Four' }).click();
    await page.getByRole('grid').waitFor();
    expect(errors).toEqual([]);
    await context.close();
  });

  it('a narrow screen shows them without scrolling sideways', async () => {
    const { page, context } = await open(browser, `${served.url}/#/new/connect4`, { viewport: { width: 320, height: 700 } });
    await page.getByRole('radio', { name: /^Beginner/ }).waitFor();
    await expect.poll(() => sidewaysScroll(page)).toBeLessThanOrEqual(0);
    await context.close();
  });
});
