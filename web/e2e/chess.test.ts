/** Chess in a real browser against the real server: by mouse, by keyboard, by touch; promotion, positions, PGN. */
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { open, seriousFindings, sidewaysScroll, smallControls } from './browser.js';
import { chromiumPath, launch, noChromium } from './chromium.js';
import { serve, smallAgents, type Served } from './server.js';

let browser: Browser;
let served: Served;

const square = (page: Page, name: string) => page.getByRole('gridcell', { name: new RegExp(`^${name}:`) });
const moves = (page: Page) => page.locator('.move-list li');
const status = (page: Page) => page.locator('.status-text');
const accessible = (page: Page, name: string) => square(page, name).getAttribute('aria-label');

/** Opens the set-up page, chooses who plays, and brings a position where one is given. */
async function begin(page: Page, who: RegExp, text?: string): Promise<void> {
  await page.goto(`${served.url}/#/new/chess`);
  await page.getByRole('radio', { name: who }).check();
  if (text !== undefined) {
    await page.getByRole('radio', { name: 'FEN or PGN' }).check();
    await page.getByRole('textbox').fill(text);
  }
  await page.getByRole('button', { name: 'Play', exact: true }).click();
  await page.getByRole('grid', { name: /Chess board/ }).waitFor();
}

async function click(page: Page, from: string, to: string): Promise<void> {
  const before = await moves(page).count();
  await square(page, from).click();
  await square(page, to).click();
  await moves(page).nth(before).waitFor();
}

async function drag(page: Page, from: string, to: string): Promise<void> {
  const before = await moves(page).count();
  const [a, b] = [await square(page, from).boundingBox(), await square(page, to).boundingBox()];
  if (a === null || b === null) throw new Error('a square is not on the screen');
  await page.mouse.move(a.x + a.width / 2, a.y + a.height / 2);
  await page.mouse.down();
  await page.mouse.move(b.x + b.width / 3, b.y + b.height / 3, { steps: 4 });
  await page.locator('.dragged').waitFor();
  await page.mouse.move(b.x + b.width / 2, b.y + b.height / 2);
  await page.mouse.up();
  await moves(page).nth(before).waitFor();
}

/** From where the focus is to the square, and Enter. */
async function keyTo(page: Page, target: string): Promise<void> {
  const at = (await page.locator(':focus').getAttribute('aria-label'))?.slice(0, 2) ?? '';
  const files = target.charCodeAt(0) - at.charCodeAt(0);
  const ranks = Number(target[1]) - Number(at[1]);
  for (let i = 0; i < Math.abs(files); i++) await page.keyboard.press(files > 0 ? 'ArrowRight' : 'ArrowLeft');
  for (let i = 0; i < Math.abs(ranks); i++) await page.keyboard.press(ranks > 0 ? 'ArrowUp' : 'ArrowDown');
  await page.keyboard.press('Enter');
}

