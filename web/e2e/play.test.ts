/** Whole games in a real browser against the real server: by mouse, by keyboard, by touch, after a reload, by two people. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { open } from './browser.js';
import { chromiumPath, launch, noChromium } from './chromium.js';
import { pretendRun, serve, smallAgents, type Served } from './server.js';

let browser: Browser;
let served: Served;

/** Starts a game against an agent of the catalogue and waits for its board. */
async function against(page: Page, game: string, agent: string): Promise<void> {
  await page.goto(`${served.url}/#/new/${game}?agent=${agent}`);
  await page.getByRole('button', { name: 'Play', exact: true }).click();
  await page.getByRole('grid').waitFor();
}

const status = (page: Page) => page.locator('.status-text');
const moves = (page: Page) => page.locator('.move-list li');

/** Plays until the game is over: `turn` makes one move of ours. Returns what the page says then. */
async function playOut(page: Page, turn: () => Promise<void>): Promise<string> {
  for (let i = 0; i < 30; i++) {
    await page.locator('.status-text:text-is("Your turn"), .status-text.over').waitFor();
    if (await page.locator('.status-text.over').count()) break;
    const before = await moves(page).count();
    await turn();
    await moves(page).nth(before).waitFor();
  }
  return (await status(page).textContent()) ?? '';
}

/** In a game of two people the button asks first, and forgets that it has asked when nobody answers for some seconds: then it is asked again. */
async function resign(page: Page): Promise<void> {
  const button = page.getByRole('button', { name: /^(Resign|Really resign\?)$/ });
  while (!(await page.locator('.status-text.over').isVisible())) await button.click({ timeout: 1000 }).catch(() => undefined);
}

