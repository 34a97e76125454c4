/** The documentation is run: every example works, the page of settings is what the program says, links lead somewhere. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const run = (...args: string[]): string => execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8' });

describe('examples', () => {
  it('search.mjs agrees with the solver on the move', () => {
    const out = run('docs/examples/search.mjs');
    const move = Number(/UCT plays (\d)/.exec(out)?.[1]);
    const scores = (/exact scores (.*)/.exec(out)?.[1] ?? '').split(' ').map(Number);
    expect(Math.sign(scores[move - 1])).toBe(Math.sign(Math.max(...scores)));
  });

  it('network.mjs trains a network of its own', () => {
    const [, before, after] = /loss ([\d.]+) -> ([\d.]+)/.exec(run('docs/examples/network.mjs')) ?? [];
    expect(Number(after)).toBeLessThan(Number(before) / 10);
  });

  it('train.mjs learns enough to beat random play', () => {
    const dir = mkdtempSync(join(tmpdir(), 'ludus-example-'));
    try {
      const [, wins, , losses] = /\+(\d+) =(\d+) -(\d+)/.exec(run('docs/examples/train.mjs', join(dir, 'run'))) ?? [];
      expect(Number(wins)).toBeGreaterThan(4 * Number(losses));
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });
});

it('docs/config.md lists the settings as the program has them', () => {
  const page = readFileSync(join(root, 'docs/config.md'), 'utf8');
  for (const game of ['connect4', 'tic-tac-toe', 'chess']) expect(page).toContain(run('dist/cli/main.js', 'config', game, '--markdown').trim());
});

describe('links', () => {
  const pages = ['README.md', ...['docs', 'games', 'engine', 'selfplay', 'arena', 'web', 'bench', 'cli'].flatMap((folder) =>
    readdirSync(join(root, folder)).filter((name) => name.endsWith('.md')).map((name) => `${folder}/${name}`))];
  it.each(pages)('%s', (page) => {
    const text = readFileSync(join(root, page), 'utf8').replaceAll(/```[\s\S]*?```/g, '');
    const dead = [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
      .map((match) => match[1])
      .filter((link) => !/^https?:/.test(link) && !existsSync(resolve(root, dirname(page), link)));
    expect(dead).toEqual([]);
  });
});
