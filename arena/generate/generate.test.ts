import { mkdtempSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Chess } from 'chess.js';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { UserError } from '#engine';
import { connect4, ticTacToe } from '#games';
import { ChessState, PgnSplitter, chess, parsePgn } from '#games/chess';
import { type Episode, decodeEpisode, openRecords } from '#selfplay';
import { parseLine } from '../agents/uci/engine.js';
import { labelOf } from './labeller.js';
import { type GenerateOptions, generate } from './run.js';

const engine = `uci:${fileURLToPath(new URL('./labelling-engine.mjs', import.meta.url))}`;
let folder = '';
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'ludus-generate-'))));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  delete process.env.LABEL_FAULT;
  delete process.env.LABEL_AT;
});

const settings = (out: string, change: Partial<GenerateOptions> = {}): GenerateOptions => ({
  game: 'chess', engine, games: 3, out: join(folder, out), seed: 5, workers: 1, multipv: 3, temperature: 50,
  randomPlies: [1, 4], mistakes: 0.1, playOut: 0, maxPlies: 30, ...change,
});

async function stored(out: string, game: typeof chess | typeof ticTacToe | typeof connect4 = chess): Promise<Map<string, Episode>> {
  const records = openRecords(join(folder, out), game);
  const episodes = [...records.store.latest(1e9)].map(decodeEpisode).sort((a, b) => a.id.localeCompare(b.id));
  await records.close();
  return new Map(episodes.map((episode) => [episode.id, episode]));
}

describe('a label', () => {
  const state = new ChessState();
  const line = (score: string, move: string) => parseLine(`info depth 9 seldepth 9 multipv 1 score ${score} nodes 5 pv ${move} e7e5`)!;
  const e4 = chess.parseAction(state, 'e4')!;
  const d4 = chess.parseAction(state, 'd4')!;

  // Weights by hand: exp(-20 / 50) to 1; a mate outweighs any centipawns, and a later one is 100 centipawns worse.
  test.each([
    [['cp 30', 'cp 10'], [1 / (1 + Math.exp(-0.4)), 1 - 1 / (1 + Math.exp(-0.4))], 2 / (1 + 10 ** (-30 / 400)) - 1],
    [['mate 3', 'cp 900'], [1, 0], 1],
    [['mate 2', 'mate 3'], [1 / (1 + Math.exp(-2)), 1 - 1 / (1 + Math.exp(-2))], 1],
    [['mate -4', 'mate -3'], [1 / (1 + Math.exp(-2)), 1 - 1 / (1 + Math.exp(-2))], -1],
  ] as const)('from %s', (scores, policy, value) => {
    const label = labelOf([line(scores[0], 'e2e4'), line(scores[1], 'd2d4')], state, 50);
    expect(label.actions).toEqual([e4, d4]);
    label.policy.forEach((p, i) => expect(p).toBeCloseTo(policy[i], 12));
    expect(label.value).toBeCloseTo(value, 12);
  });

  test('from an illegal move is refused', () => expect(() => labelOf([line('cp 3', 'e2e5')], state, 50)).toThrow(/'e2e5' is not legal in rnbqkbnr/));
  test.each(['info depth 3 score cp 34 upperbound pv e2e4', 'info depth 3 score cp 34 nodes 3', 'info string pv score'])('%s is no line', (text) => expect(parseLine(text)).toBeUndefined());
});

