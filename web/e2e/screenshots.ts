/** Pictures of every page: light and dark, desktop and phone. `node web/e2e/screenshots.mjs FOLDER [URL] [--only play,chess]`; look at each. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { AgentPool } from '#arena';
import { launch } from './chromium.js';
import { playLedgers } from './ledgers.js';
import { muzeroRun, pretendCluster, taskRun, writeRun } from './runs.js';
import { pretendRun, serve, shippedModels, smallAgents } from './server.js';
import { exportPage } from './static-host.js';

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

type Take = (name: string, fullPage?: boolean) => Promise<unknown>;
type Section = (page: Page, url: string, take: Take) => Promise<void>;

async function shootHome(page: Page, url: string, take: Take): Promise<void> {
  await page.goto(url);
  await page.getByRole('button', { name: /Play Connect Four/ }).waitFor();
  await take('home');
  await page.goto(`${url}/#/new/tic-tac-toe`);
  await page.getByRole('radio', { name: /Choose exactly/ }).check();
  await take('setup');
}

async function shootPlay(page: Page, url: string, take: Take): Promise<void> {
  await playSome(page, url);
  await take('play');
  await page.getByRole('radio', { name: 'Visits' }).check();
  const show = page.getByRole('button', { name: 'Show', exact: true });
  if (await show.isVisible()) await show.click();
  await take('thoughts');
}

/** Two people with a clock, of whom one is gone. */
async function shootAway(page: Page, url: string, take: Take): Promise<void> {
  await page.goto(`${url}/#/new/connect4`);
  await page.getByRole('radio', { name: /by link/ }).check();
  await page.getByRole('combobox', { name: /Clock/ }).selectOption('3+2');
  await page.getByRole('button', { name: 'Play', exact: true }).click();
  await page.getByRole('grid').waitFor();
  await take('waiting');
  const friend = await page.context().browser()!.newContext();
  const other = await friend.newPage();
  await other.goto(page.url());
  await other.getByRole('button', { name: 'Sit down here' }).click();
  await page.locator('.status-text:text-is("Your turn")').waitFor();
  await page.getByRole('gridcell').nth(3).click();
  await other.locator('.status-text:text-is("Your turn")').waitFor();
  await friend.close();
  await page.locator('.away').waitFor();
  await take('away');
}

async function shootTraining(page: Page, url: string, take: Take): Promise<void> {
  await page.goto(`${url}/#/training`);
  await page.locator('.plot canvas').first().waitFor();
  await page.waitForTimeout(600);
  await take('training', true);
  const runs = page.getByRole('group', { name: 'Compare with other runs' }).getByRole('button');
  if (await runs.count() < 2) return;
  await runs.nth(0).click();
  await runs.nth(1).click();
  await page.getByRole('heading', { name: 'In what they differ' }).waitFor();
  await page.waitForTimeout(300);
  await take('training-compared', true);
}

async function shootTaskRun(page: Page, url: string, take: Take): Promise<void> {
  await page.goto(`${url}/#/training`);
  await page.locator('.plot canvas').first().waitFor();
  await page.waitForTimeout(600);
  await take('training-task', true);
}

/** A game against what MuZero learned, its dream laid open, and its training. */
async function shootMuZero(page: Page, url: string, take: Take): Promise<void> {
  await page.goto(`${url}/#/new/tic-tac-toe?agent=model:tic-tac-toe-muzero`);
  await page.getByRole('button', { name: 'Play', exact: true }).click();
  for (let turn = 0; turn < 2; turn++) {
    await page.locator('.status-text:text-is("Your turn")').waitFor();
    await page.getByRole('gridcell', { name: /: empty/ }).first().click();
    await page.locator('.move-list li').nth(2 * turn + 1).waitFor();
  }
  await page.getByRole('radio', { name: 'After search' }).check();
  await page.getByText('The model’s dream').click();
  await page.locator('.dream-plot').nth(1).waitFor();
  await page.getByText('As a table').click();
  await take('dream', true);
  await page.goto(`${url}/#/task/breakout`);
  await page.getByRole('radio', { name: 'Network' }).check();
  await page.getByRole('combobox', { name: 'Checkpoint' }).selectOption({ label: 'breakout muzero' });
  await page.getByText('The model’s dream').click();
  await page.getByRole('img', { name: /^Value by step, from 0 to 20/ }).waitFor();
  await page.getByRole('button', { name: 'Pause' }).click();
  await take('task-dream', true);
  await page.goto(`${url}/#/training`);
  await page.locator('.plot canvas').first().waitFor();
  await page.waitForTimeout(600);
  await take('training-muzero', true);
}

