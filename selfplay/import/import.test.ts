/** Importing records, which chess.js wrote or we made by hand. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { Chess } from 'chess.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRng } from '#engine';
import { ChessState, chess, valueOfCentipawns } from '#games/chess';
import { decodeEpisode } from '../codec.js';
import { type Episode, episodeReturn } from '../episode.js';
import { openRecords } from '../records.js';
import { RowWriter } from '../sampler.js';
import { type ImportOptions, importPgn } from './import.js';

let folder = '';
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'ludus-import-'))));
afterAll(() => rmSync(folder, { recursive: true }));

let made = 0;
function file(text: string | Uint8Array, name = `${made++}.pgn`): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}
const into = (name: string) => join(folder, name);
const run = (files: readonly string[], store: string, change: Partial<ImportOptions> = {}) => importPgn({ files, into: into(store), minPlies: 1, ...change });

async function stored(store: string): Promise<Episode[]> {
  const records = openRecords(into(store), chess);
  const episodes = [...records.store.latest(1e9)].map(decodeEpisode);
  await records.close();
  return episodes;
}

/** A random game as chess.js writes it, with its moves as chess.js has them. */
function random(seed: number, plies: number, headers: Record<string, string> = {}, evals = false): { pgn: string; fens: string[]; sans: string[] } {
  const rng = createRng(seed);
  const game = new Chess();
  const fens = [game.fen()];
  for (const [name, value] of Object.entries({ Event: `Random ${seed}`, Result: '1-0', ...headers })) game.setHeader(name, value);
  for (let ply = 0; ply < plies && !game.isGameOver(); ply++) {
    const moves = game.moves();
    game.move(moves[rng.below(moves.length)]);
    if (evals) game.setComment(`[%eval ${(ply - 3) / 10}] [%clk 0:01:00]`);
    fens.push(game.fen());
  }
  return { pgn: `${game.pgn()}\n\n`, fens, sans: game.history() };
}
const planesOf = (fen: string): Float32Array => {
  const planes = new Float32Array(19 * 64);
  chess.parseSetup!(fen)!.observe(planes);
  return planes;
};

test('60 games that chess.js wrote: every position as chess.js has it, the move that was played, the result', async () => {
  const games = Array.from({ length: 60 }, (_, i) => random(i, 20 + (i % 50), { Result: ['1-0', '0-1', '1/2-1/2'][i % 3] }));
  const result = await run([file(games.map(({ pgn }) => pgn).join(''))], 'sixty');
  expect(result).toMatchObject({ games: 60, imported: 60, duplicates: 0, bad: 0, interrupted: false });
  const episodes = await stored('sixty');
  const writer = new RowWriter(chess, 1, ['policy', 'value']);
  for (const [i, episode] of episodes.entries()) {
    const { fens, sans } = games[i];
    expect(episode.actions.length).toBe(sans.length);
    const state = new ChessState();
    expect(sans.map((san) => {
      const action = chess.parseAction(state, san)!;
      state.apply(action);
      return action;
    })).toEqual([...episode.actions]);
    const outcome = [1, -1, 0][i % 3];
    if (state.ending === undefined) expect(episodeReturn(episode)).toBe(outcome);
    const ply = i % sans.length;
    writer.write(0, episode, ply, { valueMix: 0, policySmoothing: 0 }, 0, createRng(0));
    // The en passant square of chess.js's FEN is dropped where no capture is legal, as it is by our rules.
    expect(writer.rows.planes.subarray(0, 18 * 64)).toEqual(planesOf(fens[ply]).subarray(0, 18 * 64));
    expect(writer.rows.policy.indexOf(1)).toBe(episode.actions[ply]);
    expect(writer.rows.policy.reduce((a, b) => a + b)).toBe(1);
    if (state.ending === undefined) expect(writer.rows.value[0]).toBeCloseTo(outcome * (ply % 2 === 0 ? 1 : -1), 12);
  }
});

test('evaluations in comments become the values of the positions after their moves', async () => {
  await run([file(random(7, 12, {}, true).pgn)], 'evals');
  const [{ rootValues }] = await stored('evals');
  // The first position has none: the result stands for it.
  expect([...rootValues]).toEqual([...Float32Array.from([1, ...Array.from({ length: 11 }, (_, ply) => valueOfCentipawns(Math.round(10 * (ply - 3))))])]);
});

const pgn = (moves: string, tags = '') => `[Event "x"]\n${tags}\n\n${moves}\n\n`;
const short = '1. e4 e5 2. Nf3 Nc6';

