/** A model that has learned its game, in a real browser: its dream beside what came, its policy before and after the search, its losses. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AgentPool } from '#arena';
import { open, seriousFindings, sidewaysScroll } from './browser.js';
import { chromiumPath, launch, noChromium } from './chromium.js';
import { muzeroRun } from './runs.js';
import { serve, shippedModels, type Served } from './server.js';

let browser: Browser;
let served: Served;
let workDir: string;

const cells = (page: Page, column: number) => page.locator(`.dream-table tbody tr > :nth-child(${column})`).allTextContents();

describe.skipIf(chromiumPath === undefined)(chromiumPath === undefined ? noChromium : 'a learned model', () => {
  beforeAll(async () => {
    workDir = mkdtempSync(join(tmpdir(), 'ludus-muzero-'));
    served = await serve({ agents: new AgentPool(), training: muzeroRun(workDir), modelsDir: shippedModels });
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await served?.close();
    rmSync(workDir, { recursive: true, force: true });
  });

  it.each([['wide and light', 1100, 'light'], ['narrow and dark', 360, 'dark']] as const)('dreams of the moves that were played; %s', async (_, width, colorScheme) => {
    const { page, context, errors } = await open(browser, `${served.url}/#/new/tic-tac-toe?agent=model:tic-tac-toe-muzero`, { viewport: { width, height: 860 }, colorScheme });
    await page.getByRole('button', { name: 'Play', exact: true }).click();
    await page.getByRole('gridcell').nth(0).click();
    await page.locator('.move-list li').nth(1).waitFor();
    await page.locator('.status-text:text-is("Your turn")').waitFor();

    const table = page.locator('.moves-table');
    for (const column of ['Prior', 'Visits', 'After search']) await table.getByRole('columnheader', { name: column }).waitFor();
    await page.getByRole('radio', { name: 'After search' }).check();
    await expect.poll(() => page.getByRole('radio', { name: 'After search' }).isChecked()).toBe(true);

    // By keyboard: the fold is a summary like any other.
    await page.getByText('The model’s dream').focus();
    await page.keyboard.press('Enter');
    await page.getByRole('img', { name: /^Value by step, from 0 to 2: imagined/ }).waitFor();
    await page.getByRole('img', { name: /^Reward by step, from 1 to 2: imagined/ }).waitFor();
    await page.getByText('As a table').click();
    await expect.poll(() => cells(page, 1)).toEqual(['0', '1', '2']);
    const values = (await cells(page, 3)).map((text) => Number(text.replace('−', '-')));
    expect(values.every((value) => Math.abs(value) <= 1)).toBe(true);
    // At its start nothing is imagined yet: both are what the network sees.
    expect((await cells(page, 3))[0]).toBe((await cells(page, 4))[0]);
    await expect.poll(() => cells(page, 6)).toEqual(['', '0.00', '0.00']);

    expect(await seriousFindings(page)).toEqual([]);
    await expect.poll(() => sidewaysScroll(page)).toBeLessThanOrEqual(0);
    expect(errors).toEqual([]);
    await context.close();
  });

  it.each([['wide and light', 1100, 'light'], ['narrow and dark', 360, 'dark']] as const)('dreams of the steps of a task as one watches it play; %s', async (_, width, colorScheme) => {
    const { page, context, errors } = await open(browser, `${served.url}/#/task/cartpole`, { viewport: { width, height: 860 }, colorScheme });
    await page.getByRole('radio', { name: 'Network' }).check();
    await page.getByRole('combobox', { name: 'Checkpoint' }).selectOption({ label: 'cartpole muzero' });
    await page.getByText('The model’s dream').focus();
    await page.keyboard.press('Enter');
    // The rewards of CartPole are 1, whatever happens: a model that has learned it imagines that.
    await page.getByRole('img', { name: /^Reward by step, from 1 to 20: imagined \+(0\.9|1\.0)\d at first and \+(0\.9|1\.0)\d in the end, really \+1\.00 and \+1\.00/ }).waitFor();
    // Whoever looks back is not carried on.
    await page.getByRole('slider', { name: 'Step of the episode' }).fill('3');
    await page.getByText(/saw step 3, then imagined the \d+ steps/).waitFor();
    await page.getByText('As a table').click();
    await expect.poll(async () => (await cells(page, 3))[0]).toBe((await cells(page, 4))[0]);
    expect(await seriousFindings(page)).toEqual([]);
    await expect.poll(() => sidewaysScroll(page)).toBeLessThanOrEqual(0);
    expect(errors).toEqual([]);
    await context.close();
  });

  it('the training page says how strong its checkpoints are', async () => {
    const { page, context, errors } = await open(browser, `${served.url}/#/training`);
    await page.getByRole('img', { name: /^Rating by checkpoint: latest rating \+59\d/ }).waitFor();
    await page.getByRole('img', { name: /^Moves that keep the result: latest keeps the result 99\.\d %/ }).waitFor();
    await page.getByRole('heading', { name: 'Result for who begins' }).waitFor();
    await page.locator('.stat', { hasText: 'Rating' }).getByText(/^\+59\d/).waitFor();
    const newest = page.locator('.checkpoints tbody tr').first();
    await newest.getByText(/^\+59\d ± \d+$/).waitFor();
    expect(errors).toEqual([]);
    await context.close();
  });

  it('the training page draws the losses of each unrolled step', async () => {
    const { page, context, errors } = await open(browser, `${served.url}/#/training`);
    for (const [title, from] of [['Policy', 0], ['Value', 0], ['Reward', 1]] as const) {
      const plot = page.locator('.plot', { has: page.getByRole('heading', { name: `${title} loss, step by step` }) });
      await plot.locator('canvas').waitFor();
      const labels = Array.from({ length: 4 - from }, (_, i) => (i + from === 1 ? '1 step' : `${i + from} steps`));
      for (const label of labels) await plot.locator('.plot-values span', { hasText: label }).waitFor();
    }
    expect(await seriousFindings(page)).toEqual([]);
    expect(errors).toEqual([]);
    await context.close();
  });
});
