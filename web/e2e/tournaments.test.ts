/** The pages about tournaments, of real ledgers, in a real browser against the real server. */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { open, seriousFindings, sidewaysScroll, smallControls } from './browser.js';
import { chromiumPath, launch, noChromium } from './chromium.js';
import { playLedgers, type Ledgers } from './ledgers.js';
import { pretendRun, serve, smallAgents, type Served } from './server.js';

let browser: Browser;
let served: Served;
let ledgers: Ledgers;

describe.skipIf(chromiumPath === undefined)(chromiumPath === undefined ? noChromium : 'tournaments', () => {
  beforeAll(async () => {
    ledgers = await playLedgers();
    served = await serve({ agents: smallAgents(50), training: pretendRun(2, ledgers.runDir), workDir: ledgers.workDir });
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await served?.close();
    ledgers?.remove();
  });

  async function openLeague(page: Page): Promise<void> {
    await page.getByRole('link', { name: 'Tournaments', exact: true }).click();
    await page.getByRole('link', { name: /Evening league/ }).click();
    await page.getByRole('heading', { level: 1, name: 'Evening league' }).waitFor();
  }

  it('lead from the list to the crosstable to a replay, each one click away', async () => {
    const { page, context, errors } = await open(browser, served.url);
    await openLeague(page);
    await expect.poll(() => page.locator('.standing tbody tr').count()).toBe(5);
    await expect.poll(() => page.locator('.standing tbody th').first().textContent()).toBe('solver');
    await expect.poll(() => page.locator('.rating-row .dot').count()).toBeGreaterThan(2);
    await expect.poll(() => page.locator('.faults').textContent()).toContain('its process ended with code 139');
    await expect.poll(() => page.locator('.crosstable .meeting').count()).toBe(20);

    await page.getByRole('button', { name: /^solver against random/ }).click();
    await page.getByRole('heading', { name: 'solver against random' }).waitFor();
    await page.locator('.game-list li').first().waitFor();
    await expect.poll(() => page.locator('.game-list li').count()).toBe(24);
    await expect.poll(() => page.getByRole('combobox', { name: 'Of' }).inputValue()).toBe('solver');

    await page.locator('.game-list a').last().click();
    await page.locator('.picture').waitFor();
    const plies = await page.locator('.move-list li').count();
    await expect.poll(() => page.locator('.picture .mark').count()).toBe(plies);
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => page.locator('.picture .mark').count()).toBe(plies - 1);
    await page.keyboard.press('Home');
    await expect.poll(() => page.locator('.picture .mark').count()).toBe(0);
    await page.getByRole('button', { name: 'One move on' }).click();
    await page.getByRole('button', { name: /^Move 2/ }).click();
    await expect.poll(() => page.locator('.picture .mark').count()).toBe(2);
    const heading = await page.getByRole('heading', { level: 1 }).textContent();
    await page.getByRole('link', { name: 'The other game of this pair' }).click();
    await expect.poll(() => page.getByRole('heading', { level: 1 }).textContent()).not.toBe(heading);
    await page.getByRole('link', { name: 'The tournament', exact: true }).click();
    await page.getByRole('heading', { name: 'Crosstable' }).waitFor();
    expect(errors).toEqual([]);
    await context.close();
  });

  it('grow while one looks', async () => {
    const [head, ...played] = readFileSync(ledgers.league, 'utf8').trimEnd().split('\n');
    // Pair after pair, so that every second line completes one.
    const pairOf = (line: string) => (JSON.parse(line) as { pair: number }).pair;
    const lines = [head, ...played.sort((a, b) => pairOf(a) - pairOf(b))];
    const growing = join(ledgers.workDir, 'tournaments', 'growing.jsonl');
    writeFileSync(growing, `${lines.slice(0, 41).join('\n').replace('Evening league', 'Growing')}\n`);
    const { page, context, errors } = await open(browser, `${served.url}/#/tournaments`);
    await page.getByRole('link', { name: /Growing.*40 games/ }).click();
    const games = page.locator('.stat', { hasText: 'Games' }).first();
    await games.getByText('20 pairs').waitFor();
    await page.getByRole('button', { name: 'Older games' }).click();
    await page.locator('.game-list li').nth(39).waitFor();
    appendFileSync(growing, `${lines.slice(41, 45).join('\n')}\n`);
    await games.getByText('22 pairs').waitFor();
    await page.locator('#games-title + *').getByText('44 games').waitFor();
    await page.getByRole('button', { name: 'Show 4 new games' }).click();
    await expect.poll(() => page.locator('.game-list li').count()).toBe(24);
    appendFileSync(growing, `${lines.slice(45, 47).join('\n')}\n`);
    await page.locator('#games-title + *').getByText('46 games').waitFor();
    expect(errors).toEqual([]);
    await context.close();
  });

  it('games of chess are replayed on a board', async () => {
    await ledgers.play('tournaments/chess.jsonl', { name: 'Chess by chance', game: 'chess', agents: ['random', { agent: 'random', name: 'other' }], pairs: 1, adjudication: { maxPlies: 20 } });
    const { page, context, errors } = await open(browser, `${served.url}/#/tournaments`);
    await page.getByRole('link', { name: /Chess by chance/ }).click();
    await page.locator('.game-list a').first().click();
    await page.locator('.chess-picture .man').nth(20).waitFor();
    await page.getByRole('button', { name: 'First position' }).click();
    await expect.poll(() => page.locator('.man').count()).toBe(32);
    await page.getByRole('button', { name: 'One move on' }).click();
    await expect.poll(() => page.locator('.square-last').count()).toBe(2);
    expect(await seriousFindings(page)).toEqual([]);
    expect(errors).toEqual([]);
    await context.close();
  });

  it('an SPRT shows its ratio between its bounds', async () => {
    const { page, context } = await open(browser, `${served.url}/#/tournaments`);
    await page.getByRole('link', { name: /exploration/ }).click();
    const meter = page.getByRole('meter', { name: 'Log-likelihood ratio' });
    await meter.waitFor();
    const [low, now, high] = await Promise.all(['aria-valuemin', 'aria-valuenow', 'aria-valuemax'].map(async (name) => Number(await meter.getAttribute(name))));
    expect([low, high]).toEqual([-2.94, 2.94]);
    expect(now).toBeGreaterThanOrEqual(low);
    expect(now).toBeLessThanOrEqual(high);
    await expect.poll(() => page.locator('.pair-cells > div').count()).toBe(6);
    await context.close();
  });

  it('the run shows its standing rating list, and leads to its games', async () => {
    const { page, context, errors } = await open(browser, `${served.url}/#/training`);
    await page.getByRole('heading', { name: 'Standing rating list' }).waitFor();
    await page.getByRole('link', { name: /^newest/ }).click();
    await page.getByRole('heading', { level: 1, name: 'newest' }).waitFor();
    await page.getByText('run mine').waitFor();
    expect(errors).toEqual([]);
    await context.close();
  });

  it('without any, the page says which command starts one', async () => {
    const bare = await serve();
    const { page, context } = await open(browser, `${bare.url}/#/tournaments`);
    await page.getByRole('heading', { name: 'None yet' }).waitFor();
    await page.getByText('ludus tournament --game connect4').waitFor();
    await page.goto(`${bare.url}/#/tournaments/nothing-00000000`);
    await page.getByRole('heading', { name: 'This tournament cannot be shown' }).waitFor();
    await context.close();
    await bare.close();
  });

  const places = ['list', 'league', 'test', 'replay'] as const;

  async function visit(page: Page, place: (typeof places)[number]): Promise<void> {
    await page.locator('.connection.open').waitFor();
    if (place === 'league' || place === 'replay') await openLeague(page);
    else await page.getByRole('link', { name: 'Tournaments', exact: true }).click();
    if (place === 'test') await page.getByRole('link', { name: /exploration/ }).click();
    await (place === 'list' ? page.locator('.tournament-entry') : page.locator('.game-list a')).first().waitFor();
    if (place !== 'replay') return;
    await page.locator('.game-list a').first().click();
    await page.locator('.move-list li').first().waitFor();
  }

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
    await expect.poll(() => smallControls(page, 'button, select, .button, .nav a, .game-list a, .back')).toEqual([]);
    await context.close();
  });
});
