/** What `ludus export web` writes, by its manifest. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { readStrengths } from '#arena';
import { OFFLINE_FILE, parseOfflineManifest } from '#arena/protocol';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ludus-export-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function exported(...more: string[]) {
  execFileSync(process.execPath, ['dist/cli/main.js', 'export', 'web', '--game', 'tic-tac-toe', '--agent', 'az:models/tic-tac-toe,sims=20', '--agent', 'policy:models/tic-tac-toe', '--out', folder, '--json', ...more], { cwd: root });
  const manifest = parseOfflineManifest(JSON.parse(readFileSync(join(folder, OFFLINE_FILE), 'utf8')));
  if (typeof manifest === 'string') throw new Error(manifest);
  return manifest.agents;
}

it.skipIf(!existsSync(join(root, 'dist/web/index.html')))('graded opponents with their ratings, each once, on a network of the page; none when not wanted', () => {
  const { levels } = readStrengths(join(root, 'models/tic-tac-toe'))!;
  const graded = exported().filter(({ view }) => view.group === 'graded');
  expect(graded.map(({ view: { name, description, rating } }) => ({ name, description, rating: rating ?? null }))).toEqual(levels.map(({ name, description, rating }) => ({ name, description, rating })));
  for (const [i, { spec, model, view }] of graded.entries()) {
    expect(spec).toBe(levels[i].agent.replace('models/tic-tac-toe', model ?? ''));
    expect(existsSync(join(folder, model ?? ''))).toBe(true);
    expect(view.simulations).toBeNull();
  }
  expect(new Set(graded.map(({ view }) => view.id)).size).toBe(levels.length);
  const plain = exported('--no-levels');
  expect(plain.map(({ view }) => view.group)).toEqual(['shipped', 'shipped']);
});