describe('what is left out is counted, and what is bad is named', () => {
  test.each([
    ['a bad move', pgn('1. e4 e5 2. Ke3 1-0'), { bad: 1 }, ["line 4: 'Ke3' is not a legal move at 2."]],
    ['a bad tag', '[Event "x]\n\n1. e4 1-0\n', { bad: 1 }, [`line 1: '[Event "x]' is no tag: [Name "value"]`]],
    ['a comment without end', `${pgn('1. e4 {no end\n')}${pgn(`${short} 1-0`)}`, { bad: 1, imported: 1 }, ['line 4: a comment has no closing }']],
    ['no result', pgn(`${short} *`), { imported: 0 }, []],
    ['too short', pgn('1. e4 1-0'), { imported: 0 }, []],
    ['another variant that is read', pgn('1. e4 e5 2. Nf3 Nc6 1-0', '[Variant "Chess960"]\n[SetUp "1"]\n[FEN "bqnbrkrn/pppppppp/8/8/8/8/PPPPPPPP/BQNBRKRN w EGeg - 0 1"]').replace('Nf3 Nc6', 'Nb3 Nb6'), { imported: 0 }, []],
    ['twice the same', `${pgn(`${short} 1-0`)}${pgn(`${short} 1-0`)}`, { imported: 1, duplicates: 1 }, []],
    ['the same moves with another result', `${pgn(`${short} 1-0`)}${pgn(`${short} 0-1`)}`, { imported: 2 }, []],
    ['nothing', '', { games: 0, imported: 0 }, []],
    ['no PGN', 'PK\u0003\u0004 garbage\u0000\u0001', { games: 1, bad: 1 }, [expect.stringMatching(/^line 1: /)]],
  ] as const)('%s', async (name, text, counts, reasons) => {
    const bad: string[] = [];
    const path = file(text);
    const result = await run([path], name.replaceAll(' ', '-'), { minPlies: 3, onBad: (where, reason) => bad.push(`${where}: ${reason}`) });
    expect(result).toMatchObject(counts);
    expect(bad.length).toBe(reasons.length);
    for (const [i, reason] of reasons.entries()) expect(bad[i].slice(path.length + 2)).toEqual(reason);
  });

  test('by rating: both players\', and known', async () => {
    const rated = (white: string, black: string, moves: string) => pgn(`${moves} 1-0`, `${white && `[WhiteElo "${white}"]\n`}${black && `[BlackElo "${black}"]`}`);
    const text = rated('2100', '2000', '1. e4') + rated('2100', '1999', '1. d4') + rated('2500', '', '1. c4') + rated('?', '2500', '1. f4');
    expect(await run([file(text)], 'rated', { minElo: 2000 })).toMatchObject({ imported: 1, filtered: { rating: 3 } });
  });
});

test('a game from a position begins there; one that goes on after our end stops there, with our result', async () => {
  const fen = '4k3/8/8/8/8/8/4P3/4K3 w - - 0 1';
  // Bare kings after the pawn is taken: a draw, whatever the record tells.
  const text = `[Event "x"]\n[SetUp "1"]\n[FEN "8/8/8/8/4k3/8/4P3/3K4 b - - 0 1"]\n\n1... Ke3 2. Kc1 Kxe2 3. Kb1 1-0\n\n${pgn('1. e4 Kd7 1/2-1/2', `[SetUp "1"]\n[FEN "${fen}"]`)}`;
  await run([file(text)], 'setup');
  const [first, second] = await stored('setup');
  expect(first.actions.length).toBe(3);
  expect(episodeReturn(first)).toBe(0);
  expect([...first.rootValues]).toEqual([0, 0, 0]);
  expect(second.setup).toBe(fen);
});

test('again stores nothing twice; compressed, piped, several at once and as they are: the same', async () => {
  const texts = [0, 1].map((part) => Array.from({ length: 20 }, (_, i) => random(100 * part + i, 30).pgn).join(''));
  const plain = texts.map((text) => file(text));
  expect(await run(plain, 'plain')).toMatchObject({ games: 40, imported: 40 });
  const total = texts.join('').length;
  expect(await run(plain, 'plain')).toMatchObject({ imported: 0, duplicates: 40, bytes: total, totalBytes: total });
  const zipped = texts.map((text, i) => file(gzipSync(text), `${i}.pgn.gz`));
  await run([zipped[0]], 'zipped');
  expect(await run(zipped, 'zipped')).toMatchObject({ imported: 20, duplicates: 20 });
  await run(['-'], 'piped', { stdin: Readable.from([Buffer.from(texts[0].slice(0, 777)), Buffer.from(texts[0].slice(777) + texts[1])]) });
  const expected = await stored('plain');
  expect(await stored('zipped')).toEqual(expected);
  expect(await stored('piped')).toEqual(expected);
});

test('an interrupted import keeps what it has read, and the same command goes on', async () => {
  const path = file(Array.from({ length: 3000 }, (_, i) => pgn(`1. e4 e5 2. Nf3 Nc6 3. Bb5 a6 ${['4. Ba4', '4. Bxc6', '4. Bc4'][i % 3]} 1-0`, `[Round "${i}"]`).replace('1. e4', `1. ${['e4', 'e3'][i % 2]}`)).join(''));
  const controller = new AbortController();
  const first = await run([path], 'interrupted', { signal: controller.signal, onProgress: () => controller.abort() });
  expect(first.interrupted).toBe(true);
  const second = await run([path], 'interrupted');
  expect(first.imported + second.imported).toBe((await stored('interrupted')).length);
});

test('files that cannot be read are refused before anything is written; a torn one keeps its games', async () => {
  await expect(run([file(pgn(`${short} 1-0`)), join(folder, 'none.pgn')], 'none')).rejects.toThrow(/no such file/);
  await expect(run([folder], 'none')).rejects.toThrow(/is not a file/);
  expect(existsSync(into('none'))).toBe(false);
  const whole = gzipSync(Array.from({ length: 60 }, (_, i) => random(i, 30).pgn).join(''));
  const torn = file(whole.subarray(0, whole.length - 400), 'torn.pgn.gz');
  await expect(run([torn], 'torn')).rejects.toThrow(/torn\.pgn\.gz is not whole gzip data: unexpected end of file; the games before are kept/);
  expect((await stored('torn')).length).toBeGreaterThan(30);
  await expect(run([file('not gzip', 'false.pgn.gz')], 'torn')).rejects.toThrow(/false\.pgn\.gz is not whole gzip data/);
});