async function shootCluster(page: Page, url: string, take: Take): Promise<void> {
  await page.goto(`${url}/#/cluster`);
  await page.getByRole('heading', { level: 2 }).first().waitFor();
  await take('cluster', true);
}

/** The page without a server, which thinks by itself. */
async function shootExported(page: Page, url: string, take: Take): Promise<void> {
  await page.goto(url);
  await page.getByRole('button', { name: /^Play / }).first().waitFor();
  await take('exported', true);
  await page.getByRole('button', { name: /^Play / }).first().click();
  await page.getByRole('gridcell').nth(3).click();
  await page.locator('.move-list li').nth(1).waitFor();
  await page.locator('.status-text:text-is("Your turn")').waitFor();
  await take('exported-play');
}

/** Setting up, a promotion about to be chosen, and the agent's thoughts as arrows. */
async function shootChess(page: Page, url: string, take: Take): Promise<void> {
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
async function shootReview(page: Page, url: string, take: Take): Promise<void> {
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

async function shootTasks(page: Page, url: string, take: Take): Promise<void> {
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
async function shootTournaments(page: Page, url: string, take: Take): Promise<void> {
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

const sections: Readonly<Record<string, Section>> = { home: shootHome, play: shootPlay, away: shootAway, chess: shootChess, review: shootReview, tasks: shootTasks, training: shootTraining, tournaments: shootTournaments };

async function shoot(browser: Browser, url: string, folder: string, chosen: readonly Section[]): Promise<void> {
  if (chosen.length === 0) return;
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const [device, viewport] of Object.entries(sizes)) {
      const context = await browser.newContext({ viewport, colorScheme, deviceScaleFactor: 1 });
      const page = await context.newPage();
      page.on('pageerror', (error) => console.error(error));
      page.on('console', (message) => message.type() === 'error' && console.error(message.text()));
      for (const section of chosen) await section(page, url, (name, fullPage = device === 'phone') => page.screenshot({ path: join(folder, `${name}-${device}-${colorScheme}.png`), fullPage }));
      await context.close();
    }
  }
}

/** Of the server at `url`, else of our own, whose runs only pretend. `only`: names of sections. */
export async function main(folder: string, url?: string, only?: readonly string[]): Promise<void> {
  const chosen = (all: Readonly<Record<string, Section>>) => Object.entries(all).filter(([name]) => only === undefined || only.includes(name)).map(([, section]) => section);
  await mkdir(folder, { recursive: true });
  const browser = await launch();
  try {
    if (url !== undefined) return await shoot(browser, url, folder, chosen({ ...sections, muzero: shootMuZero }));
    const ledgers = await playLedgers({ name: 'Connect Four league', game: 'connect4', agents: ['random', 'uct:sims=10', 'uct:sims=40', 'uct:sims=160', { agent: 'remote:flaky', name: 'flaky' }] });
    ledgers.playing();
    writeRun(ledgers.workDir, 'more-simulations', 1.4, 64);
    writeRun(ledgers.workDir, 'fewer-simulations', 0.5, 8);
    const whole = await serve({ agents: smallAgents(400), training: pretendRun(22, ledgers.runDir), workDir: ledgers.workDir });
    await shoot(browser, whole.url, folder, chosen(sections));
    await whole.close();
    const task = await serve({ training: taskRun(ledgers.workDir), cluster: async () => pretendCluster });
    await shoot(browser, task.url, folder, chosen({ 'task-run': shootTaskRun, cluster: shootCluster }));
    await task.close();
    const muzero = await serve({ agents: new AgentPool(), training: muzeroRun(ledgers.workDir), modelsDir: shippedModels });
    await shoot(browser, muzero.url, folder, chosen({ muzero: shootMuZero }));
    await muzero.close();
    ledgers.remove();
    if (chosen({ exported: shootExported }).length > 0) {
      const exported = await exportPage('--game', 'connect4', '--agent', 'az:models/connect4,sims=50', '--no-levels');
      await shoot(browser, exported.url, folder, [shootExported]);
      await exported.close();
    }
  } finally {
    await browser.close();
  }
}
