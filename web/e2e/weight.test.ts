/** What the play page weighs: everything that it loads before a board game is on the screen, as a host would send it compressed. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { webRoot } from './server.js';

const built = existsSync(join(webRoot, 'index.html'));

/** Files that the page takes at once: named in the HTML, and what those import. Chunks that are imported later are not among them. */
function atOnce(): string[] {
  const html = readFileSync(join(webRoot, 'index.html'), 'utf8');
  const found = new Set(['index.html', ...[...html.matchAll(/(?:src|href)="\.?\/?(assets\/[^"]+)"/g)].map((match) => match[1])]);
  for (const file of found) {
    if (!file.endsWith('.js')) continue;
    const text = readFileSync(join(webRoot, file), 'utf8');
    for (const match of text.matchAll(/(?:\bfrom|\bimport)\s*"(\.\/[^"]+)"/g)) found.add(join(dirname(file), match[1]));
  }
  return [...found];
}

describe.skipIf(!built)(built ? 'the play page' : 'the page is not built (npm run build): its weight is not tested', () => {
  it('is lighter than 150 KB compressed, and does not bring the runtime, plots or tasks along', () => {
    const files = atOnce();
    expect(files.filter((file) => file.endsWith('.js')).length).toBeGreaterThanOrEqual(2);
    expect(files.filter((file) => /\.wasm|training|task-page|worker|start-/.test(file))).toEqual([]);
    const bytes = files.reduce((sum, file) => sum + gzipSync(readFileSync(join(webRoot, file))).length, 0);
    expect(bytes).toBeGreaterThan(40_000);
    expect(bytes).toBeLessThan(150_000);
  });
});