describe.skipIf(chromiumPath === undefined)(chromiumPath === undefined ? noChromium : 'playing', () => {
  beforeAll(async () => {
    served = await serve({ agents: smallAgents(300), training: pretendRun(6) });
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await served?.close();
  });

  it('a first-time visitor is playing after one click, and the agent answers with its thoughts', async () => {
    const { page, context, errors } = await open(browser, served.url);
    await page.getByRole('button', { name: 'Play Connect Four' }).click();
    await page.getByRole('gridcell', { name: /row 1, column 4/ }).click();
    await moves(page).nth(1).waitFor();
    await page.locator('.status-text:text-is("Your turn")').waitFor();
    await expect.poll(() => page.locator('.moves-table tbody tr').count()).toBe(7);
    await expect.poll(() => page.locator('.moves-table thead').textContent()).toContain('Prior');
    await page.getByText('Expected line').waitFor();
    await expect.poll(() => page.getByTestId('announcer').textContent()).toMatch(/played \d\. Your turn\./);
    expect(errors).toEqual([]);
    await context.close();
  });

  it('a whole game of tic-tac-toe by mouse', async () => {
    const { page, context, errors } = await open(browser, served.url);
    await against(page, 'tic-tac-toe', 'random');
    const end = await playOut(page, () => page.getByRole('gridcell', { name: /: empty/ }).first().click());
    expect(end).toMatch(/^(You win|Random wins|A draw)$/);
    await expect.poll(() => page.getByTestId('announcer').textContent()).toContain(end);
    await page.getByRole('button', { name: 'Play again' }).click();
    await expect.poll(() => moves(page).count()).toBe(0);
    expect(errors).toEqual([]);
    await context.close();
  });

  it('a whole game of tic-tac-toe by keyboard alone: arrows and Enter', async () => {
    const { page, context, errors } = await open(browser, served.url);
    await against(page, 'tic-tac-toe', 'random');
    await page.getByRole('gridcell').nth(4).focus();
    const end = await playOut(page, async () => {
      // Home of the top row, then along the rows to the first empty cell.
      for (const key of ['ArrowUp', 'ArrowUp', 'Home']) await page.keyboard.press(key);
      for (let cell = 0; cell < 9; cell++) {
        if ((await page.locator(':focus').getAttribute('aria-label'))?.includes(': empty') === true) return page.keyboard.press('Enter');
        if (cell % 3 < 2) await page.keyboard.press('ArrowRight');
        else for (const key of ['ArrowDown', 'Home']) await page.keyboard.press(key);
      }
    });
    expect(end).toMatch(/^(You win|Random wins|A draw)$/);
    expect(errors).toEqual([]);
    await context.close();
  });

  it('digits play columns, take back and hint work, and history can be walked', async () => {
    const { page, context, errors } = await open(browser, served.url);
    await against(page, 'connect4', 'uct-100');
    await page.getByRole('gridcell').nth(38).focus();
    await page.keyboard.press('4');
    await moves(page).nth(1).waitFor();
    await page.getByRole('button', { name: 'One move back' }).click();
    await expect.poll(() => status(page).textContent()).toContain('after 1 of 2 moves');
    await page.getByRole('button', { name: 'Back to the game' }).click();
    await page.getByRole('button', { name: 'Take back' }).click();
    await expect.poll(() => moves(page).count()).toBe(0);
    await page.keyboard.press('Tab');
    await page.getByRole('button', { name: 'Hint' }).click();
    await page.locator('.picture .hint').waitFor();
    await page.getByRole('button', { name: 'Resign' }).click();
    await expect.poll(() => status(page).textContent()).toContain('you resigned');
    expect(errors).toEqual([]);
    await context.close();
  });

  it('by touch, on a phone', async () => {
    const { page, context, errors } = await open(browser, served.url, { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });
    await against(page, 'connect4', 'random');
    await page.getByRole('gridcell', { name: /row 3, column 2/ }).tap();
    await moves(page).nth(1).waitFor();
    expect(errors).toEqual([]);
    await context.close();
  });

  it('a reload goes on with the same game and seat', async () => {
    const { page, context } = await open(browser, served.url);
    await against(page, 'connect4', 'random');
    await page.getByRole('gridcell', { name: /row 1, column 1/ }).click();
    await moves(page).nth(1).waitFor();
    await page.reload();
    await moves(page).nth(1).waitFor();
    await page.locator('.status-text:text-is("Your turn")').waitFor();
    await page.getByRole('gridcell', { name: /row 1, column 1/ }).click();
    await moves(page).nth(3).waitFor();
    await context.close();
  });

  it('two people by a link: the second sits down, a third can only watch', async () => {
    const first = await open(browser, served.url);
    await first.page.goto(`${served.url}/#/new/tic-tac-toe`);
    await first.page.getByRole('radio', { name: /by link/ }).check();
    await first.page.getByRole('button', { name: 'Play', exact: true }).click();
    await first.page.getByRole('grid').waitFor();
    const second = await open(browser, first.page.url());
    await second.page.getByRole('button', { name: 'Sit down here' }).click();
    await first.page.locator('.status-text:text-is("Your turn")').waitFor();
    await first.page.getByRole('gridcell', { name: /row 2, column 2/ }).click();
    await second.page.locator('.status-text:text-is("Your turn")').waitFor();
    const third = await open(browser, first.page.url());
    await moves(third.page).first().waitFor();
    await expect.poll(() => third.page.getByRole('toolbar').count()).toBe(0);
    await expect.poll(() => third.page.getByRole('button', { name: 'Sit down here' }).count()).toBe(0);
    for (const { context } of [first, second, third]) await context.close();
  });

  it('two people: a draw is offered and declined, a takeback agreed, a rematch with sides swapped', async () => {
    const first = await open(browser, served.url);
    await first.page.goto(`${served.url}/#/new/tic-tac-toe`);
    await first.page.getByRole('radio', { name: /by link/ }).check();
    await first.page.getByRole('combobox', { name: /Clock/ }).selectOption('30+20');
    await first.page.getByRole('button', { name: 'Play', exact: true }).click();
    await first.page.getByRole('grid').waitFor();
    const second = await open(browser, first.page.url());
    await second.page.getByRole('button', { name: 'Sit down here' }).click();
    await first.page.locator('.status-text:text-is("Your turn")').waitFor();
    await expect.poll(() => first.page.getByRole('timer').count()).toBe(2);
    await first.page.getByRole('gridcell', { name: /row 1, column 1/ }).click();
    await second.page.locator('.status-text:text-is("Your turn")').waitFor();
    await second.page.getByRole('gridcell', { name: /row 2, column 2/ }).click();
    await first.page.locator('.status-text:text-is("Your turn")').waitFor();
    await first.page.getByRole('button', { name: 'Offer draw' }).click();
    await second.page.getByText('asks for a draw').waitFor();
    await second.page.getByRole('button', { name: 'Decline' }).click();
    await expect.poll(() => first.page.locator('.offer').count()).toBe(0);
    await second.page.getByRole('button', { name: 'Ask to take back' }).click();
    await first.page.getByRole('button', { name: 'Accept' }).click();
    await expect.poll(() => moves(first.page).count()).toBe(1);
    await resign(second.page);
    await first.page.locator('.status-text.over').waitFor();
    await first.page.getByRole('button', { name: 'Rematch, sides swapped' }).click();
    await second.page.getByRole('button', { name: 'Accept' }).click();
    await second.page.locator('.status-text:text-is("Your turn")').waitFor();
    await expect.poll(() => moves(first.page).count()).toBe(0);
    for (const { context, errors } of [first, second]) {
      expect(errors).toEqual([]);
      await context.close();
    }
  });

  it('after the game a review finds the worst move, and leads to it', async () => {
    const { page, context, errors } = await open(browser, served.url);
    await page.goto(`${served.url}/#/new/tic-tac-toe`);
    await page.getByRole('radio', { name: /A friend, here/ }).check();
    await page.getByRole('button', { name: 'Play', exact: true }).click();
    // O lets X complete the top row.
    for (const digit of ['1', '4', '2', '5', '3']) {
      await page.getByRole('gridcell').nth(8).focus();
      const before = await moves(page).count();
      await page.keyboard.press(digit);
      await moves(page).nth(before).waitFor();
    }
    await page.getByRole('button', { name: 'Review the game' }).click();
    const worst = page.locator('.worst button').first();
    await worst.waitFor();
    await expect.poll(() => page.locator('.review progress').count()).toBe(0);
    await expect.poll(() => worst.textContent()).toMatch(/a (win|draw) became a (draw|loss)/);
    await worst.click();
    await page.getByText(/^Looking at the position after/).waitFor();
    expect(errors).toEqual([]);
    await context.close();
  });

  it('a second window takes the seat, and gives it back', async () => {
    const { page, context } = await open(browser, served.url);
    await against(page, 'tic-tac-toe', 'random');
    await page.locator('.status-text:text-is("Your turn")').waitFor();
    const other = await context.newPage();
    await other.goto(page.url());
    await other.getByRole('grid').waitFor();
    await page.getByRole('button', { name: 'Play here' }).click();
    await page.getByRole('toolbar').waitFor();
    await other.getByRole('button', { name: 'Play here' }).waitFor();
    await page.getByRole('gridcell', { name: /row 2, column 2/ }).click();
    await moves(page).nth(1).waitFor();
    await context.close();
  });

  it('two people on one screen take turns', async () => {
    const { page, context } = await open(browser, served.url);
    await page.goto(`${served.url}/#/new/tic-tac-toe`);
    await page.getByRole('radio', { name: /A friend, here/ }).check();
    await page.getByRole('button', { name: 'Play', exact: true }).click();
    for (const digit of ['1', '4', '2', '5', '3']) {
      await page.getByRole('gridcell').nth(8).focus();
      const before = await moves(page).count();
      await page.keyboard.press(digit);
      await moves(page).nth(before).waitFor();
    }
    await expect.poll(() => status(page).textContent()).toBe('X wins');
    await expect.poll(() => page.locator('.picture .winner').count()).toBe(3);
    await context.close();
  });
});
