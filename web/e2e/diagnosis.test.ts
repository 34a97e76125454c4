/** What is wrong with a run, asked for in a real browser by keyboard, told to every page that looks on. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { observeRun } from '#arena/server';
import { createTaskTraining } from '#selfplay/tasks';
import { open, seriousFindings, sidewaysScroll, smallControls } from './browser.js';
import { chromiumPath, launch, noChromium } from './chromium.js';
import { serve, type Served } from './server.js';

describe.skipIf(chromiumPath === undefined)(chromiumPath === undefined ? noChromium : 'a diagnosis', () => {
  let browser: Browser;
  let served: Served;
  let workDir = '';
  beforeAll(async () => {
    workDir = mkdtempSync(join(tmpdir(), 'ludus-diagnosis-'));
    const training = await createTaskTraining({ runDir: join(workDir, 'runs', 'cliff'), game: 'cliff-walking', algorithm: 'qlearning', overrides: ['frames=5000'] });
    await training.run();
    await training.stop();
    served = await serve({ training: observeRun(training.runDir) });
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await served?.close();
    rmSync(workDir, { recursive: true, force: true });
  });

  it('by keyboard, each check with its verdict in words; the next page has it at once', async () => {
    const first = await open(browser, `${served.url}/#/training`);
    await first.page.getByRole('button', { name: 'Diagnose', exact: true }).focus();
    await first.page.keyboard.press('Enter');
    await first.page.locator('.findings li').first().waitFor();
    await first.page.getByRole('status').filter({ hasText: /checks? passed/ }).waitFor();
    const whole = first.page.locator('.findings li', { has: first.page.getByRole('heading', { name: 'Do the parts of the checkpoint agree?' }) });
    expect(await whole.locator('.verdict').textContent()).toBe('Pass');
    await expect.poll(() => whole.locator('dt').allTextContents()).toEqual(['Measured', 'Wanted']);
    expect(await seriousFindings(first.page)).toEqual([]);

    const { page, context, errors } = await open(browser, `${served.url}/#/training`, { viewport: { width: 360, height: 740 }, colorScheme: 'dark' });
    await page.locator('.findings li').first().waitFor();
    const verdicts = await first.page.locator('.findings .verdict').allTextContents();
    await expect.poll(() => page.locator('.findings .verdict').allTextContents()).toEqual(verdicts);
    await page.getByRole('button', { name: 'Diagnose again' }).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await expect.poll(() => sidewaysScroll(page)).toBeLessThanOrEqual(0);
    await expect.poll(() => smallControls(page, '.card header .button')).toEqual([]);
    expect([...errors, ...first.errors]).toEqual([]);
    await context.close();
    await first.context.close();
  });
});
