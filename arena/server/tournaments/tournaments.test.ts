import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '#engine';
import { decodeServerMessage, encode } from '#arena/protocol';
import { ticTacToe } from '#games';
import { createAgent } from '../../agents/create.js';
import type { PlayerStarter } from '../../agents/start.js';
import { replay } from '../../position.js';
import { type TournamentInput, type TournamentReport, checkTournament, rateLedgers, runTournament, writeRatingList } from '../../tournament/index.js';
import { NotThere, TournamentLibrary } from './library.js';

const work = mkdtempSync(join(tmpdir(), 'ludus-library-'));
const run = join(work, 'runs', 'mine');
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** Agents in this thread. */
const start: PlayerStarter = async (spec) => {
  if (!('options' in spec)) throw new Error('nobody here');
  const agent = await createAgent(spec, ticTacToe);
  return {
    name: agent.name,
    chooseMany: (requests) => agent.chooseMany(requests.map((r) => ({ state: replay(ticTacToe, r.position), rng: createRng(r.seed) }))),
    close: () => agent.close(),
  };
};

async function play(ledger: string, input: Partial<TournamentInput>): Promise<TournamentReport> {
  const config = checkTournament({ game: 'tic-tac-toe', agents: ['random', 'uct:sims=4', 'uct:sims=16'], pairs: 10, ...input }, 'test');
  return (await runTournament({ config, ledger, version: 'test', start })).report;
}

const league = join(work, 'tournaments', 'league.jsonl');
const test = join(run, 'tournaments', 'test.jsonl');
let reports: { league: TournamentReport; test: TournamentReport };

beforeAll(async () => {
  mkdirSync(join(run, 'tournaments'), { recursive: true });
  writeFileSync(join(run, 'run.json'), '{}');
  reports = {
    league: await play(league, { name: 'The league' }),
    test: await play(test, { format: 'sprt', agents: ['uct:sims=30', 'random'], pairs: 300, sprt: { elo0: 0, elo1: 60 } }),
  };
  writeRatingList(test);
});

const library = (): TournamentLibrary => new TournamentLibrary({ runDir: run, workDir: work });
const idOf = (name: string): string => library().list().find((listing) => listing.id.startsWith(name))!.id;

describe('the list', () => {
  it('finds the ledgers of the working directory and of runs, by ids that tell no path', () => {
    const list = library().list();
    expect(list.map(({ name, game, format, players, run: of, running, fault }) => [name, game, format, players, of, running, fault]).sort()).toEqual([
      ['The league', 'tic-tac-toe', 'round-robin', 3, null, false, null],
      ['test', 'tic-tac-toe', 'sprt', 2, 'mine', false, null],
    ]);
    expect(list.find((listing) => listing.name === 'The league')).toMatchObject({ games: 60, names: ['random', 'uct:sims=4', 'uct:sims=16'] });
    expect(list.every(({ id }) => /^[a-z]+-[0-9a-f]{8}$/.test(id))).toBe(true);
  });

  it('says that one is being played while a living process holds its lock', () => {
    writeFileSync(`${league}.lock`, JSON.stringify({ pid: process.pid, host: hostname() }));
    expect(library().list()[0]).toMatchObject({ name: 'The league', running: true });
    writeFileSync(`${league}.lock`, JSON.stringify({ pid: 2 ** 22 + 1, host: hostname() }));
    expect(library().list().some((listing) => listing.running)).toBe(false);
    rmSync(`${league}.lock`);
  });

  it('names what is wrong with a file that is no ledger, and shows the others', () => {
    const other = join(work, 'tournaments', 'other.jsonl');
    writeFileSync(other, '{"a": 1}\n');
    expect(library().list().map((listing) => listing.fault)).toContain('its first line does not say what is played');
    expect(() => library().view(idOf('other'))).toThrow(/cannot be read: its first line/);
    rmSync(other);
  });

  it.each(['../../etc/passwd', 'league', 'league-00000000', '__proto__'])('has nothing by the id %j', (id) => {
    expect(() => library().view(id)).toThrow(NotThere);
  });
});

