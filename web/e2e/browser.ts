/** What every browser test needs: a page of its own, and a list of what went wrong in it. */
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { createRequire } from 'node:module';

/** What is waited for comes; on a busy machine it may be late [ms]. */
export const PATIENCE = 150_000;

export interface Opened {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Uncaught errors and console errors (a blocked inline style among them), as text. */
  readonly errors: readonly string[];
}

export async function open(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1100, height: 860 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  await page.goto(url);
  return { page, context, errors };
}

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

interface Violation { readonly id: string; readonly impact: string | null; readonly nodes: readonly { readonly html: string }[] }

/** Serious and critical findings of axe-core on the page as it stands, one line each. */
export async function seriousFindings(page: Page): Promise<string[]> {
  // Evaluated rather than added as a script element: the content policy allows the page's own files only.
  const { readFile } = await import('node:fs/promises');
  await settled(page);
  await page.evaluate(await readFile(axePath, 'utf8'));
  const violations = await page.evaluate<Violation[]>('axe.run(document).then((r) => r.violations.map((v) => ({ id: v.id, impact: v.impact, nodes: v.nodes.map((n) => ({ html: n.html })) })))');
  return violations.filter((v) => v.impact === 'serious' || v.impact === 'critical').map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 160)).join(' | ')}`);
}

/** Resolves when nothing on the page is on its way from one look to another: a colour half way there has another contrast. */
async function settled(page: Page): Promise<void> {
  await page.evaluate("Promise.all(document.getAnimations().filter((a) => a.playState === 'running' && a.effect?.getComputedTiming().endTime !== Infinity).map((a) => a.finished.catch(() => undefined))).then(() => undefined)");
}

/** How far the page can be scrolled sideways, in pixels; 0 is right. */
export function sidewaysScroll(page: Page): Promise<number> {
  return page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}

/** Those of the selected controls that a thumb would miss: lower than 44 px (to rounding) or narrower than 40. */
export function smallControls(page: Page, selector: string): Promise<string[]> {
  return page.evaluate<string[]>(`[...document.querySelectorAll('${selector}')].map((e) => [e, e.getBoundingClientRect()])
    .filter(([, box]) => box.width > 0 && (box.height < 43.5 || box.width < 40)).map(([e, box]) => e.outerHTML.slice(0, 90) + ' ' + Math.round(box.width) + 'x' + Math.round(box.height))`);
}
