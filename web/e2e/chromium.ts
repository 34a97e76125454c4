/** Debian's chromium, driven by playwright-core; where there is none the browser tests say so and do not run. */
import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';
import { PATIENCE } from './browser.js';

const places = [process.env.LUDUS_CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Path of a browser, undefined when none is installed. */
export const chromiumPath = places.find((path) => path !== undefined && existsSync(path));

export const noChromium = 'no Chromium on this machine (apt-get install chromium, or set LUDUS_CHROMIUM): browser tests are not run';

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath, timeout: PATIENCE, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}
