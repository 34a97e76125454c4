import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { UserError } from '#engine';
import { Ledger, type LedgerGame, type LedgerHeader, readLedger } from './ledger.js';
import { type PlanIdentity, canonical, difference } from './plan.js';
import { rateLedgers, wholePairs } from './rate.js';

const folder = mkdtempSync(join(tmpdir(), 'ludus-ledger-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const fresh = (): string => join(folder, `${files++}.jsonl`);

const identity: PlanIdentity = {
  game: { id: 'tic-tac-toe', version: 1 }, format: 'round-robin', seed: 1, openings: { plies: [0, 1] }, adjudication: {},
  players: [{ name: 'A', agent: 'random' }, { name: 'B', agent: 'solver' }, { name: 'C', agent: 'uct:sims=10' }],
};
const head = (plan: PlanIdentity = identity): Omit<LedgerHeader, 'ludusLedger' | 'created'> => ({ version: '0', game: plan.game.id, hash: canonical(plan), plan });
const game = (pair: number, leg: 0 | 1, score: 0 | 0.5 | 1 = 1, a = 'A', b = 'B'): LedgerGame => ({ pair, leg, a, b, score, end: 'normal', opening: { moves: [] }, moves: [0, 1, 2] });

function write(file: string, games: readonly LedgerGame[], plan?: PlanIdentity): void {
  const ledger = Ledger.open(file, head(plan));
  for (const one of games) ledger.append(one);
  ledger.close();
}

test('comes back as it went, and goes on', () => {
  const file = fresh();
  write(file, [game(0, 0), game(0, 1)]);
  const again = Ledger.open(file, head());
  expect(again.before).toEqual([game(0, 0), game(0, 1)]);
  expect(again.repaired).toBe(false);
  again.append(game(1, 0, 0.5));
  again.close();
  expect(readLedger(file)).toMatchObject({ torn: false, header: { hash: canonical(identity) }, games: [game(0, 0), game(0, 1), game(1, 0, 0.5)] });
});

describe('a torn last line', () => {
  const file = fresh();
  write(file, [game(0, 0), game(0, 1)]);
  const whole = readFileSync(file);
  const secondLine = whole.indexOf(10) + 1;
  // Cut anywhere, as a power cut may.
  test.each(Array.from({ length: 12 }, (_, i) => 1 + Math.floor((i * (whole.length - 2)) / 11)))('cut at byte %i', (at) => {
    const cut = fresh();
    writeFileSync(cut, whole.subarray(0, at));
    if (at < secondLine) expect(() => readLedger(cut)).toThrow(/holds no tournament/);
    else {
      const content = readLedger(cut);
      expect(content.games.length).toBe(whole.subarray(0, at).toString().split('\n').length - 2);
      expect(content.torn).toBe(whole[at - 1] !== 10);
    }
    const ledger = Ledger.open(cut, head());
    expect(ledger.repaired).toBe(whole[at - 1] !== 10);
    for (const one of [game(0, 0), game(0, 1)].slice(ledger.before.length)) ledger.append(one);
    ledger.close();
    expect(readLedger(cut).games).toEqual([game(0, 0), game(0, 1)]);
  });
});

describe('what is not this tournament\'s ledger is refused and left alone', () => {
  test.each<[string, (file: string) => void, RegExp]>([
    ['another tournament', (file) => write(file, [], { ...identity, seed: 2 }), /another tournament: seed was 2 and is now 1/],
    ['another player', (file) => write(file, [], { ...identity, players: [...identity.players.slice(0, 2), { name: 'D', agent: 'random' }] }), /players\.2\.name was "D" and is now "C"/],
    ['some other file', (file) => writeFileSync(file, 'dear diary'), /not a tournament's ledger/],
    ['some other lines', (file) => writeFileSync(file, '{"x":1}\n{"y":2}\n'), /first line does not say what was played/],
    ['a later format', (file) => writeFileSync(file, '{"ludusLedger":99}\n'), /format 99/],
    ['a damaged line', (file) => { write(file, [game(0, 0)]); appendFileSync(file, 'oops\n'); }, /line 3 is not valid JSON/],
    ['a score of 2', (file) => { write(file, [game(0, 0)]); appendFileSync(file, `${JSON.stringify({ ...game(0, 1), score: 2 })}\n`); }, /line 3 has a score that is not/],
    ['a stranger', (file) => { write(file, []); appendFileSync(file, `${JSON.stringify(game(0, 1, 1, 'A', 'Z'))}\n`); }, /line 2 has a player 'Z' who does not take part/],
    ['an end that no game has', (file) => { write(file, []); appendFileSync(file, `${JSON.stringify({ ...game(0, 1), end: 'magic' })}\n`); }, /line 2 has an unknown end/],
  ])('%s', (_, make, message) => {
    const file = fresh();
    make(file);
    const before = readFileSync(file);
    expect(() => Ledger.open(file, head())).toThrow(UserError);
    expect(() => Ledger.open(file, head())).toThrow(message);
    expect(readFileSync(file)).toEqual(before);
  });

  test('one process at a time', () => {
    const file = fresh();
    const ledger = Ledger.open(file, head());
    expect(() => Ledger.open(file, head())).toThrow(/is being written by/);
    ledger.close();
    Ledger.open(file, head()).close();
  });
});

test('plans are told apart in words', () => {
  expect(difference({ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] })).toBeUndefined();
  expect(difference({ a: [1, { b: 2 }] }, { a: [1, { b: 3 }] })).toBe('a.1.b was 2 and is now 3');
  expect(difference({}, { clock: 'x' })).toBe('clock was absent and is now "x"');
  expect(canonical({ b: 1, a: { d: undefined, c: [2] } })).toBe('{"a":{"c":[2]},"b":1}');
});

describe('ratings from ledgers', () => {
  test('whole pairs only; of a game that was played again, the last record', () => {
    expect(wholePairs([game(0, 0), game(1, 1), game(0, 0, 0), game(0, 1)])).toEqual([[game(0, 0, 0), game(0, 1)]]);
  });

  // The worked example of arena.md §2: A–B 7W 2D 1L, B–C 6/3/1, A–C 8/1/1; half of each as either leg, so that no side has the first move more often.
  test('the worked example, out of two ledgers', () => {
    const results: [string, string, (0 | 0.5 | 1)[]][] = [
      ['A', 'B', [1, 1, 1, 1, 1, 1, 1, 0.5, 0.5, 0]],
      ['B', 'C', [1, 1, 1, 1, 1, 1, 0.5, 0.5, 0.5, 0]],
      ['A', 'C', [1, 1, 1, 1, 1, 1, 1, 1, 0.5, 0]],
    ];
    const [one, two] = [fresh(), fresh()];
    const all = results.map(([a, b, scores], i) => scores.map((score, j) => game(10 * i + Math.floor(j / 2), (j % 2) as 0 | 1, score, a, b)));
    write(one, [...all[0], ...all[1]]);
    write(two, all[2]);
    const rated = rateLedgers([one, two], { model: 'bt', advantage: false });
    expect(rated.players.map((p) => p.name)).toEqual(['A', 'B', 'C']);
    for (const [i, elo] of [187.2548, -14.9751, -172.2797].entries()) expect(rated.players[i].elo).toBeCloseTo(elo, 4);
    expect(rated.los[0][2]).toBeGreaterThan(0.99);
    expect(rated.games).toBe(30);
    expect(rated.alphaRank![0]).toBeGreaterThan(0.99);
  });

  test('a torn line is said, half a pair left out, those without games listed', () => {
    const file = fresh();
    write(file, [game(0, 0), game(0, 1, 0), game(1, 0)]);
    appendFileSync(file, '{"pair":1,"leg"');
    const rated = rateLedgers([file], { model: 'davidson' });
    expect(rated.ledgers).toMatchObject([{ games: 2, torn: true }]);
    expect(rated.leftOut).toBe(1);
    expect(rated.players.find((p) => p.name === 'C')).toMatchObject({ elo: null, se: null, games: 0 });
    expect(JSON.stringify(rated)).not.toContain('NaN');
  });

  test('groups that never met, and the unbeaten, get no common number', () => {
    const file = fresh();
    const four: PlanIdentity = { ...identity, players: ['A', 'B', 'C', 'D'].map((name) => ({ name, agent: 'random' })) };
    write(file, [game(0, 0), game(0, 1, 0), game(1, 0, 1, 'C', 'D'), game(1, 1, 1, 'C', 'D')], four);
    const rated = rateLedgers([file], { model: 'bt' });
    expect(rated.groups).toBe(3);
    expect(rated.players.map((p) => [p.name, p.elo === null])).toEqual(expect.arrayContaining([['A', false], ['B', false], ['C', true], ['D', true]]));
    const withDraws = rateLedgers([file], { model: 'bt', virtualDraws: 1 });
    expect(withDraws.players.every((p) => p.elo !== null)).toBe(true);
  });

  test('an anchor whom nobody met, and another game\'s ledger', () => {
    const [one, two, three] = [fresh(), fresh(), fresh()];
    write(one, [game(0, 0), game(0, 1, 0)]);
    write(two, [], { ...identity, game: { id: 'connect4', version: 1 } });
    write(three, [], { ...identity, players: [{ name: 'A', agent: 'solver' }] });
    expect(() => rateLedgers([one], { model: 'bt', anchors: { C: 0 } })).toThrow(/the anchor 'C' has no games here/);
    expect(() => rateLedgers([one, two], { model: 'bt' })).toThrow(/no common rating/);
    expect(() => rateLedgers([one, three], { model: 'bt' })).toThrow(/'A' is one agent in .* and another in/);
    expect(rateLedgers([one], { model: 'bt', anchors: { A: 100 } }).players.find((p) => p.name === 'A')).toMatchObject({ elo: expect.closeTo(100, 9), se: 0 });
  });
});
