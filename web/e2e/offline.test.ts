/** The exported page on a dumb host, below a folder: a game against a network that thinks in Chromium, and a task that one plays. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '#engine';
import { exportModel, tf, type Network } from '#engine/nn';
import { networkEvaluator, openWebModel } from '#engine/web';
import { createBrowserAgent, replay } from '#arena/browser';
import { connect4 } from '#games';
import type { OfflineManifest } from '#arena/protocol';
import { open, seriousFindings, sidewaysScroll, smallControls } from './browser.js';
import { chromiumPath, launch, noChromium } from './chromium.js';
import { exportPage } from './static-host.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const SIMULATIONS = 12;
/** What the page seeds its agents with: the number of the game and of the move. */
const seedOf = (ply: number) => 1000 + ply;

/** Balances CartPole: pushes to where the pole falls. */
const balancer: Network = {
  name: 'balancer', input: { planes: [4, 1, 1], actions: 2 }, serves: ['policy', 'value'],
  parameters: [{ name: 'w', shape: [4, 2], init: 'glorot', kind: 'kernel' }, { name: 'v', shape: [4, 1], init: 'zeros', kind: 'kernel' }],
  forward: (p, planes) => {
    const x = tf.reshape(planes, [-1, 4]);
    return { policy: tf.matMul(x, p.w as never), value: tf.reshape(tf.matMul(x, p.v as never), [-1]) };
  },
};

let browser: Browser;
let host: Awaited<ReturnType<typeof exportPage>>;

const moves = (page: Page) => page.locator('.move-list li');

