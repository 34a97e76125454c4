/** Tasks of one player in a real browser: by keys, by thumbs, watched, looked back upon. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tasks } from '../src/task/list.js';
import { open, seriousFindings, sidewaysScroll, smallControls } from './browser.js';
import { chromiumPath, launch, noChromium } from './chromium.js';
import { serve, type Served } from './server.js';

let browser: Browser;
let served: Served;

const step = async (page: Page) => Number(((await page.locator('.task-figures dd').nth(2).textContent()) ?? '').split(' ')[0]);
const status = (page: Page) => page.locator('.status-text').textContent();

describe.skipIf(chromiumPath === undefined)(chromiumPath === undefined ? noChromium : 'tasks', () => {
  beforeAll(async () => {
    served = await serve();
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await served?.close();
  });

  it('a whole episode of Breakout by keyboard, two clicks from the first page, and every step of it again', async () => {
    const { page, context, errors } = await open(browser, served.url);
    await page.getByRole('link', { name: /^Breakout/ }).click();
    await page.locator('.screen').focus();
    await expect.poll(() => status(page)).toBe('Press a key or a button to begin');
    await page.getByRole('slider', { name: /Speed/ }).fill('10');
    await page.locator('.screen').focus();
    await page.keyboard.down('ArrowLeft');
    // Held in the left corner, the paddle misses soon.
    await page.locator('.status-text', { hasText: 'Over after' }).waitFor();
    await page.keyboard.up('ArrowLeft');
    const steps = await step(page);
    expect(steps).toBeGreaterThan(5);
    await expect.poll(() => page.getByTestId('announcer').textContent()).toMatch(/^The episode is over after \d+ steps\. Return \d+\.$/);
    await page.getByRole('slider', { name: 'Step of the episode' }).fill('3');
    await expect.poll(() => status(page)).toBe('Looking back');
    await page.getByText('Step 4: you chose left.').waitFor();
    await page.getByRole('button', { name: 'One step on' }).click();
    await expect.poll(() => step(page)).toBe(4);
    await page.getByRole('button', { name: 'Newest step' }).click();
    await page.getByRole('button', { name: 'Play again' }).click();
    await expect.poll(() => step(page)).toBe(0);
    expect(errors).toEqual([]);
    await context.close();
  });

  it('Pong by thumbs on a phone, and a whole episode watched', async () => {
    const { page, context, errors } = await open(browser, `${served.url}/#/task/pong`, { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });
    // So slow that the game lasts until it is paused, however late that is.
    await page.getByRole('slider', { name: /Speed/ }).fill('0');
    await page.getByRole('button', { name: 'up', exact: true }).tap();
    await expect.poll(() => step(page)).toBeGreaterThan(1);
    await page.getByRole('button', { name: 'Pause' }).tap();
    await page.getByRole('slider', { name: /Speed/ }).fill('11');
    await page.getByRole('radio', { name: 'Random' }).check();
    await page.locator('.status-text', { hasText: 'Over after' }).waitFor();
    await expect.poll(() => page.locator('.decision tbody tr').count()).toBe(3);
    expect(errors).toEqual([]);
    await context.close();
  });

  it('where time stands still, each key is one step', async () => {
    const { page, context } = await open(browser, `${served.url}/#/task/grid-world`);
    await page.locator('.screen').focus();
    for (const key of ['ArrowRight', 'ArrowRight', 'ArrowDown', 'ArrowRight', 'ArrowDown', 's']) await page.keyboard.press(key);
    await expect.poll(() => status(page)).toBe('Over after 6 steps: return 5');
    await context.close();
  });

  it('every task is drawn, and its channels can be hidden', async () => {
    const { page, context, errors } = await open(browser, served.url);
    const filled = () => page.evaluate<number>(`(() => { const c = document.querySelector('.screen-canvas'); const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data; const seen = new Set(); for (let i = 0; i < d.length; i += 4) seen.add(d[i] << 16 | d[i + 1] << 8 | d[i + 2]); return seen.size; })()`);
    for (const task of tasks) {
      await page.goto(`${served.url}/#/task/${task.id}`);
      await page.getByRole('heading', { level: 1, name: task.name }).waitFor();
      await expect.poll(filled).toBeGreaterThan(3);
    }
    await page.goto(`${served.url}/#/task/breakout`);
    await page.getByRole('heading', { level: 1, name: 'Breakout' }).waitFor();
    // The heading stands before the first picture is drawn.
    await expect.poll(filled).toBeGreaterThan(3);
    const colours = await filled();
    await page.getByRole('button', { name: 'brick' }).click();
    await page.getByRole('button', { name: 'brick hidden' }).waitFor();
    await expect.poll(filled).toBeLessThan(colours);
    expect(errors).toEqual([]);
    await context.close();
  });

  it.each(['light', 'dark'] as const)('in %s: axe-core finds nothing serious', async (colorScheme) => {
    const { page, context } = await open(browser, `${served.url}/#/task/seaquest`, { colorScheme, reducedMotion: 'reduce' });
    await page.getByRole('radio', { name: 'Random' }).check();
    await page.locator('.decision').waitFor();
    await page.getByText('As text').click();
    expect(await seriousFindings(page)).toEqual([]);
    await context.close();
  });

  it('fits a phone of 360 × 740 without scrolling sideways, and its controls are big enough', async () => {
    const { page, context } = await open(browser, served.url, { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });
    for (const id of ['seaquest', 'space-invaders', 'cliff-walking', 'cartpole']) {
      await page.goto(`${served.url}/#/task/${id}`);
      await page.locator('.pad').waitFor();
      await expect.poll(() => sidewaysScroll(page)).toBe(0);
      await expect.poll(() => smallControls(page, 'button, .button, .segments label, .nav a')).toEqual([]);
    }
    await context.close();
  });
});
