/** Connections that break while people play: the other one sees it, and no move is lost or made twice. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeClientMessage } from '#arena/protocol';
import { open } from './browser.js';
import { chromiumPath, launch, noChromium } from './chromium.js';
import { serve, smallAgents, type Served } from './server.js';

let browser: Browser;
let served: Served;

const moves = (page: Page) => page.locator('.move-list li');
const myTurn = (page: Page) => page.locator('.status-text:text-is("Your turn")').waitFor();

describe.skipIf(chromiumPath === undefined)(chromiumPath === undefined ? noChromium : 'presence', () => {
  beforeAll(async () => {
    // Long enough for whoever is slow to come back.
    served = await serve({ agents: smallAgents(20), limits: { graceMillis: 590_000 } });
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await served?.close();
  });

  it('who is away is seen with the time left, and may come back', async () => {
    const first = await open(browser, `${served.url}/#/new/tic-tac-toe`);
    await first.page.getByRole('radio', { name: /by link/ }).check();
    await first.page.getByRole('button', { name: 'Play', exact: true }).click();
    await first.page.getByRole('grid').waitFor();
    const second = await open(browser, first.page.url());
    await second.page.getByRole('button', { name: 'Sit down here' }).click();
    await myTurn(first.page);
    await first.page.getByRole('gridcell', { name: /row 2, column 2/ }).click();
    await myTurn(second.page);
    await second.page.close();
    const countdown = first.page.locator('.away').getByRole('timer');
    await countdown.waitFor();
    const at = await countdown.textContent();
    expect(at).toMatch(/^[1-9]:\d\d$/);
    await expect.poll(() => countdown.textContent()).not.toBe(at);
    const back = await second.context.newPage();
    await back.goto(first.page.url());
    await myTurn(back);
    await expect.poll(() => first.page.locator('.away').count()).toBe(0);
    await back.getByRole('gridcell', { name: /row 1, column 1/ }).click();
    await moves(first.page).nth(1).waitFor();
    for (const { context, errors } of [first, second]) {
      expect(errors).toEqual([]);
      await context.close();
    }
  });

  it.each(['on its way to the server', 'with the server, its answer lost'] as const)('a move that was %s when the connection broke is made once', async (where) => {
    const { page, context } = await open(browser, 'about:blank');
    const sent: string[] = [];
    await context.routeWebSocket(/\/socket/, (socket) => {
      const server = socket.connectToServer();
      let broken = false;
      socket.onMessage((data) => {
        const message = decodeClientMessage(new Uint8Array(data as Buffer));
        if (message.type === 'move') sent.push(message.clientMoveId);
        broken ||= message.type === 'move' && sent.length === 1;
        if (!broken || where === 'with the server, its answer lost') server.send(data);
        if (broken) void socket.close();
      });
      server.onMessage((data) => { if (!broken) socket.send(data); });
    });
    await page.goto(`${served.url}/#/new/tic-tac-toe?agent=random`);
    await page.getByRole('button', { name: 'Play', exact: true }).click();
    await page.getByRole('gridcell', { name: /row 2, column 2/ }).click();
    await moves(page).nth(1).waitFor();
    await myTurn(page);
    // Sent again, under the same id.
    expect(sent.length).toBeGreaterThanOrEqual(2);
    expect(new Set(sent).size).toBe(1);
    await expect.poll(() => moves(page).count()).toBe(2);
    await expect.poll(() => page.locator('.picture .mark').count()).toBe(2);
    await context.close();
  });
});
