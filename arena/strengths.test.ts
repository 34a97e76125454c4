import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UserError } from '#engine';
import { allGames } from '#games';
import { defaultLimits } from './server/limits.js';
import { Catalogue } from './server/catalogue.js';
import { printAgentSpec } from './agents/spec.js';
import { STRENGTHS_FILE, levelSpec, readStrengths } from './strengths.js';

const level = (id: string, agent: string, elo: number) => ({ id, name: id, description: 'plays', agent, rating: { elo, error: 40, games: 300 } });
const list = {
  format: 1, game: 'connect4', model: 'a'.repeat(64), measured: 'in words', references: [{ agent: 'random', rating: { elo: 0, error: 0, games: 300 } }],
  levels: [level('weak', 'policy:models/some,temperature=2', 300), level('strong', 'az:models/some,sims=50', 1500)],
};

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'ludus-strengths-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function folder(content: unknown, hash = 'a'.repeat(64), name = 'some'): string {
  const path = join(dir, name);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'checkpoint.json'), JSON.stringify({ game: { id: 'connect4', version: 1 }, files: { 'model.onnx': { bytes: 1, sha256: hash } } }));
  if (content !== undefined) writeFileSync(join(path, STRENGTHS_FILE), typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

describe('levels beside a model', () => {
  it('are read as they stand, their PATH being the folder itself', () => {
    const path = folder(list);
    expect(readStrengths(path)).toEqual(list);
    expect(list.levels.map((entry) => printAgentSpec(levelSpec(entry, path)))).toEqual([`policy:${path},temperature=2`, `az:${path},sims=50`]);
    expect(readStrengths(folder(undefined, '', 'none'))).toBeUndefined();
  });

  it('have no ratings for another network than the one that was measured', () => {
    const other = readStrengths(folder(list, 'b'.repeat(64)))!;
    expect(other.measured).toBe('');
    expect([...other.levels, ...other.references].map(({ rating }) => rating)).toEqual([null, null, null]);
  });

  it.each([
    ['{', 'is no JSON'],
    [{ ...list, levels: [] }, 'levels'],
    [{ ...list, levels: [{ ...list.levels[0], elo: 5 }] }, 'elo'],
    [{ ...list, levels: [list.levels[0], list.levels[0]] }, "'weak' stands there twice"],
    [{ ...list, levels: [level('bad', 'policy:models/some,temprature=2', 1)] }, 'temprature'],
  ])('are refused when they are none: %j', (content, message) => {
    const path = folder(content);
    expect(() => readStrengths(path)).toThrow(UserError);
    expect(() => readStrengths(path)).toThrow(message);
  });

  it('are opponents of fixed strength, within what the server lets anybody think', async () => {
    const path = folder({ ...list, levels: [...list.levels, level('deep', `az:models/some,sims=${defaultLimits.simulations + 1}`, 2000)] });
    const connect4 = (await allGames()).find(({ id }) => id === 'connect4')!;
    const catalogue = new Catalogue([{ game: connect4, solved: true }], defaultLimits);
    await catalogue.addShipped(dir, (game) => game === 'connect4');
    const levels = catalogue.views().filter(({ group }) => group === 'graded');
    expect(levels).toMatchObject([
      { id: 'level:some:weak', kind: 'policy', simulations: null, rating: { elo: 300, error: 40, games: 300 } },
      { id: 'level:some:strong', kind: 'network', simulations: null, rating: { elo: 1500 } },
    ]);
    expect(catalogue.get('connect4', 'level:some:strong').spec({ simulations: 5 })).toBe(`az:${path},sims=50`);
    expect(() => catalogue.get('connect4', 'level:some:deep')).toThrow(/there is no agent/);
  });
});

describe('the levels that ship', () => {
  const models = fileURLToPath(new URL('../models', import.meta.url));
  const graded = readdirSync(models).flatMap((name) => readStrengths(join(models, name)) ?? []);

  it('are there for Connect Four and tic-tac-toe, from beginner to merciless', () => {
    for (const game of ['connect4', 'tic-tac-toe']) {
      const ids = graded.find((entry) => entry.game === game)!.levels.map(({ id }) => id);
      expect([ids[0], ids.at(-1)]).toEqual(['beginner', 'merciless']);
      expect(ids.length).toBeGreaterThanOrEqual(5);
    }
  });

  it.each(graded.map((entry) => [entry.game, entry] as const))('%s: rated by at least 200 games each, and each clearly above the one before', (_, { levels, measured }) => {
    // A network that has not been measured yet has no ratings to be wrong about.
    const rated = levels.flatMap(({ rating }) => rating ?? []);
    expect(rated.length).toBe(measured === '' ? 0 : levels.length);
    for (const [i, { elo, games }] of rated.entries()) {
      expect(games).toBeGreaterThanOrEqual(200);
      if (i > 0) expect(elo).toBeGreaterThan(rated[i - 1].elo + 50);
    }
  });
});