describe.skipIf(chromiumPath === undefined)(chromiumPath === undefined ? noChromium : 'chess', () => {
  beforeAll(async () => {
    served = await serve({ agents: smallAgents(30) });
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await served?.close();
  });

  it('a whole game by mouse, dragged and clicked: the fool\'s mate, and its PGN', async () => {
    const { page, context, errors } = await open(browser, served.url);
    await begin(page, /A friend, here/);
    await expect.poll(() => accessible(page, 'e2')).toBe('e2: white pawn, can move');
    await square(page, 'f2').click();
    await expect.poll(() => accessible(page, 'f4')).toBe('f4: empty, Enter plays f4');
    await expect.poll(() => page.locator('.target').count()).toBe(2);
    await square(page, 'f3').click();
    await moves(page).nth(0).waitFor();
    await drag(page, 'e7', 'e5');
    // Somewhere it may not go: it stays.
    const box = await square(page, 'g2').boundingBox();
    await page.mouse.move(box!.x + 10, box!.y + 10);
    await page.mouse.down();
    await page.mouse.move(box!.x - 150, box!.y - 60, { steps: 3 });
    await page.mouse.up();
    await expect.poll(() => moves(page).count()).toBe(2);
    await click(page, 'g2', 'g4');
    await drag(page, 'd8', 'h4');
    await page.locator('.status-text.over').waitFor();
    await expect.poll(() => status(page).textContent()).toMatch(/Black wins/);
    await expect.poll(() => accessible(page, 'e1')).toBe('e1: white king, in check');
    await expect.poll(() => page.locator('.move-list').textContent()).toMatch(/1\..*f3.*e5.*2\..*g4.*Qh4#/s);
    await page.getByText('checkmate').waitFor();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save PGN' }).click();
    const pgn = readFileSync(await (await download).path(), 'utf8');
    expect(pgn).toContain('1. f3 e5 2. g4 Qh4# 0-1');
    expect(await seriousFindings(page)).toEqual([]);
    expect(errors).toEqual([]);
    await context.close();
  });

  it('a whole game by keyboard alone: the scholar\'s mate', async () => {
    const { page, context, errors } = await open(browser, served.url);
    await begin(page, /A friend, here/);
    await square(page, 'e2').focus();
    for (const [i, move] of ['e2e4', 'e7e5', 'd1h5', 'b8c6', 'f1c4', 'g8f6', 'h5f7'].entries()) {
      await keyTo(page, move.slice(0, 2));
      await expect.poll(() => square(page, move.slice(0, 2)).getAttribute('aria-selected')).toBe('true');
      if (i === 0) {
        await page.keyboard.press('Escape');
        await expect.poll(() => page.locator('[aria-selected="true"]').count()).toBe(0);
        await page.keyboard.press('Enter');
      }
      await keyTo(page, move.slice(2));
      await moves(page).nth(i).waitFor();
    }
    await page.locator('.status-text.over').waitFor();
    await expect.poll(() => moves(page).last().textContent()).toContain('Qxf7#');
    await expect.poll(() => page.getByTestId('announcer').textContent()).toMatch(/Qxf7#.*White wins/);
    expect(errors).toEqual([]);
    await context.close();
  });

  it('a position by FEN, a promotion with its choice, and what the agent thought as arrows', async () => {
    const { page, context, errors } = await open(browser, served.url);
    await page.goto(`${served.url}/#/new/chess`);
    await page.getByRole('radio', { name: 'FEN or PGN' }).check();
    await page.getByRole('textbox').fill('8/8/8/8/8/8/8/8 w - - 0 1');
    await page.getByText(/White has 0 kings/).waitFor();
    await page.getByRole('button', { name: 'Play', exact: true }).click();
    await page.getByText('The game cannot begin from this position.').waitFor();
    await begin(page, /Beginner/, '7k/1P6/8/8/8/8/r5PP/6K1 w - - 0 40');
    await square(page, 'b7').click();
    await square(page, 'b8').click();
    await page.getByRole('group', { name: 'Promote to' }).waitFor();
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
    await expect.poll(focused).toBe('white queen');
    await expect.poll(() => smallControls(page, '.promotion button')).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('group', { name: 'Promote to' }).waitFor({ state: 'detached' });
    await square(page, 'b7').click();
    await square(page, 'b8').click();
    await expect.poll(focused).toBe('white queen');
    await page.keyboard.press('ArrowDown');
    await expect.poll(focused).toBe('white knight');
    await page.keyboard.press('ArrowDown');
    await expect.poll(focused).toBe('white rook');
    await page.keyboard.press('Enter');
    await moves(page).nth(0).waitFor();
    await expect.poll(() => moves(page).first().textContent()).toContain('b8=R+');
    await moves(page).nth(1).waitFor();
    await page.locator('.status-text:text-is("Your turn")').waitFor();
    await page.getByRole('button', { name: 'One move back' }).click();
    await page.locator('.arrow.as-line').waitFor();
    await page.getByRole('checkbox', { name: 'Expected line' }).uncheck();
    await expect.poll(() => page.locator('.arrow').count()).toBe(0);
    await page.getByRole('button', { name: 'Flip' }).click();
    const [a1, h8] = [await square(page, 'a1').boundingBox(), await square(page, 'h8').boundingBox()];
    expect(a1!.y).toBeLessThan(h8!.y);
    expect(errors).toEqual([]);
    await context.close();
  });

  it('a game from PGN is stepped through and played on, by touch on a phone', async () => {
    const { page, context, errors } = await open(browser, served.url, { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });
    await page.goto(`${served.url}/#/new/chess`);
    await page.getByRole('radio', { name: /A friend, here/ }).check();
    await page.getByRole('radio', { name: 'FEN or PGN' }).check();
    await page.getByRole('textbox').fill('[White "Morphy"]\n[Black "Allies"]\n\n1. e4 e5 2. Nf3 d6 3. d4 Bg4 4. dxe5 Bxf3 1-0');
    await page.getByText('Morphy – Allies, 1-0').waitFor();
    await page.getByText('after 8 of 8 moves').waitFor();
    await page.getByRole('button', { name: 'One move back' }).click();
    await expect.poll(() => sidewaysScroll(page)).toBe(0);
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByRole('button', { name: 'Play', exact: true }).click();
    await page.getByRole('grid', { name: /Chess board/ }).waitFor();
    await square(page, 'd6').tap();
    await square(page, 'e5').tap();
    await moves(page).nth(0).waitFor();
    await expect.poll(() => moves(page).first().textContent()).toContain('dxe5');
    await expect.poll(() => sidewaysScroll(page)).toBe(0);
    expect(errors).toEqual([]);
    await context.close();
  });

  it('pieces set by hand', async () => {
    const { page, context, errors } = await open(browser, served.url);
    await page.goto(`${served.url}/#/new/chess`);
    await page.getByRole('radio', { name: /A friend, here/ }).check();
    await page.getByRole('radio', { name: 'Set up' }).check();
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByText(/White has 0 kings/).waitFor();
    for (const [piece, ...targets] of [['white king', 'g1', 'f6'], ['black king', 'h8'], ['white queen', 'a7']]) {
      await page.locator('.palette label', { has: page.getByRole('radio', { name: piece }) }).click();
      for (const target of targets) await square(page, target).click();
    }
    await expect.poll(() => accessible(page, 'g1')).toBe('g1: empty');
    await page.getByRole('button', { name: 'Play', exact: true }).click();
    await page.getByRole('grid', { name: /Chess board/ }).waitFor();
    await click(page, 'a7', 'g7');
    await page.locator('.status-text.over').waitFor();
    await expect.poll(() => moves(page).first().textContent()).toContain('Qg7#');
    expect(errors).toEqual([]);
    await context.close();
  });
});