describe('games of an engine', () => {
  test('are labelled, and the same again, however many play at once', async () => {
    const result = await generate(settings('a'));
    expect(result).toMatchObject({ games: 3, fresh: 3, interrupted: false, restarts: 0 });
    await generate(settings('b', { workers: 3 }));
    const games = await stored('a');
    expect(await stored('b')).toEqual(games);
    let labelled = 0;
    for (const { actions, trained, policies: { starts, actions: moves, probabilities }, rootValues, rewards } of games.values()) {
      const state = new ChessState();
      const oracle = new Chess();
      for (let ply = 0; ply < actions.length; ply++) {
        const legal = oracle.moves().map((san) => chess.parseAction(state, san));
        expect(legal).toContain(actions[ply]);
        const entries = [...moves.subarray(starts[ply], starts[ply + 1])];
        if (trained[ply] === 1) {
          labelled++;
          expect(entries.length).toBe(Math.min(3, legal.length));
          expect(entries).toEqual([...entries].sort((a, b) => a - b));
          for (const entry of entries) expect(legal).toContain(entry);
          expect(probabilities.subarray(starts[ply], starts[ply + 1]).reduce((a, b) => a + b)).toBeCloseTo(1, 6);
          expect(Math.abs(rootValues[ply])).toBeLessThan(0.6);
        } else expect(ply).toBeLessThan(4);
        oracle.move(chess.actionName(state, actions[ply]));
        state.apply(actions[ply]);
      }
      expect(rewards.subarray(0, -1).every((reward) => reward === 0)).toBe(true);
    }
    expect(labelled).toBe(result.positions);
  });

  test('go on where they stopped', async () => {
    expect(await generate(settings('c', { games: 2 }))).toMatchObject({ games: 2, fresh: 2, interrupted: false });
    expect(await generate(settings('c', { games: 5, signal: AbortSignal.abort() }))).toMatchObject({ fresh: 0, interrupted: true });
    expect(await generate(settings('c', { games: 5 }))).toMatchObject({ games: 5, fresh: 3 });
    await generate(settings('d', { games: 5 }));
    expect(await stored('c')).toEqual(await stored('d'));
  });

  test.each(['crash', 'illegal'])('survive an engine\'s %s, and are the same', async (fault) => {
    await generate(settings('whole', { games: 4 }));
    Object.assign(process.env, { LABEL_FAULT: fault, LABEL_AT: '40' });
    const failures: string[] = [];
    const result = await generate(settings(fault, { games: 4, onFailure: (message) => failures.push(message) }));
    expect(result.restarts).toBeGreaterThan(0);
    expect(failures[0]).toMatch(fault === 'crash' ? /was started again: its process ended \(3\)/ : /'e2e5' is not legal in/);
    expect(await stored(fault)).toEqual(await stored('whole'));
  });

  test('an engine that always fails ends the work, with what is there kept', async () => {
    Object.assign(process.env, { LABEL_FAULT: 'crash', LABEL_AT: '1' });
    await expect(generate(settings('e'))).rejects.toThrow(/failed 3 times in game 1: its process ended/);
  });

  test('as PGN, with evaluations, which chess.js reads; a torn game is made again', async () => {
    const file = 'games.pgn';
    await generate(settings(file));
    const whole = readFileSync(join(folder, file), 'utf8');
    const splitter = new PgnSplitter();
    const texts = [...splitter.push(whole), ...splitter.end()].map(({ text }) => text);
    const games = [...(await stored('a')).values()];
    expect(texts.length).toBe(3);
    for (const [i, text] of texts.entries()) {
      const parsed = parsePgn(text);
      if (!parsed.ok) throw new Error(parsed.error);
      expect(parsed.value.actions).toEqual([...games[i].actions]);
      const oracle = new Chess();
      oracle.loadPgn(text);
      expect(oracle.getComments().filter(({ comment }) => /^\[%eval -?\d+\.\d\d\]$/.test(comment ?? '')).length).toBe(games[i].trained.reduce((a, b) => a + b));
    }
    truncateSync(join(folder, file), whole.length - 40);
    expect(await generate(settings(file))).toMatchObject({ games: 3, fresh: 1 });
    expect(readFileSync(join(folder, file), 'utf8')).toBe(whole);
  });
});

test('any agent plays and labels any game of two; what it does not value, the result does', async () => {
  const c4 = { game: 'connect4', engine: 'uct:sims=20', games: 4, mistakes: 0, maxPlies: 100 };
  expect(await generate(settings('c4', c4))).toMatchObject({ games: 4, fresh: 4 });
  for (const { rootValues } of (await stored('c4', connect4)).values()) expect(rootValues.some((value) => value !== 0)).toBe(true);
  await generate(settings('ttt', { game: 'tic-tac-toe', engine: 'random', games: 6 }));
  for (const { rootValues, rewards, trained } of (await stored('ttt', ticTacToe)).values()) {
    expect([...rootValues]).toEqual([...trained].map((flag) => (flag === 1 ? rewards.at(-1) : 0)));
  }
});

test.each([
  [{ engine: 'uci:no-such-engine' }, /no program 'no-such-engine'/],
  [{ engine: 'uct:sims=1', game: 'breakout' }, /a game of two/],
  [{ engine: 'uct:sims=1', nodes: 5 }, /--nodes is for UCI engines/],
  [{ game: 'connect4' }, /plays chess, not Connect/],
  [{ game: 'connect4', engine: 'random', out: 'x.pgn' }, /PGN is for chess/],
])('%j is refused, and nothing is written', async (change, message) => {
  const before = readdirSync(folder).length;
  await expect(generate(settings('f', change as Partial<GenerateOptions>))).rejects.toThrow(message);
  expect(readdirSync(folder).length).toBe(before);
});

// A folder under /proc, which takes none, is where mkdir of Node 20 never comes back from; elsewhere a file is in the way.
test.each(['records', 'records/deeper', 'games.pgn'])('%s where no folder can be: refused at once', async (name) => {
  writeFileSync(join(folder, 'a-file'), '');
  for (const place of [...(process.platform === 'linux' ? ['/proc'] : []), join(folder, 'a-file')]) {
    const error: unknown = await generate({ ...settings('f'), game: 'connect4', engine: 'random', ...(name.endsWith('.pgn') ? { game: 'chess' } : {}), out: join(place, name) }).catch((e: unknown) => e);
    expect((error as UserError).kind).toBe('environment');
    expect((error as UserError).message).toMatch(/(\/proc can hold nothing new, or is not there|a-file is a file|a file of that name|no permission to write .*)$/);
  }
});

test('two that write the same records at once: the second is told', async () => {
  const records = openRecords(join(folder, 'busy'), chess);
  await expect(generate(settings('busy'))).rejects.toThrow(/busy is being written by/);
  await records.close();
});
