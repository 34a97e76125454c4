/** The page of `ludus report` in Chromium, opened from the disk: no request leaves it, its games step, it reads on a phone. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PATIENCE, open, seriousFindings, sidewaysScroll, smallControls } from './browser.js';
import { chromiumPath, launch, noChromium } from './chromium.js';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
let work: string;
let browser: Browser;

function ludus(...args: string[]): void {
  const { status, stderr } = spawnSync(process.execPath, [main, ...args], { cwd: work, encoding: 'utf8' });
  // A diagnosis of so short a run may find anything; the report is written all the same.
  if (status !== 0) throw new Error(`ludus ${args.join(' ')} ended with ${status}: ${stderr}`);
}

describe.skipIf(chromiumPath === undefined)(chromiumPath === undefined ? noChromium : 'the report of a run', () => {
  beforeAll(async () => {
    work = mkdtempSync(join(tmpdir(), 'ludus-report-'));
    ludus('train', 'connect4', '--run', 'four', '--games', '40', '--no-evaluate', '--json', ...['network.channels=8', 'network.blocks=1', 'search.simulations=4', 'actors.games=8', 'learner.minimum=64', 'learner.batch=32'].flatMap((text) => ['--set', text]));
    ludus('report', 'four', '--diagnose', '--out', 'report.html', '--json');
    browser = await launch();
  }, 600_000);
  afterAll(async () => {
    await browser?.close();
    rmSync(work, { recursive: true, force: true });
  });

  it.each(['light', 'dark'] as const)('%s: whole by itself, its games by keyboard and by hand', async (colorScheme) => {
    const url = pathToFileURL(join(work, 'report.html')).href;
    expect(statSync(join(work, 'report.html')).size).toBeLessThan(2e6);
    const context = await browser.newContext({ viewport: { width: 390, height: 800 }, colorScheme });
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE);
    const requests: string[] = [];
    const errors: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    await page.goto(url);
    const said = page.locator('#said');
    await expect.poll(() => said.textContent()).toMatch(/^Start of the game, \d+ moves$/);
    await page.locator('#viewer').focus();
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => said.textContent()).toMatch(/^Move 1 of \d+, seat 1: [1-7]/);
    await expect.poll(() => page.locator('#board circle.seat0').count()).toBe(1);
    await page.getByRole('button', { name: 'Next' }).click();
    await expect.poll(() => page.locator('#board circle.seat1').count()).toBe(1);
    await page.keyboard.press('End');
    await expect.poll(() => said.textContent()).toMatch(/has won\.$|A draw\.$/);
    await expect.poll(() => page.getByRole('button', { name: 'Next' }).isDisabled()).toBe(true);
    await page.keyboard.press('Home');
    await expect.poll(() => page.locator('#board circle.new').count()).toBe(0);
    await page.getByLabel('Game', { exact: true }).selectOption({ index: 9 });
    await expect.poll(() => said.textContent()).toMatch(/^Start of the game/);
    await page.getByRole('heading', { name: /Diagnosis at step/ }).waitFor();
    await page.locator('figure details summary').first().click();
    await page.locator('figure table').first().waitFor();
    await expect.poll(() => sidewaysScroll(page)).toBe(0);
    await expect.poll(() => smallControls(page, 'button, select, summary')).toEqual([]);
    expect(requests).toEqual([url]);
    expect(errors).toEqual([]);
    // The page's own policy allows the checker no further script: it is asked in a page without one.
    await context.close();
    const free = await open(browser, url, { colorScheme, bypassCSP: true });
    expect(await seriousFindings(free.page)).toEqual([]);
    await free.context.close();
  });
});