describe.skipIf(chromiumPath === undefined)(chromiumPath === undefined ? noChromium : 'the exported page', () => {
  beforeAll(async () => {
    host = await exportPage('--game', 'connect4', '--agent', `az:${join(root, 'models/connect4')},sims=${SIMULATIONS}`, '--no-levels');
    const { folder } = host;
    // A second game with a network of its own, as `--game cartpole` would write it.
    const manifest = JSON.parse(readFileSync(join(folder, 'ludus.json'), 'utf8')) as OfflineManifest;
    manifest.games.push({ id: 'cartpole', name: 'CartPole', version: 1, seats: 1, solved: false });
    manifest.agents.push({
      view: { id: 'model:balancer', game: 'cartpole', kind: 'policy', group: 'shipped', checkpoint: null, model: true, name: 'balancer', description: 'By hand.', simulations: null },
      spec: 'policy:models/balancer.onnx', answers: 'policy', model: 'models/balancer.onnx',
    });
    writeFileSync(join(folder, 'ludus.json'), JSON.stringify(manifest));
    writeFileSync(join(folder, 'models/balancer.onnx'), exportModel(balancer, { w: Float32Array.of(-0.1, 0.1, -0.3, 0.3, -10, 10, -3, 3), v: new Float32Array(4) }));
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await host?.close();
  });

  it('plays a whole game by keyboard, every move of the agent the one that Node finds on the same runtime', async () => {
    const { page, context, errors } = await open(browser, host.url);
    await page.getByRole('button', { name: 'Play Connect Four' }).waitFor();
    expect(host.asked.some((path) => path.endsWith('.wasm') || path.endsWith('.onnx'))).toBe(false);
    await page.getByRole('button', { name: 'Play Connect Four' }).click();
    for (let i = 0; i < 21; i++) {
      await page.locator('.status-text:text-is("Your turn"), .status-text.over').waitFor();
      if (await page.locator('.status-text.over').count()) break;
      const before = await moves(page).count();
      await page.getByRole('gridcell').nth(38).focus();
      // Any column that has room, a different one each time.
      for (let k = 0; k < 7 && (await moves(page).count()) === before; k++) await page.keyboard.press(String(((2 * i + k) % 7) + 1));
      await moves(page).nth(before).waitFor();
    }
    await page.locator('.status-text.over').waitFor();
    const end = (await page.locator('.status-text').textContent()) ?? '';
    expect(end).toMatch(/^(You win|connect4 wins|A draw)$/);
    expect(errors).toEqual([]);

    const played = (await moves(page).allTextContents()).map((text) => Number(text.trim().slice(-1)) - 1);
    const wasm = new Uint8Array(readFileSync(createRequire(import.meta.url).resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm')));
    const inference = await openWebModel(new Uint8Array(readFileSync(join(root, 'models/connect4/model.onnx'))), { wasm });
    const { evaluate } = networkEvaluator(inference);
    const agent = await createBrowserAgent(`az:model,sims=${SIMULATIONS}`, connect4, async () => ({ evaluate, close: async () => undefined }));
    let compared = 0;
    for (let ply = 1; ply < played.length; ply += 2, compared++) {
      const action = await agent.choose({ state: replay(connect4, { moves: played.slice(0, ply) }), rng: createRng(seedOf(ply)) });
      expect([ply, action]).toEqual([ply, played[ply]]);
    }
    expect(compared).toBeGreaterThanOrEqual(3);

    // Early in the game, where the tree is deep.
    await page.getByRole('button', { name: /^Move 3/ }).click();
    await page.getByText('Search tree').click();
    const row = page.locator('[role=treeitem][aria-expanded]').first();
    await row.waitFor();
    await row.focus();
    await page.keyboard.press('ArrowRight');
    await page.locator('[role=treeitem][aria-level="2"]').first().waitFor();
    await expect.poll(() => row.getAttribute('aria-expanded')).toBe('true');
    expect(await seriousFindings(page)).toEqual([]);

    await page.getByRole('button', { name: 'Review the game' }).waitFor();
    await page.reload();
    await moves(page).nth(played.length - 1).waitFor();
    await expect.poll(() => page.locator('.status-text').textContent()).toBe(end);
    await context.close();
  });

  it('shows a network at a task: it balances where chance falls over', async () => {
    const { page, context, errors } = await open(browser, `${host.url}#/task/cartpole`);
    await page.getByRole('slider', { name: /Speed/ }).fill('11');
    await page.getByRole('radio', { name: 'Network' }).check();
    await expect.poll(async () => Number((await page.locator('.task-figures dd').nth(2).textContent())?.split(' ')[0])).toBeGreaterThan(250);
    await expect.poll(() => page.locator('.decision tbody tr').count()).toBe(2);
    // Chance takes over before the episode that is judged begins: no step of it is the network's.
    await page.getByRole('radio', { name: 'Random' }).check();
    await page.locator('.status-text', { hasText: 'Over after' }).waitFor();
    await page.getByRole('button', { name: 'Play again' }).click();
    await page.locator('.status-text', { hasText: 'Over after' }).waitFor();
    expect(Number(/return (\d+)/.exec((await page.locator('.status-text').textContent()) ?? '')?.[1])).toBeLessThan(250);
    expect(errors).toEqual([]);
    await context.close();
  });

  it.each(['light', 'dark'] as const)('in %s axe-core finds nothing serious, and a phone does not scroll sideways', async (colorScheme) => {
    const { page, context } = await open(browser, host.url, { colorScheme, reducedMotion: 'reduce', viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });
    await page.getByRole('button', { name: 'Play Connect Four' }).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await expect.poll(() => sidewaysScroll(page)).toBe(0);
    await page.goto(`${host.url}#/task/cartpole`);
    await page.locator('.screen').waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await expect.poll(() => sidewaysScroll(page)).toBe(0);
    await expect.poll(() => smallControls(page, 'button, select, .button, .segments label')).toEqual([]);
    await context.close();
  });

  it('plays chess without a network, by tree search in the page', async () => {
    const chess = await exportPage('--game', 'chess');
    const { page, context, errors } = await open(browser, chess.url);
    await page.getByRole('button', { name: 'Play Chess' }).click();
    await page.getByRole('gridcell', { name: /^e2:/ }).click();
    await page.getByRole('gridcell', { name: /^e4:/ }).click();
    await moves(page).nth(1).waitFor();
    await page.locator('.status-text:text-is("Your turn")').waitFor();
    await expect.poll(() => moves(page).first().textContent()).toMatch(/1\.\s*White.*e4$/);
    await expect.poll(() => page.locator('.moves-table tbody tr').count()).toBeGreaterThanOrEqual(8);
    const fen = (await page.getByRole('textbox', { name: 'Position (FEN)' }).inputValue()).split(' ');
    expect(fen[0]).toMatch(/\/4P3\//);
    expect(fen[1]).toBe('w');
    expect(chess.asked.some((path) => path.endsWith('.wasm'))).toBe(false);
    const reply = await moves(page).nth(1).textContent();
    await page.reload();
    await moves(page).nth(1).waitFor();
    await expect.poll(() => moves(page).nth(1).textContent()).toBe(reply);
    expect(errors).toEqual([]);
    await context.close();
    await chess.close();
  });

  it('says what is wrong when the manifest is', async () => {
    const { folder } = host;
    const good = readFileSync(join(folder, 'ludus.json'), 'utf8');
    writeFileSync(join(folder, 'ludus.json'), good.replace('"format":1', '"format":7'));
    const { page, context } = await open(browser, host.url);
    await page.getByText('ludus.json is not valid: format').waitFor();
    await context.close();
    writeFileSync(join(folder, 'ludus.json'), good);
  });
});
