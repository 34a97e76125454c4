/** Pictures of every page: light and dark, desktop and phone. `node web/e2e/screenshots.mjs FOLDER [URL]`; look at each. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { launch } from './chromium.js';
import { playLedgers } from './ledgers.js';
import { pretendRun, serve, smallAgents } from './server.js';

const sizes = { desktop: { width: 1280, height: 860 }, phone: { width: 360, height: 740 } } as const;

async function playSome(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/#/new/connect4`);
  await page.getByRole('radio', { name: /The learner/ }).check();
  await page.getByRole('button', { name: 'Play' }).click();
  const board = page.getByRole('grid');
  for (const column of [4, 2, 6, 4, 1]) {
    await page.locator('.status-text:text-is("Your turn"), .status-text.over').waitFor();
    if (await page.locator('.status-text.over').count()) break;
    const before = await page.locator('.move-list li').count();
    await board.getByRole('gridcell').nth(38).focus();
    await page.keyboard.press(String(column));
    await page.locator('.move-list li').nth(before).waitFor();
  }
  await page.locator('.status-text:text-is("Your turn"), .status-text.over').waitFor();
  await page.waitForTimeout(900);
}

async function shoot(browser: Browser, url: string, folder: string): Promise<void> {
  for (const scheme of ['light', 'dark'] as const) {
    for (const [device, viewport] of Object.entries(sizes)) {
      const context = await browser.newContext({ viewport, colorScheme: scheme, deviceScaleFactor: 1 });
      const page = await context.newPage();
      page.on('pageerror', (error) => console.error(error));
      page.on('console', (message) => message.type() === 'error' && console.error(message.text()));
      const take = (name: string, fullPage = device === 'phone') => page.screenshot({ path: join(folder, `${name}-${device}-${scheme}.png`), fullPage });
      await page.goto(url);
      await page.getByRole('button', { name: /Play Connect Four/ }).waitFor();
      await take('home');
      await page.goto(`${url}/#/new/tic-tac-toe`);
      await page.getByRole('radio', { name: /Choose exactly/ }).check();
      await take('setup');
      await playSome(page, url);
      await take('play');
      await page.getByRole('radio', { name: 'Visits' }).check();
      const show = page.getByRole('button', { name: 'Show', exact: true });
      if (await show.isVisible()) await show.click();
      await take('thoughts');
      await shootChess(page, url, take);
      await shootReview(page, url, take);
      await shootTasks(page, url, take);
      await page.goto(`${url}/#/training`);
      await page.locator('.plot canvas').first().waitFor();
      await page.waitForTimeout(600);
      await take('training', true);
      await shootTournaments(page, url, take);
      await context.close();
    }
  }
}

/** Setting up, a promotion about to be chosen, and the agent's thoughts as arrows. */
export async function shootChess(page: Page, url: string, take: (name: string, fullPage?: boolean) => Promise<unknown>): Promise<void> {
  const square = (name: string) => page.getByRole('gridcell', { name: new RegExp(`^${name}:`) });
  await page.goto(`${url}/#/new/chess?agent=uct`);
  await page.getByRole('radio', { name: 'Set up' }).check();
  await page.getByRole('grid').waitFor();
  await take('chess-editor', true);
  await page.getByRole('radio', { name: 'FEN or PGN' }).check();
  await page.getByRole('textbox').fill('r3k2r/1P3ppp/2n1bn2/2bpp3/4P3/2NP1N2/PBPQ1PPP/R3KB1R w KQkq - 0 12');
  await take('chess-setup', true);
  await page.getByRole('button', { name: 'Play', exact: true }).click();
  await square('b7').click();
  await take('chess-targets');
  await square('a8').click();
  await page.getByRole('group', { name: 'Promote to' }).waitFor();
  await take('chess-promotion');
  await page.getByRole('button', { name: 'white queen' }).click();
  await page.locator('.status-text:text-is("Your turn")').waitFor();
  await page.getByRole('button', { name: 'One move back' }).click();
  await page.waitForTimeout(400);
  await page.evaluate('scrollTo(0, 0)');
  await take('chess-line');
  await page.getByRole('radio', { name: 'Visits' }).check();
  await page.waitForTimeout(200);
  await page.evaluate('scrollTo(0, 0)');
  await take('chess-thoughts');
}

/** A short game that one side throws away, reviewed, and its search laid open. */
async function shootReview(page: Page, url: string, take: (name: string, fullPage?: boolean) => Promise<unknown>): Promise<void> {
  await page.goto(`${url}/#/new/tic-tac-toe`);
  await page.getByRole('radio', { name: /A friend, here/ }).check();
  await page.getByRole('button', { name: 'Play', exact: true }).click();
  for (const digit of ['1', '4', '2', '5', '3']) {
    await page.getByRole('gridcell').nth(8).focus();
    const before = await page.locator('.move-list li').count();
    await page.keyboard.press(digit);
    await page.locator('.move-list li').nth(before).waitFor();
  }
  await page.getByRole('button', { name: 'Review the game' }).click();
  await page.locator('.worst button').first().waitFor();
  await page.getByRole('button', { name: /^Move 2/ }).click();
  await page.getByRole('button', { name: 'Ask' }).click();
  await page.getByText('Search tree').click();
  await page.locator('[role=treeitem]').first().click();
  await page.waitForTimeout(600);
  await take('review', true);
}

async function shootTasks(page: Page, url: string, take: (name: string, fullPage?: boolean) => Promise<unknown>): Promise<void> {
  for (const task of ['seaquest', 'cartpole']) {
    await page.goto(`${url}/#/task/${task}`);
    await page.locator('.screen').waitFor();
    await page.waitForTimeout(300);
    await take(`task-${task}`, true);
  }
  await page.getByRole('radio', { name: 'Random' }).check();
  await page.waitForTimeout(1500);
  await take('task-watched', true);
}

/** The list, then the first tournament of it and its newest game, then a sequential test where there is one. */
async function shootTournaments(page: Page, url: string, take: (name: string, fullPage?: boolean) => Promise<unknown>): Promise<void> {
  await page.goto(`${url}/#/tournaments`);
  await page.getByRole('heading', { level: 1, name: 'Tournaments' }).waitFor();
  await page.waitForTimeout(1200);
  await take('tournaments', true);
  const entries = page.locator('a.tournament-entry');
  if (await entries.count() === 0) return;
  await entries.first().click();
  await page.locator('.game-list a').first().waitFor();
  await take('tournament', true);
  await page.locator('.game-list a').first().click();
  await page.locator('.move-list li').first().waitFor();
  await take('replay', true);
  await page.goto(`${url}/#/tournaments`);
  const test = page.locator('a.tournament-entry', { hasText: 'SPRT' }).first();
  if (await test.count() === 0) return;
  await test.click();
  await page.locator('.gauge').waitFor();
  await page.locator('.game-list a').first().waitFor();
  await take('sprt', true);
}

/** Of the server at `url`, else of one of our own whose run only pretends. */
export async function main(folder: string, url?: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const ledgers = url === undefined ? await playLedgers({ name: 'Connect Four league', game: 'connect4', agents: ['random', 'uct:sims=10', 'uct:sims=40', 'uct:sims=160', { agent: 'remote:flaky', name: 'flaky' }] }) : undefined;
  ledgers?.playing();
  const served = url === undefined ? await serve({ agents: smallAgents(400), training: pretendRun(22, ledgers?.runDir), workDir: ledgers?.workDir }) : { url, close: async () => undefined };
  const browser = await launch();
  try {
    await shoot(browser, served.url, folder);
  } finally {
    await browser.close();
    await served.close();
    ledgers?.remove();
  }
}