describe('a view', () => {
  it('says what the tournament itself reports', () => {
    const { view } = library().view(idOf('league'));
    const { league: report } = reports;
    expect(view).toMatchObject({
      name: 'The league', pairs: 30, games: 60, unrated: 0, damaged: 0, omitted: 0, decided: false, sprt: null, distinctGames: report.distinctGames, distinctOpenings: report.distinctOpenings,
      los: report.los, firstPlayer: report.firstPlayer, ends: [{ end: 'normal', games: 60 }], anchors: Object.entries(report.anchors).map(([name, elo]) => ({ name, elo })),
    });
    expect(view.players.map(({ name, elo, error, wins, draws, losses, points }) => ({ name, elo, error, wins, draws, losses, points })))
      .toEqual(report.players.map(({ name, elo, error, wins, draws, losses, points }) => ({ name, elo, error, wins, draws, losses, points })));
    expect(view.crosstable.map(({ a, b, wins, draws, losses, pairs }) => [view.players[a].name, view.players[b].name, wins, draws, losses, ...pairs]))
      .toEqual(report.crosstable.map(({ a, b, wins, draws, losses, pairs }) => [a, b, wins, draws, losses, ...pairs]));
    const message = { type: 'tournament', tournament: view } as const;
    expect(decodeServerMessage(encode(message))).toEqual(message);
  });

  it('of an SPRT has its ratio, bounds and state', () => {
    const { view } = library().view(idOf('test'));
    expect(view.sprt).toEqual(reports.test.sprt);
    expect(view).toMatchObject({ decided: true, run: 'mine', format: 'sprt', sprt: { state: 'H1', model: 'normalized' } });
    expect(view.games).toBe(reports.test.games);
  });

  it('follows a ledger line by line, torn or not, and ends where the whole one does', () => {
    const lines = readFileSync(league, 'utf8').trimEnd().split('\n');
    const growing = join(work, 'tournaments', 'growing.jsonl');
    writeFileSync(growing, `${lines[0]}\n`);
    const reader = library();
    const id = idOf('growing');
    const seen: number[] = [];
    const versions = new Set<string>();
    for (const line of lines.slice(1)) {
      // In two writes, as a reader may find it.
      appendFileSync(growing, line.slice(0, 40));
      reader.view(id);
      appendFileSync(growing, `${line.slice(40)}\n`);
    }
    while (seen.at(-1) !== 60) {
      const { version, view } = reader.view(id);
      versions.add(version);
      seen.push(view.games);
    }
    const { view } = reader.view(id);
    const whole = library().view(idOf('league')).view;
    expect({ ...view, id: '', name: '', changed: 0 }).toEqual({ ...whole, id: '', name: '', changed: 0 });
    rmSync(growing);
  });

  it('passes over what is no game of the tournament, and counts it', () => {
    const bad = join(work, 'tournaments', 'bad.jsonl');
    const lines = readFileSync(league, 'utf8').trimEnd().split('\n');
    const game = JSON.parse(lines[1]) as Record<string, unknown>;
    const wrong = [{ ...game, a: 'nobody' }, { ...game, score: 2 }, { ...game, end: 'magic' }, { ...game, moves: ['e4'] }, { ...game, pair: -1 }, { ...game, opening: null }, { ...game, fault: { by: 'c', message: '' } }, 7];
    writeFileSync(bad, [...lines, ...wrong.map((line) => JSON.stringify(line)), '{', ''].join('\n'));
    expect(library().view(idOf('bad')).view).toMatchObject({ games: 60, damaged: wrong.length + 1 });
    rmSync(bad);
  });
});

describe('games', () => {
  it('come newest first, of all, of one player, of two', () => {
    const id = idOf('league');
    const reader = library();
    const numbers = readFileSync(league, 'utf8').trimEnd().split('\n').slice(1).map((line) => JSON.parse(line) as { pair: number; leg: number }).map(({ pair, leg }) => 2 * pair + leg);
    const first = reader.games(id, [], 0);
    const rest = [24, 48].map((offset) => reader.games(id, [], offset));
    expect([first, ...rest].map(({ total, games }) => [total, games.length])).toEqual([[60, 24], [60, 24], [60, 12]]);
    expect([first, ...rest].flatMap(({ games }) => games).map((game) => game.game)).toEqual(numbers.reverse());
    expect(reader.games(id, ['random'], 0).total).toBe(40);
    const two = reader.games(id, ['uct:sims=16', 'random'], 0);
    expect(two.total).toBe(20);
    const points = two.games.reduce((sum, game) => sum + (game.first === 'random' ? 1 - game.score : game.score), 0);
    const couple = reports.league.crosstable.find((c) => c.a === 'random' && c.b === 'uct:sims=16')!;
    expect(points).toBe(couple.losses + couple.draws / 2);
    expect(reader.games(id, ['nobody'], 0)).toEqual({ total: 0, games: [] });
  });

  it('replay to the result on record', () => {
    const id = idOf('league');
    const reader = library();
    for (const row of [0, 24, 48].flatMap((offset) => reader.games(id, [], offset).games)) {
      const game = reader.game(id, row.game);
      expect(game).toMatchObject({ ...row, rules: 'tic-tac-toe', setup: null, faultBy: null, message: null });
      const state = ticTacToe.start(createRng(0));
      let returns = 0;
      for (const action of [...game.opening, ...game.moves]) returns = state.apply(action);
      expect((returns + 1) / 2).toBe(game.score);
    }
    expect(() => reader.game(id, 60)).toThrow('no such game');
  });
});

it('the standing list of a run: what was written, with the tournaments where its games are', () => {
  const { list } = library().ratings()!;
  const rated = rateLedgers([test], { model: 'bt', virtualDraws: 1, anchors: { random: 0 } });
  expect(list.players.map((player) => player.name)).toEqual(rated.players.map((player) => player.name));
  expect(list).toMatchObject({ model: 'bt', virtualDraws: 1, games: rated.games, tournaments: [{ id: idOf('test'), name: 'test', games: rated.games }] });
  expect(new TournamentLibrary({ runDir: join(work, 'none'), workDir: work }).ratings()).toBeUndefined();
  writeFileSync(join(run, 'ratings.json'), '{"format":1,"players":');
  expect(library().ratings()).toBeUndefined();
});
