import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { UserError, createRng } from '#engine';
import { ticTacToe } from '#games';
import { chess } from '#games/chess';
import { type ExternalSpec, parseExternalAgent, printExternalAgent } from '../external.js';
import { parseInfo, parseOption, valueOfCentipawns } from './engine.js';
import { findProgram } from './line-process.js';
import { UciPlayer } from './player.js';

const fake = fileURLToPath(new URL('./fake-engine.mjs', import.meta.url));
const players: UciPlayer[] = [];
afterEach(async () => {
  await Promise.all(players.splice(0).map((player) => player.close()));
  delete process.env.FAKE_FAULT;
  delete process.env.FAKE_MOVE;
});

function uci(text: string): Extract<ExternalSpec, { kind: 'uci' }> {
  const spec = parseExternalAgent(text);
  if (spec?.kind !== 'uci') throw new Error(`${text} is no engine`);
  return spec;
}
async function engine(options = '', environment: Record<string, string> = {}): Promise<UciPlayer> {
  Object.assign(process.env, environment);
  const player = await UciPlayer.start(uci(`uci:${fake}${options}`), chess);
  players.push(player);
  return player;
}
const opening = { position: { moves: [] }, seed: 1 };
const e4 = chess.parseAction(chess.start(createRng(0)), 'e2e4')!;

describe('agents\' strings', () => {
  test.each([
    ['uci:stockfish', 'uci:stockfish'],
    ['uci:stockfish,movetime=50,elo=1320', 'uci:stockfish,elo=1320,movetime=50'],
    ['uci:/usr/games/stockfish, nodes=1000, Skill Level=3,Hash=64', 'uci:/usr/games/stockfish,nodes=1000,Skill Level=3,Hash=64'],
  ])('%s', (text, canonical) => {
    expect(printExternalAgent(uci(text))).toBe(canonical);
    expect(uci(canonical)).toEqual(uci(text));
  });

  test.each([
    ['uci', /needs an engine/], ['uci:', /needs an engine/], ['uci:x,nodes=0', /nodes .* at least 1, not '0'/], ['uci:x,elo=much', /elo .* whole number/],
    ['uci:x,node=5', /did you mean 'nodes'/], ['uci:x,nodes', /key=value/], ['uci:x,=5', /key=value/],
  ])('%s is refused', (text, message) => {
    expect(() => parseExternalAgent(text)).toThrow(message);
  });

  test('others are not external', () => expect(parseExternalAgent('uct:sims=10')).toBeUndefined());
});

// Lines as Stockfish 15.1 writes them.
test('what an engine says of its options and its search', () => {
  expect(parseOption('option name Skill Level type spin default 20 min 0 max 20')).toEqual({ name: 'Skill Level', type: 'spin', min: 0, max: 20, choices: [] });
  expect(parseOption('option name Analysis Contempt type combo default Both var Off var White var Black var Both')?.choices).toEqual(['Off', 'White', 'Black', 'Both']);
  expect(parseOption('option name Clear Hash type button')).toEqual({ name: 'Clear Hash', type: 'button', choices: [] });
  expect(parseOption('optional')).toBeUndefined();
  const info = 'info depth 10 seldepth 12 multipv 1 score cp 34 nodes 7310 nps 1000 hashfull 2 tbhits 0 time 7 pv e2e4';
  expect(parseInfo(info, {})).toEqual({ depth: 10, nodes: 7310, value: valueOfCentipawns(34) });
  expect(parseInfo('info depth 9 score cp 34 wdl 100 850 50 nodes 5', {}).value).toBeCloseTo(0.05, 12);
  expect(parseInfo('info depth 3 score mate -2 nodes 9', {}).value).toBe(-1);
  expect(parseInfo('info depth 3 score mate 4 nodes 9', {}).value).toBe(1);
  expect(parseInfo('info depth 3 score cp 900 lowerbound nodes 9', { value: 0.1 }).value).toBe(0.1);
  expect(parseInfo('info depth 3 multipv 2 score cp 900', { value: 0.1 })).toEqual({ value: 0.1 });
  expect(valueOfCentipawns(0)).toBe(0);
});

describe('an engine', () => {
  test('answers with its move and what it thought', async () => {
    const player = await engine(',nodes=100');
    expect(await player.chooseMany([opening, opening])).toEqual([0, 1].map(() => ({ action: e4, value: valueOfCentipawns(34), simulations: 1234, depth: 7 })));
  });

  test.each([
    [',elo=1500,Hash=64', ''], [',Style=Risky,skill level=3', ''],
    [',Hash=0', /Hash of Fake 1 is a whole number from 1 to 1024, not '0'/], [',Hsh=1', /no option 'Hsh'; did you mean 'Hash'/], [',Style=Wild', /one of Solid, Normal, Risky/],
  ])('with the options %j', async (options, message) => {
    if (message === '') expect((await (await engine(options)).chooseMany([opening])).length).toBe(1);
    else await expect(engine(options)).rejects.toThrow(message);
  });

  test('of a strength that it does not have plays at the nearest, and says so', async () => {
    expect((await engine(',elo=100')).name).toBe(`uci:${fake},elo=1320`);
    expect((await engine(',elo=9999')).name).toBe(`uci:${fake},elo=3190`);
    expect((await engine(',elo=2000')).name).toBe(`uci:${fake},elo=2000`);
  });

  test('plays chess alone, and must be there', async () => {
    await expect(UciPlayer.start(uci(`uci:${fake}`), ticTacToe)).rejects.toThrow(/plays chess, not Tic-tac-toe/i);
    await expect(UciPlayer.start(uci('uci:no-such-engine'), chess)).rejects.toThrow(/no program 'no-such-engine' on the PATH/);
    await expect(UciPlayer.start(uci('uci:/no/such/engine'), chess)).rejects.toThrow(UserError);
    expect(findProgram('node')).toMatch(/node$/);
  });

  test.each([['castles into nowhere', 'e1g1'], ['resigns its wits', '0000'], ['none', '(none)'], ['speaks SAN', 'e4'], ['nothing', '']])('%s: no legal move', async (_, move) => {
    const player = await engine(',nodes=1', { FAKE_MOVE: move });
    expect(await player.chooseMany([opening])).toMatchObject([{ action: -1 }]);
  });

  test.each<[string, string, RegExp]>([
    ['crash', 'crash', /its process ended \(3\): assertion failed/],
    ['stall', 'stall', /did not say its move in 100 ms/],
    ['late', 'stall', /did not say its move in 100 ms/],
    ['babble', 'error', /writes without end/],
    ['endless', 'stall', /did not say its move/],
  ])('%s loses that game, and the next question is answered by a new process', async (fault, reason, message) => {
    const player = await engine(',nodes=1', { FAKE_FAULT: fault });
    // Those who stall are found by time; a crash and babbling by themselves, however long a busy machine takes over it.
    const [answer] = await player.chooseMany([opening], { timeoutMillis: reason === 'stall' ? 100 : 150_000 });
    expect(answer).toMatchObject({ reason, message: expect.stringMatching(message) });
    delete process.env.FAKE_FAULT;
    expect(await player.chooseMany([opening])).toMatchObject([{ action: e4 }]);
  });

  test('one that cannot be ended politely is ended', async () => {
    const player = await engine(',nodes=1', { FAKE_FAULT: 'immortal' });
    await player.close();
    players.length = 0;
  });

  test('an abort stops it', async () => {
    const player = await engine(',nodes=1', { FAKE_FAULT: 'stall' });
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('enough')), 50);
    await expect(player.chooseMany([opening], { timeoutMillis: 200, signal: controller.signal })).rejects.toThrow('enough');
  });
});
